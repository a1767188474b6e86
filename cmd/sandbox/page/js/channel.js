// The middle of the page: a channel, the conversation with the bot, or its Home.

import { control } from './api.js';
import { composer } from './composer.js';
import { draw, h } from './dom.js';
import { homeBody } from './home.js';
import { icon } from './icons.js';
import { messages } from './message.js';
import { keep, stick } from './scroll.js';
import { channel, directOf, timeline } from './select.js';
import { send, suggest } from './send.js';
import { change, state } from './state.js';

export function drawChannel(root) {
  if (state.place === 'home') {
    draw(root, top({ title: 'pagesbot', sub: 'Home' }), homeBody());
    return;
  }
  const c = channel(state.place) ?? (state.place === 'direct' ? directOf(state.person) : undefined);
  const done = keepList(root, `${state.person} ${state.place}`);
  draw(root, c?.is_im || !c ? directTop() : channelTop(c), body(c), c && foot(c));
  done();
}

function keepList(root, where) {
  const list = root.querySelector('.messages');
  return list ? keep(list, where) : () => root.querySelector('.messages')?.scrollTo(0, 1e9);
}

function body(c) {
  const list = c ? timeline(c.id, state.person) : [];
  return h(
    'div',
    { key: 'messages', class: 'messages', role: 'log', 'aria-live': 'off', 'aria-label': 'Messages', tabindex: '0', data: { channel: c?.id ?? '' }, made: stick },
    h('div', { class: 'messages-inner' }, c ? welcome(c, list.length) : nothingYet(), messages(list)),
  );
}

function foot(c) {
  const label = c.is_im ? 'Message pagesbot' : `Message #${c.name}`;
  return composer({ key: `${state.person} ${c.id}`, label, suggest, submit: (text) => send(c.id, text) });
}

// top is the line above everything in the middle, with the panels' buttons.
function top({ title, sub, mark, more }) {
  return h(
    'header',
    { key: 'top', class: 'top' },
    h('button', { type: 'button', class: 'icon-button narrow-only', 'aria-label': 'Channels', on: { click: () => drawer('sidebar') } }, icon('menu')),
    h('div', { class: 'top-title' }, h('h1', {}, mark, title), sub && h('p', {}, sub)),
    more,
    h('button', { type: 'button', class: 'icon-button panel-button', 'aria-label': 'Account and bot', on: { click: () => drawer('panel') } }, icon('panel')),
  );
}

function drawer(which) {
  change({ drawer: state.drawer === which ? '' : which });
}

function directTop() {
  return top({ title: 'pagesbot', sub: 'Direct messages' });
}

function channelTop(c) {
  const invite = () => control('invite', { user: state.person, channel: c.id }, `pagesbot joined #${c.name}.`);
  const about = [
    c.members?.length ? `${c.members.length} people` : 'everybody',
    c.is_private && 'private',
    c.is_ext_shared && 'shared with another workspace',
  ].filter(Boolean);
  return top({
    title: c.name,
    mark: icon(c.is_private ? 'lock' : 'hash'),
    sub: about.join(' · '),
    more: !c.bot_is_member && h('button', { type: 'button', class: 'btn small', data: { invite: c.id }, on: { click: invite } }, 'Invite pagesbot'),
  });
}

const tries = ['deploy docs', 'rollback docs', 'projects', 'help'];

function welcome(c, count) {
  const command = state.picture.command;
  const pick = (text) => ({ click: () => write(`${command} ${text} `) });
  return h(
    'section',
    { key: 'welcome', class: ['welcome', count > 0 && 'passed'] },
    h('h2', {}, c.is_im ? 'Here you and pagesbot are by yourselves' : `This is the very beginning of #${c.name}`),
    h('p', {}, note(c)),
    h('div', { class: 'chips', role: 'group', 'aria-label': 'Things to try' }, tries.map((t) => h('button', { type: 'button', class: 'chip', on: pick(t) }, `${command} ${t}`))),
  );
}

function note(c) {
  if (c.is_private && !c.is_im && !c.bot_is_member) {
    return 'pagesbot is not in this private channel. It answers you alone here until somebody invites it.';
  }
  return 'Type a command, press the buttons, and make trouble in the panel beside. Nothing here is real except the bot.';
}

function nothingYet() {
  return h('section', { key: 'welcome', class: 'welcome' }, h('h2', {}, 'pagesbot has not written to you yet'), h('p', {}, 'Ask it something in a channel.'));
}

function write(text) {
  const input = document.querySelector('#channel textarea');
  input.focus();
  input.value = text;
  input.dispatchEvent(new Event('input', { bubbles: true }));
}
