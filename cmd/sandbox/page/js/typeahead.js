// A menu whose options the app names while somebody types.
// https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#external_select

import { post, sentence } from './api.js';
import { h } from './dom.js';
import { icon } from './icons.js';
import { changed, state } from './state.js';

// How long somebody has to pause before the app is asked.
const pause = 200;

// What is open, typed and chosen in each menu, while it is looked at.
const menus = new Map();

function menuOf(e, block, place) {
  const key = JSON.stringify([state.person, place.view?.id ?? place.channel + place.ts, block.block_id, e.action_id]);
  if (!menus.has(key)) menus.set(key, { chosen: first(e), typed: null, open: false, active: 0, groups: [], says: '', turn: 0, timer: 0 });
  return menus.get(key);
}

const first = (e) => (e.initial_options ?? (e.initial_option ? [e.initial_option] : [])).map((o) => ({ text: o.text.text, value: o.value }));
const many = (e) => e.type.startsWith('multi_');
// Slack asks from the third character on, unless the app says otherwise.
const least = (e) => e.min_query_length ?? 3;

// typeahead draws the menu. told is called with each choice, where the app wants
// to hear of it; read gives the values of the view at that moment.
export function typeahead(e, block, place, { about, told, read, removable }) {
  const m = menuOf(e, block, place);
  const act = { e, block, place, m, told, read };
  const shown = m.typed ?? (many(e) ? '' : (m.chosen[0]?.text ?? ''));
  const id = `menu-${place.view?.id ?? place.ts}-${block.block_id}-${e.action_id}`.replace(/[^\w-]/g, '_');
  const options = flat(m);
  return h(
    'div',
    { class: ['typeahead', m.open && 'open'], data: { chosen: JSON.stringify(m.chosen.map((o) => o.value)) } },
    many(e) && m.chosen.length > 0 && h('ul', { key: 'chosen', class: 'picked', 'aria-label': 'Chosen' }, m.chosen.map((o) => chip(act, o))),
    h(
      'div',
      { key: 'box', class: 'typeahead-box' },
      h('input', {
        class: 'input', type: 'text', role: 'combobox', autocomplete: 'off', spellcheck: 'false', placeholder: e.placeholder?.text ?? 'Search', ...about,
        'aria-autocomplete': 'list', 'aria-haspopup': 'listbox', 'aria-expanded': String(m.open), 'aria-controls': m.open ? id : false,
        'aria-activedescendant': m.open && options[m.active] ? `${id}-${m.active}` : false,
        initial: { value: shown }, made: (input) => { m.input = input; },
        on: {
          input: (event) => typed(act, event.target.value), click: () => open(act), focus: (event) => event.target.select(),
          blur: () => close(act), keydown: (event) => pressed(event, act),
        },
      }),
      removable && !many(e) && m.chosen.length > 0
        ? h('button', { type: 'button', class: 'typeahead-clear', 'aria-label': 'Choose nothing', on: { click: () => choose(act, []) } }, icon('close'))
        : h('span', { class: 'typeahead-mark' }, icon('chevron')),
    ),
    m.open && list(act, id, options),
    h('span', { key: 'spoken', class: 'unseen', role: 'status' }, m.open && (m.says || count(options))),
  );
}

const flat = (m) => m.groups.flatMap((g) => g.options);
const count = (options) => (options.length === 1 ? '1 result' : `${options.length} results`);

function chip(act, o) {
  const without = () => choose(act, act.m.chosen.filter((other) => other !== o));
  return h('li', { key: o.value }, o.text, h('button', { type: 'button', 'aria-label': 'Remove ' + o.text, on: { click: without } }, icon('close')));
}

