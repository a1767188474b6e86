// Charts, drawn as Slack does: a title, the figures, a legend.
// https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block

import { h } from '../dom.js';
import { area, bars, lines } from './plot.js';
import { number, pie, share } from './pie.js';

const kinds = { area, bar: bars, line: lines };

export function chart(b) {
  const c = b.chart;
  const round = c.type === 'pie';
  if (!round && !Object.hasOwn(kinds, c.type)) return h('div', { class: 'unknown' }, `[${c.type} chart]`);
  return h(
    'figure',
    { class: ['chart', 'chart-' + c.type], data: { chart: c.type } },
    h('figcaption', { class: 'chart-title' }, b.title),
    h('div', { class: 'chart-body', role: 'img', 'aria-label': spoken(b) }, round ? pie(c.segments) : kinds[c.type](c)),
    round ? shares(c.segments) : legend(c.series),
  );
}

const swatch = (i) => h('span', { class: ['swatch', 'series-' + (i + 1)] });

function legend(series) {
  return h('ul', { class: 'legend', 'aria-hidden': 'true' }, series.map((s, i) => h('li', {}, swatch(i), s.name)));
}

function shares(segments) {
  const all = segments.reduce((sum, s) => sum + s.value, 0);
  return h(
    'ul',
    { class: 'legend shares', 'aria-hidden': 'true' },
    segments.map((s, i) => h('li', {}, swatch(i), h('span', { class: 'share-name' }, s.label), h('span', { class: 'share' }, number(s.value)), h('span', { class: 'share' }, share(s.value, all)))),
  );
}

// spoken is what somebody hears who does not see the chart: all of its figures.
function spoken({ title, chart: c }) {
  const list = (points) => points.map((p) => `${p.label} ${number(p.value)}`).join(', ');
  const figures = c.type === 'pie' ? list(c.segments) : c.series.map((s) => `${s.name}: ${list(s.data)}`).join('; ');
  return `${title}, ${c.type} chart. ${figures}.`;
}
