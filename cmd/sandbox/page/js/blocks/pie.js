// The parts of a whole, as wedges from the top on clockwise.

import { h } from '../dom.js';

const radius = 78;

export function pie(segments) {
  const all = segments.reduce((sum, s) => sum + s.value, 0);
  let from = 0;
  const wedges = segments.map((s, i) => {
    const to = from + s.value / all;
    const node = wedge(from, to, i, `${s.label}: ${number(s.value)} (${share(s.value, all)})`);
    from = to;
    return node;
  });
  return h('svg', { class: 'pie', viewBox: '-80 -80 160 160', 'aria-hidden': 'true' }, wedges);
}

function wedge(from, to, i, words) {
  const look = { class: ['wedge', 'series-' + (i + 1)] };
  // An arc that ends where it begins draws nothing.
  if (to - from > 0.9999) return h('circle', { r: radius, ...look }, h('title', {}, words));
  const long = to - from > 0.5 ? 1 : 0;
  return h('path', { d: `M0 0 L${at(from)} A${radius} ${radius} 0 ${long} 1 ${at(to)} Z`, ...look }, h('title', {}, words));
}

function at(turn) {
  const angle = (turn - 0.25) * 2 * Math.PI;
  return `${(radius * Math.cos(angle)).toFixed(2)} ${(radius * Math.sin(angle)).toFixed(2)}`;
}

export const number = (value) => value.toLocaleString('en', { maximumFractionDigits: 2 });

export const share = (value, all) => `${Math.round((100 * value) / all)} %`;