function list(act, id, options) {
  const { m } = act;
  const label = act.e.placeholder?.text ?? 'Options';
  const option = (o) => {
    const i = options.indexOf(o);
    const taken = m.chosen.some((other) => other.value === o.value);
    const marked = many(act.e) ? taken : i === m.active;
    return h(
      'li',
      {
        id: `${id}-${i}`, role: 'option', class: ['choice', i === m.active && 'active'], 'aria-selected': String(marked), data: { choice: o.value },
        // The press must not take the focus from the box.
        on: { mousedown: (event) => { event.preventDefault(); take(act, o); } },
      },
      h('span', { class: 'choice-text' }, o.text, o.description && h('small', {}, o.description)),
      taken && icon('check'),
    );
  };
  const group = (g, i) => (g.label ? h('li', { key: 'group' + i, role: 'group', 'aria-label': g.label }, h('span', { class: 'choice-group', 'aria-hidden': 'true' }, g.label), h('ul', { role: 'presentation' }, g.options.map(option))) : g.options.map(option));
  return h(
    'div',
    { key: 'list', class: 'choices', made: (root) => queueMicrotask(() => root.scrollIntoView({ block: 'nearest' })) },
    h('ul', { id, role: 'listbox', 'aria-label': label }, m.says ? h('li', { role: 'presentation', class: 'choice-note' }, m.says) : m.groups.map(group)),
  );
}

function open(act) {
  if (act.m.open) return;
  act.m.open = true;
  ask(act, act.m.typed ?? '', 0);
}

function close({ m, e }) {
  clearTimeout(m.timer);
  m.turn++;
  Object.assign(m, { open: false, typed: null });
  if (m.input) m.input.value = many(e) ? '' : (m.chosen[0]?.text ?? '');
  changed();
}

function typed(act, text) {
  act.m.typed = text;
  act.m.open = true;
  ask(act, text, pause);
}

// ask asks the app, once nothing more was typed for a while. What it answers to
// an older question is dropped.
function ask(act, text, after) {
  const { m, e } = act;
  const turn = ++m.turn;
  clearTimeout(m.timer);
  if ([...text].length < least(e)) {
    const more = least(e) - [...text].length;
    show(m, [], `Type ${more} ${text ? 'more ' : ''}${more === 1 ? 'character' : 'characters'} to search`);
    return;
  }
  if (m.groups.length === 0) show(m, [], 'Searching…');
  changed();
  m.timer = setTimeout(async () => {
    const { groups, trouble } = await offered(act, text);
    if (turn === m.turn) show(m, groups, trouble || (groups.some((g) => g.options.length) ? '' : 'No results'));
  }, after);
}

async function offered({ e, block, place, read }, text) {
  const { view, channel, ts, ephemeral } = place;
  const where = view ? { view_id: view.id, values: read() } : { channel, ts, ephemeral };
  try {
    const { groups, failure, acked } = await post('suggest', { user: state.person, block_id: block.block_id, action_id: e.action_id, value: text, ...where });
    return { groups: groups ?? [], trouble: failure || !acked ? `pagesbot did not answer (${failure}).` : '' };
  } catch (err) {
    return { groups: [], trouble: sentence(err.message) };
  }
}

function show(m, groups, says) {
  Object.assign(m, { groups, says, active: 0 });
  changed();
}

function take(act, o) {
  const { e, m } = act;
  if (!many(e)) return choose(act, [o]);
  const without = m.chosen.filter((other) => other.value !== o.value);
  return choose(act, without.length < m.chosen.length ? without : [...m.chosen, o]);
}

function choose(act, chosen) {
  act.m.chosen = chosen;
  close(act);
  const values = chosen.map((o) => o.value);
  act.told?.(many(act.e) ? values : (values[0] ?? ''));
}

const keys = {
  ArrowDown: (act) => move(act, 1),
  ArrowUp: (act) => move(act, -1),
  Enter: (act) => {
    const o = act.m.open && !act.m.says && flat(act.m)[act.m.active];
    if (o) take(act, o);
    return true; // It never submits the view around it.
  },
  Escape: (act) => {
    if (!act.m.open) return false;
    close(act);
    return true;
  },
};

function pressed(event, act) {
  if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
  if (Object.hasOwn(keys, event.key) && keys[event.key](act)) {
    event.preventDefault();
    event.stopPropagation();
  }
}

function move(act, by) {
  const { m } = act;
  const size = flat(m).length;
  if (!m.open) open(act);
  else if (size > 0) m.active = (m.active + by + size) % size;
  changed();
  return true;
}
