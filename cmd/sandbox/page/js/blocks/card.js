// A card: a few words with buttons. https://docs.slack.dev/reference/block-kit/blocks/card-block

import { complaint, element, picture } from '../elements.js';
import { h } from '../dom.js';
import { textOf } from '../mrkdwn.js';

export function card(b, place) {
  const line = (text, name) => text && h('div', { class: ['text', name] }, textOf(text));
  return h(
    'div',
    { class: 'card-block' },
    b.hero_image && picture(b.hero_image, true),
    h('div', { class: 'card-head' }, b.icon && picture(b.icon), h('div', {}, line(b.title, 'card-title'), line(b.subtitle, 'card-sub'))),
    line(b.body),
    line(b.subtext, 'card-sub'),
    b.actions && [h('div', { class: 'actions' }, b.actions.map((e) => element(e, b, place))), complaint(b.actions, place)],
  );
}
