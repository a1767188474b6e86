// The left of the page: where one can go, and whom one plays.

import { post } from './api.js';
import { avatar } from './avatar.js';
import { draw, h } from './dom.js';
import { icon } from './icons.js';
import { channelsOf, directOf } from './select.js';
import { change, state } from './state.js';
import { unread } from './unread.js';

export function drawSidebar(root) {
  const { workspace, bot } = state.picture;
  draw(
    root,
    h('header', { key: 'workspace', class: 'workspace' }, h('span', { class: 'workspace-mark', 'aria-hidden': 'true' }, workspace[0]), h('div', {}, h('strong', {}, workspace), h('small', {}, 'A sandbox workspace'))),
    h('div', { key: 'places', class: 'places' }, group('Channels', channelsOf(state.person).map(channelEntry)), group('Apps', [botEntry(bot), homeEntry()])),
    people(),
  );
}

function group(title, entries) {
  return h('section', { key: title }, h('h2', { class: 'group-title' }, title), h('ul', {}, entries));
}

// go shows a place; its thread, if one was open, stays behind.
function go(place) {
  change({ place, thread: '', drawer: '', focus: 'channel' });
}

function entry({ key, place, here, mark, name, count, after, data }) {
  return h(
    'li',
    { key },
    h(
      'button',
      { type: 'button', class: ['entry', here && 'here', count > 0 && 'unread'], 'aria-current': here ? 'page' : false, data, on: { click: () => go(place) } },
      mark,
      h('span', { class: 'entry-name' }, name),
      after,
      count > 0 && h('span', { class: 'count', 'aria-label': count + ' unread' }, String(count)),
    ),
  );
}

function channelEntry(c) {
  const here = state.place === c.id;
  return entry({
    key: c.id, place: c.id, here, mark: icon(c.is_private ? 'lock' : 'hash'), name: c.name, count: here ? 0 : unread(c.id), data: { channel: c.id },
  });
}

function botEntry(bot) {
  const direct = directOf(state.person);
  const place = direct?.id ?? 'direct';
  const here = state.place === place;
  return entry({
    key: 'direct', place, here, mark: h('span', { class: 'presence-avatar' }, avatar(state.picture.slack.bot_user_id, 'small'), h('span', { class: ['presence', bot.state] })),
    name: 'pagesbot', after: h('span', { class: 'entry-state' }, bot.state === 'running' ? '' : bot.state),
    count: here || !direct ? 0 : unread(direct.id), data: { direct: state.person },
  });
}

function homeEntry() {
  const row = entry({ key: 'home', place: 'home', here: state.place === 'home', mark: icon('home'), name: 'Home', count: 0, data: { home: 'home' } });
  row.props.class = 'below';
  row.props.on = { click: openHome };
  return row;
}

// openHome tells the app that its Home is looked at, as Slack does each time; the
// app draws it then.
function openHome() {
  post('home', { user: state.person }).catch(() => {});
}

function people() {
  return h(
    'fieldset',
    { key: 'people', class: 'people' },
    h('legend', { class: 'group-title' }, 'Act as'),
    state.picture.people.map((p) =>
      h(
        'label',
        { key: p.id, class: ['person', p.id === state.person && 'acting'], data: { person: p.id } },
        h('input', { type: 'radio', name: 'person', class: 'unseen', initial: { checked: p.id === state.person }, on: { change: () => become(p.id) } }),
        avatar(p.id, 'small'),
        h('span', { class: 'person-name' }, p.name),
        h('span', { class: ['hint', p.allowed && 'good'] }, p.hint),
      ),
    ),
  );
}

function become(id) {
  const visible = channelsOf(id);
  const stays = visible.some((c) => c.id === state.place) || state.place === 'home';
  change({ person: id, place: stays ? state.place : (visible[0]?.id ?? 'direct'), thread: stays ? state.thread : '' });
  if (state.place === 'home') openHome();
}
