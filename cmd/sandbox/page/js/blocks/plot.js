// Charts with axes: categories from left to right, values upwards.

import { h } from '../dom.js';
import { number } from './pie.js';

const width = 480;
const height = 232;
const right = 8;
const top = 10;
// How wide a character of the axes is, about.
const letter = 6.2;

export function lines(c) {
  return plot(c, (f) => series(f, (s, i) => [curve(f, s, i), dots(f, s, i)]));
}

export function area(c) {
  return plot(c, (f) => series(f, (s, i) => [beneath(f, s, i), curve(f, s, i), dots(f, s, i)]));
}

export function bars(c) {
  const gap = 2;
  return plot(c, (f) => {
    const room = Math.min(f.step * 0.72, 46 * c.series.length);
    const each = room / c.series.length;
    return series(f, (s, i) =>
      f.categories.map((name, j) => {
        const value = f.value(s, name);
        const [high, low] = [f.y(Math.max(value, 0)), f.y(Math.min(value, 0))];
        const x = f.x(j) - room / 2 + i * each;
        return h('rect', { class: ['bar', 'series-' + (i + 1)], x: fixed(x), y: fixed(high), width: fixed(Math.max(each - gap, 1)), height: fixed(low - high), rx: 2 }, says(s, name, value));
      }),
    );
  });
}

const fixed = (n) => n.toFixed(1);
const says = (s, name, value) => h('title', {}, `${s.name}, ${name}: ${number(value)}`);
const series = (f, draw) => f.series.map((s, i) => h('g', {}, draw(s, i)));

// plot draws the axes and, between them, what draw makes of the frame.
function plot({ series: list, axis_config: axis }, draw) {
  const f = frame(list, axis);
  return h(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, 'aria-hidden': 'true' },
    h('g', { class: 'grid' }, f.ticks.map((t) => h('line', { class: t === 0 && 'zero', x1: f.left, x2: width - right, y1: fixed(f.y(t)), y2: fixed(f.y(t)) }))),
    h('g', { class: 'ticks-y' }, f.ticks.map((t) => h('text', { x: f.left - 7, y: fixed(f.y(t) + 4) }, number(t)))),
    h('g', { class: 'ticks-x' }, f.named.map((j) => h('text', { x: fixed(f.x(j)), y: f.bottom + 17 }, f.categories[j]))),
    axis.x_label && h('text', { class: 'axis-label', x: fixed((f.left + width - right) / 2), y: height - 4 }, axis.x_label),
    axis.y_label && h('text', { class: 'axis-label', transform: `translate(11 ${fixed((top + f.bottom) / 2)}) rotate(-90)` }, axis.y_label),
    draw(f),
  );
}

// frame says where on the drawing each category and each value is.
function frame(list, axis) {
  const categories = axis.categories;
  const values = list.flatMap((s) => s.data.map((p) => p.value));
  const ticks = scale(Math.min(0, ...values), Math.max(0, ...values));
  const [least, most] = [ticks[0], ticks.at(-1)];
  const widest = Math.max(...ticks.map((t) => number(t).length));
  const left = widest * letter + 12 + (axis.y_label ? 18 : 0);
  const bottom = height - 24 - (axis.x_label ? 18 : 0);
  const step = (width - right - left) / categories.length;
  const f = { series: list, categories, ticks, left, bottom, step };
  f.x = (j) => left + step * (j + 0.5);
  f.y = (v) => bottom - ((v - least) / (most - least)) * (bottom - top);
  f.value = (s, name) => s.data.find((p) => p.label === name)?.value ?? 0;
  f.named = fitting(categories, step);
  return f;
}

// fitting are the categories whose names have room below the axis.
function fitting(categories, step) {
  const longest = Math.max(...categories.map((c) => [...c].length)) * letter + 10;
  const every = Math.max(1, Math.ceil(longest / step));
  return categories.map((_, j) => j).filter((j) => j % every === 0);
}

// scale gives three to six round numbers around the values.
function scale(least, most) {
  const rough = (most - least || 1) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const unit = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough);
  const out = [];
  for (let n = Math.floor(least / unit); n < most / unit || out.length < 2; n++) out.push(n * unit);
  if (out.at(-1) < most) out.push(out.at(-1) + unit);
  return out.map((v) => Number(v.toPrecision(12)));
}

const points = (f, s) => f.categories.map((name, j) => `${fixed(f.x(j))},${fixed(f.y(f.value(s, name)))}`);

function curve(f, s, i) {
  return h('polyline', { class: ['curve', 'series-' + (i + 1)], points: points(f, s).join(' ') });
}

function beneath(f, s, i) {
  const ends = [`${fixed(f.x(f.categories.length - 1))},${fixed(f.y(0))}`, `${fixed(f.x(0))},${fixed(f.y(0))}`];
  return h('path', { class: ['beneath', 'series-' + (i + 1)], d: `M${[...points(f, s), ...ends].join('L')}Z` });
}

function dots(f, s, i) {
  return f.categories.map((name, j) => {
    const value = f.value(s, name);
    return h('circle', { class: ['dot', 'series-' + (i + 1)], cx: fixed(f.x(j)), cy: fixed(f.y(value)), r: 3.2 }, says(s, name, value));
  });
}
