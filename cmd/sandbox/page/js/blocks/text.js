// The plain blocks: text, pictures and what is pressed.

import { complaint, element, picture } from '../elements.js';
import { h } from '../dom.js';
import { icon } from '../icons.js';
import { textOf } from '../mrkdwn.js';

export function section(b, place) {
  return [
    h(
      'div',
      { class: 'section' },
      h(
        'div',
        { class: 'section-text' },
        b.text && h('div', { class: 'text' }, textOf(b.text)),
        b.fields && h('div', { class: 'fields' }, b.fields.map((f) => h('div', { class: 'text' }, textOf(f)))),
      ),
      b.accessory && h('div', { class: 'accessory' }, element(b.accessory, b, place)),
    ),
    b.accessory && complaint([b.accessory], place),
  ];
}

export function header(b) {
  return h('h3', { class: 'block-title' }, textOf(b.text));
}

export function context(b) {
  return h(
    'div',
    { class: 'context' },
    b.elements.map((e) => (e.type === 'image' ? picture(e) : h('span', { class: 'text' }, textOf(e)))),
  );
}

export function actions(b, place) {
  return [h('div', { class: 'actions' }, b.elements.map((e) => element(e, b, place))), complaint(b.elements, place)];
}

export function image(b) {
  return h('figure', { class: 'figure' }, b.title && h('figcaption', {}, textOf(b.title)), picture(b, true));
}

export function alert(b) {
  return h('div', { class: ['alert', b.level ?? 'default'] }, icon('alert'), h('div', { class: 'text' }, textOf(b.text)));
}
