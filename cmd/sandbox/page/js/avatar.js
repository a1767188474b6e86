// A person's initials on a colour of their own.

import { h } from './dom.js';
import { icon } from './icons.js';
import { nameOf, user } from './select.js';

const hues = 8;

export function avatar(id, size = '') {
  if (user(id)?.is_bot) return h('span', { class: ['avatar', 'bot', size], 'aria-hidden': 'true' }, icon('cloud'));
  const initials = nameOf(id)
    .split(' ')
    .map((word) => [...word][0])
    .slice(0, 2)
    .join('');
  return h('span', { class: ['avatar', 'hue-' + hue(id), size], 'aria-hidden': 'true' }, initials);
}

function hue(id) {
  let sum = 0;
  for (const c of id) sum = (sum * 31 + c.codePointAt(0)) % 997;
  return sum % hues;
}
