// A labelled field of a view, with what the app found wrong in it.
// https://docs.slack.dev/reference/block-kit/blocks/input-block

import { h } from '../dom.js';
import { complaint } from '../elements.js';
import { field, isGroup } from '../fields.js';
import { icon } from '../icons.js';
import { textOf } from '../mrkdwn.js';
import { press } from '../press.js';

export function input(b, place) {
  const id = `input-${place.view.id}-${b.block_id}`;
  const wrong = place.errors?.[b.block_id];
  const group = isGroup(b.element);
  const about = {
    id,
    'aria-describedby': [wrong && id + '-wrong', b.hint && id + '-hint'].filter(Boolean).join(' ') || false,
    'aria-invalid': wrong ? 'true' : false,
    'aria-labelledby': group ? id + '-label' : false,
    'aria-required': b.optional || group ? false : 'true',
  };
  const chosen = b.dispatch_action ? (value) => press(place, b.element, b, value) : undefined;
  return h(
    'div',
    { class: ['labelled', wrong && 'wrong'], data: { required: b.optional ? false : b.block_id } },
    h('label', { id: id + '-label', for: group ? false : id, class: 'label' }, textOf(b.label), b.optional && h('span', { class: 'optional' }, ' (optional)')),
    field(b.element, b, place, { chosen, about, removable: b.optional }) ?? h('span', { class: 'unknown' }, `[${b.element.type}]`),
    chosen && complaint([b.element], place),
    wrong && h('p', { id: id + '-wrong', class: 'complaint', role: 'alert' }, icon('alert'), wrong),
    b.hint && h('p', { id: id + '-hint', class: 'field-note' }, textOf(b.hint)),
  );
}
