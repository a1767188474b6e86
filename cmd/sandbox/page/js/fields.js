// Draws what people fill in or choose from, and reads what they did.
// https://docs.slack.dev/reference/block-kit/block-elements

import { h } from './dom.js';
import { textOf } from './mrkdwn.js';
import { nameOf, slack } from './select.js';
import { typeahead } from './typeahead.js';

// Every field stands in an element with these marks, by which collect finds it.
function frame(e, block, ...children) {
  return h('div', { class: ['field', 'field-' + e.type], data: { field: e.type, 'block-id': block.block_id, 'action-id': e.action_id } }, children);
}

// field draws an element. chosen is called with each new value, where the app
// wants to hear of it; about are attributes that tie the field to its label.
export function field(e, block, place, { chosen, about = {}, removable = false } = {}) {
  if (isExternal(e)) {
    return frame(e, block, typeahead(e, block, place, { about, removable, told: chosen, read: () => collect(place) }));
  }
  if (!Object.hasOwn(kinds, e.type)) return undefined;
  const on = chosen ? { change: (event) => chosen(valueOf(event.currentTarget.closest('[data-field]'))) } : {};
  return frame(e, block, kinds[e.type](e, { ...about, on }, block));
}

const kinds = {
  plain_text_input: (e, more) =>
    typed(e, more, e.multiline ? 'textarea' : 'input', { maxlength: e.max_length, minlength: e.min_length, rows: e.multiline ? 4 : undefined }),
  email_text_input: (e, more) => typed(e, more, 'input', { type: 'email' }),
  url_text_input: (e, more) => typed(e, more, 'input', { type: 'url' }),
  number_input: (e, more) =>
    typed(e, more, 'input', { type: 'number', min: e.min_value, max: e.max_value, step: e.is_decimal_allowed ? 'any' : 1 }),
  rich_text_input: (e, more) => h('textarea', { class: 'input', rows: 4, placeholder: e.placeholder?.text, ...more }),
  datepicker: (e, more) => typed(e, more, 'input', { type: 'date' }, e.initial_date),
  timepicker: (e, more) => typed(e, more, 'input', { type: 'time' }, e.initial_time),
  datetimepicker: (e, more) => typed(e, more, 'input', { type: 'datetime-local' }, localTime(e.initial_date_time)),
  static_select: (e, more) => menu(e, more, e.option_groups ?? [{ options: e.options }], e.initial_option?.value),
  users_select: (e, more) => menu(e, more, [{ options: people() }], e.initial_user),
  channels_select: (e, more) => menu(e, more, [{ options: channels() }], e.initial_channel),
  conversations_select: (e, more) => menu(e, more, [{ options: [...channels(), ...people()] }], e.initial_conversation),
  multi_static_select: (e, more) => ticks(e, more, flat(e), e.initial_options?.map((o) => o.value)),
  multi_users_select: (e, more) => ticks(e, more, people(), e.initial_users),
  multi_channels_select: (e, more) => ticks(e, more, channels(), e.initial_channels),
  multi_conversations_select: (e, more) => ticks(e, more, [...channels(), ...people()], e.initial_conversations),
  checkboxes: (e, more) => ticks(e, more, e.options, e.initial_options?.map((o) => o.value)),
  radio_buttons: (e, more) => ticks(e, more, e.options, e.initial_option ? [e.initial_option.value] : [], 'radio'),
  file_input: () => h('p', { class: 'field-note' }, 'Files cannot be attached in the sandbox.'),
};

const isExternal = (e) => ['external_select', 'multi_external_select'].includes(e.type);

// isField reports whether an element holds a value.
export const isField = (e) => isExternal(e) || Object.hasOwn(kinds, e.type);

// isGroup reports whether a field is many inputs, which have a legend and no label.
export const isGroup = (e) => ['checkboxes', 'radio_buttons'].includes(e.type) || (e.type.startsWith('multi_') && e.type !== 'multi_external_select');

