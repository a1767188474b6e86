// Draws what people press: the elements of actions blocks and accessories.
// https://docs.slack.dev/reference/block-kit/block-elements

import { h } from './dom.js';
import { field, isField } from './fields.js';
import { icon } from './icons.js';
import { textOf } from './mrkdwn.js';
import { press, pressed } from './press.js';
import { outward, safe } from './text.js';

const kinds = {
  button,
  workflow_button: button,
  overflow,
  image: (e) => picture(e),
};

// element draws one, and says so where it cannot.
export function element(e, block, place) {
  if (Object.hasOwn(kinds, e.type)) return kinds[e.type](e, block, place);
  if (isField(e)) {
    const about = { 'aria-label': e.placeholder?.text ?? e.action_id };
    return field(e, block, place, { about, chosen: (value) => press(place, e, block, value) });
  }
  return h('span', { class: 'unknown' }, `[${e.type}]`);
}

function button(e, block, place) {
  const at = pressed(place, e);
  const look = {
    class: ['btn', e.style, at?.waiting && 'waiting'],
    data: { 'action-id': e.action_id, value: e.value },
    'aria-label': e.accessibility_label,
    'aria-busy': at?.waiting ? 'true' : false,
  };
  const send = () => press(place, e, block, e.value);
  const href = e.url && safe(e.url);
  if (href) return h('a', { ...look, ...outward(href, send) }, textOf(e.text));
  return h('button', { type: 'button', ...look, on: { click: send } }, textOf(e.text));
}

function overflow(e, block, place) {
  const pick = (o) => (event) => {
    event.currentTarget.closest('details').open = false;
    press(place, e, block, o.value);
  };
  const option = (o) => {
    const href = o.url && safe(o.url);
    const inside = [textOf(o.text), o.description && h('small', {}, textOf(o.description))];
    if (href) return h('a', { class: 'menu-item', ...outward(href, pick(o)) }, inside);
    return h('button', { type: 'button', class: 'menu-item', data: { value: o.value }, on: { click: pick(o) } }, inside);
  };
  return h(
    'details',
    { class: 'overflow', data: { 'action-id': e.action_id } },
    h('summary', { class: 'btn', 'aria-label': 'More actions' }, '⋯'),
    h('div', { class: 'menu' }, e.options.map(option)),
  );
}

// picture stands for an image: the page loads nothing from anywhere.
export function picture(e, large = false) {
  return h('span', { class: ['picture', large && 'large'], role: 'img', 'aria-label': e.alt_text }, icon('image'), large && h('span', {}, e.alt_text));
}

// complaint says that a press on one of these was not answered.
export function complaint(elements, place) {
  const failures = elements.map((e) => pressed(place, e)?.failure).filter(Boolean);
  return failures.length > 0 && h('p', { class: 'complaint', role: 'alert' }, icon('alert'), failures[0]);
}
