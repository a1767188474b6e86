// Says for a moment what was done.

import { draw, h } from './dom.js';
import { icon } from './icons.js';

const shown = [];
const stay = 5000;
let number = 0;

export function toast(text, tone = 'good') {
  const one = { id: ++number, text, tone };
  shown.push(one);
  if (shown.length > 4) shown.shift();
  redraw();
  setTimeout(() => {
    const i = shown.indexOf(one);
    if (i >= 0) shown.splice(i, 1);
    redraw();
  }, stay);
}

function redraw() {
  draw(
    document.getElementById('toasts'),
    shown.map((t) => h('div', { key: t.id, class: ['toast', t.tone] }, icon(t.tone === 'good' ? 'check' : 'alert'), h('span', {}, t.text))),
  );
}
