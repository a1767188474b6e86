// The box in which people write, with completion of commands.

import { h } from './dom.js';
import { icon } from './icons.js';
import { changed, state } from './state.js';

// One draft for each place, kept while the person looks elsewhere.
const drafts = new Map();
const history = [];

function draftOf(key) {
  if (!drafts.has(key)) drafts.set(key, { text: '', active: -1, closed: false, input: null, back: 0 });
  return drafts.get(key);
}

// composer draws the box. suggest completes a text, and may be left out; submit
// takes what was written.
export function composer({ key, label, suggest, submit }) {
  const draft = draftOf(key);
  const found = suggest && !draft.closed ? suggest(draft.text) : { items: [] };
  // Nothing is left to complete where the only word that fits stands there.
  if (found.items.length === 1 && draft.text.slice(found.start) === found.items[0].text && !found.items[0].more) found.items = [];
  const open = found.items.length > 0;
  const id = 'composer-' + (suggest ? 'channel' : 'thread');
  const act = { draft, found, submit };
  return h(
    'form',
    { key: 'composer', class: 'composer', on: { submit: (e) => { e.preventDefault(); finish(act); } } },
    open && list(id, act),
    h(
      'div',
      { key: 'box', class: 'composer-box' },
      h('textarea', {
        key, rows: 1, placeholder: label, 'aria-label': label, autocomplete: 'off', spellcheck: 'false', data: { composer: suggest ? 'channel' : 'thread' },
        role: suggest ? 'combobox' : false, 'aria-expanded': suggest ? String(open) : false, 'aria-controls': open ? id : false,
        'aria-autocomplete': suggest ? 'list' : false, 'aria-activedescendant': open && activeOf(act) >= 0 ? `${id}-${activeOf(act)}` : false,
        initial: { value: draft.text },
        made: (input) => made(draft, input, suggest ? 'channel' : 'thread'),
        on: { input: (e) => typed(draft, e.target), keydown: (e) => pressed(e, act), keypress: noBreak },
      }),
      h('button', { type: 'submit', class: 'send', 'aria-label': 'Send', disabled: draft.text.trim() === '' }, icon('send')),
    ),
  );
}

// made takes the focus where the person just went there, and only then.
function made(draft, input, where) {
  draft.input = input;
  grow(input);
  if (state.focus !== where) return;
  state.focus = '';
  // What is being drawn is not laid out yet.
  queueMicrotask(() => input.focus());
}

// activeOf is the item that Enter would take: none until chosen where the
// command is complete without.
function activeOf({ draft, found }) {
  if (draft.active >= 0) return Math.min(draft.active, found.items.length - 1);
  if (!found.required || draft.text.slice(found.start) === found.items[0]?.text) return -1;
  return 0;
}

function list(id, act) {
  const active = activeOf(act);
  return h(
    'div',
    { key: 'completions', class: 'completions' },
    h(
      'ul',
      { id, role: 'listbox', 'aria-label': 'Completions' },
      act.found.items.map((item, i) =>
        h(
          'li',
          {
            id: `${id}-${i}`, role: 'option', class: ['completion', i === active && 'active'], 'aria-selected': String(i === active), data: { completion: item.text },
            // The press must not take the focus from the box.
            on: { mousedown: (e) => { e.preventDefault(); take(act, i); } },
          },
          h('span', { class: 'completion-text' }, item.label ?? item.text),
          item.detail && h('span', { class: 'completion-detail' }, item.detail),
        ),
      ),
    ),
    h('p', { class: 'completion-keys' }, h('kbd', {}, '↑'), h('kbd', {}, '↓'), ' choose ', h('kbd', {}, 'Tab'), ' complete ', h('kbd', {}, 'Enter'), active >= 0 ? ' take ' : ' send ', h('kbd', {}, 'Esc'), ' close'),
  );
}

function typed(draft, input) {
  Object.assign(draft, { text: input.value, active: -1, closed: false, back: 0 });
  grow(input);
  changed();
}

function write(draft, text) {
  draft.input.value = text;
  typed(draft, draft.input);
}

function take({ draft, found }, i) {
  const item = found.items[i];
  write(draft, draft.text.slice(0, found.start) + item.text + ' ');
}

function finish({ draft, submit }) {
  const text = draft.text;
  if (text.trim() === '') return;
  history.push(text.trim());
  write(draft, '');
  submit(text);
}

function grow(input) {
  input.style.setProperty('height', 'auto');
  if (input.scrollHeight) input.style.setProperty('height', Math.min(input.scrollHeight, 160) + 'px');
}

const keys = {
  ArrowDown: (act) => move(act, 1),
  ArrowUp: (act) => move(act, -1),
  Tab: (act) => act.found.items.length > 0 && (take(act, Math.max(0, activeOf(act))), true),
  Enter: (act) => {
    const active = act.found.items.length > 0 ? activeOf(act) : -1;
    if (active >= 0) take(act, active);
    else finish(act);
    return true;
  },
  Escape: ({ draft, found }) => {
    if (found.items.length === 0) return false;
    draft.closed = true;
    changed();
    return true;
  },
};

function pressed(e, act) {
  if (e.isComposing || e.shiftKey || e.altKey || e.ctrlKey || e.metaKey) return;
  if (Object.hasOwn(keys, e.key) && keys[e.key](act)) {
    e.preventDefault();
    e.stopPropagation();
  }
}

// noBreak keeps out the line break that some keyboards send apart from its key.
function noBreak(e) {
  if (e.key === 'Enter' && !e.shiftKey) e.preventDefault();
}

function move(act, by) {
  const { draft, found } = act;
  const count = found.items.length;
  if (count === 0) return by < 0 && recall(draft);
  const at = activeOf(act);
  draft.active = at < 0 ? (by > 0 ? 0 : count - 1) : (at + by + count) % count;
  changed();
  return true;
}

// recall brings back what was sent before, as long as nothing else is written.
function recall(draft) {
  const before = history[history.length - 1 - draft.back];
  if (!before || (draft.text !== '' && draft.text !== history[history.length - draft.back])) return false;
  const back = draft.back + 1;
  write(draft, before);
  Object.assign(draft, { back, closed: true });
  return true;
}