function typed(e, more, tag, attributes, initial = e.initial_value) {
  const start = initial === undefined || initial === null ? '' : String(initial);
  return h(tag, {
    class: 'input', type: tag === 'input' ? 'text' : undefined, autocomplete: 'off', placeholder: e.placeholder?.text, ...attributes,
    data: { initial: start === '' ? undefined : start }, initial: { value: start }, ...more,
  });
}

function menu(e, more, groups, initial) {
  const option = (o) => h('option', { value: o.value }, o.text.text);
  return h(
    'select',
    { class: 'input', initial: { value: initial ?? '' }, data: { initial }, ...more },
    h('option', { value: '' }, e.placeholder?.text ?? 'Choose an option'),
    groups.map((g) => (g.label ? h('optgroup', { label: g.label.text }, g.options.map(option)) : g.options.map(option))),
  );
}

function ticks(e, more, options, initial = [], type = 'checkbox') {
  const { on, ...about } = more;
  return h(
    'div',
    { class: 'ticks', role: type === 'radio' ? 'radiogroup' : 'group', on, ...about },
    options.map((o) =>
      h(
        'label',
        { class: 'tick' },
        h('input', { type, name: e.action_id, value: o.value, initial: { checked: initial?.includes(o.value) ?? false } }),
        h('span', {}, textOf(o.text), o.description && h('small', {}, textOf(o.description))),
      ),
    ),
  );
}

const flat = (e) => e.options ?? e.option_groups.flatMap((g) => g.options);
const plain = (text) => ({ type: 'plain_text', text, emoji: false });
const people = () => slack().users.filter((u) => !u.is_bot && !u.deleted).map((u) => ({ value: u.id, text: plain(nameOf(u.id)) }));
const channels = () => slack().channels.filter((c) => !c.is_im).map((c) => ({ value: c.id, text: plain('#' + c.name) }));

function localTime(seconds) {
  if (!seconds) return undefined;
  const date = new Date(seconds * 1000);
  return new Date(date - date.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}

// collect reads every field of a view or a message: block_id to action_id to
// value. What is empty and always was is left out.
export function collect(place) {
  const values = {};
  for (const field of rootOf(place)?.querySelectorAll('[data-field]') ?? []) {
    const value = valueOf(field);
    if (value === undefined) continue;
    (values[field.dataset.blockId] ??= {})[field.dataset.actionId] = value;
  }
  return values;
}

// rootOf is where a place is drawn. A message may be drawn twice, in its channel
// and over its thread: then it is where the person is.
function rootOf({ view, ts }) {
  const css = view ? `[data-view="${CSS.escape(view.id)}"]` : `article[data-ts="${CSS.escape(ts)}"]`;
  const roots = [...document.querySelectorAll(css)];
  return roots.find((root) => root.contains(document.activeElement)) ?? roots[0];
}

function valueOf(root) {
  const kind = root.dataset.field;
  if (isExternal({ type: kind })) return externalValue(kind, JSON.parse(root.querySelector('[data-chosen]').dataset.chosen));
  const checked = [...root.querySelectorAll('input:checked')].map((i) => i.value);
  if (kind === 'radio_buttons') return checked[0];
  if (root.querySelector('.ticks')) return checked;
  const input = root.querySelector('.input');
  if (!input || (input.value === '' && input.dataset.initial === undefined)) return undefined;
  if (kind === 'datetimepicker') return Math.floor(new Date(input.value) / 1000);
  if (kind === 'rich_text_input') return richValue(input.value);
  return input.value;
}

// An empty menu says so: it may have held something before.
const externalValue = (kind, chosen) => (kind === 'external_select' ? (chosen[0] ?? '') : chosen);

function richValue(text) {
  const section = { type: 'rich_text_section', elements: [{ type: 'text', text }] };
  return { type: 'rich_text_input', rich_text_value: { type: 'rich_text', elements: [section] } };
}

// isEmpty reports whether a field that must be filled in is not.
export function isEmpty(root) {
  const value = valueOf(root);
  return value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
}
