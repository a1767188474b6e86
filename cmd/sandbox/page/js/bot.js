// The bot as a process: its state, its start and stop, its last log lines.

import { control } from './api.js';
import { h } from './dom.js';
import { icon } from './icons.js';
import { stick } from './scroll.js';
import { state } from './state.js';

export function botTab() {
  const { bot } = state.picture;
  return [status(bot), log(bot)];
}

function status(bot) {
  const running = bot.state === 'running';
  const stopped = bot.state === 'stopped' || bot.state === 'failed';
  const act = (path, done) => ({ click: () => control('bot/' + path, {}, done) });
  return h(
    'section',
    { key: 'status', class: 'card', data: { bot: bot.state } },
    h('h2', {}, h('span', { class: ['presence', bot.state] }), 'pagesbot is ' + bot.state, h('small', {}, bot.starts === 1 ? 'started once' : `started ${bot.starts} times`)),
    bot.fault && h('p', { key: 'fault', class: 'complaint' }, icon('alert'), bot.fault),
    h('p', { key: 'note', class: 'quiet' }, 'It keeps its database. What it acknowledged before it stopped goes on when it starts again.'),
    h(
      'div',
      { key: 'row', class: 'row' },
      h('button', { type: 'button', class: 'btn small', disabled: !running, data: { control: 'restart' }, on: act('restart', 'pagesbot was restarted.') }, icon('restart'), 'Restart'),
      h('button', { type: 'button', class: 'btn small', disabled: !running, data: { control: 'stop' }, on: act('stop', 'pagesbot is stopped.') }, icon('stop'), 'Stop'),
      h('button', { type: 'button', class: 'btn small', disabled: !stopped, data: { control: 'start' }, on: act('start', 'pagesbot is running.') }, icon('play'), 'Start'),
    ),
  );
}

function log(bot) {
  return h(
    'section',
    { key: 'log', class: 'card log-card' },
    h('h2', {}, 'Its log'),
    h('ol', { class: 'log', tabindex: '0', 'aria-label': 'Log', made: stick }, bot.log.map((l) => h('li', { key: l.n }, line(l.text)))),
  );
}

// line reads "time level name message fields", which are parted by tabs.
function line(text) {
  const [time, level, name, message, ...fields] = text.split('\t');
  if (message === undefined) return text;
  return [
    h('span', { class: 'log-time' }, time.slice(11, 19)),
    h('span', { class: ['log-level', level] }, level),
    h('span', { class: 'log-name' }, name),
    h('span', { class: 'log-message' }, message),
    fields.length > 0 && h('span', { class: 'log-fields' }, fields.join(' ')),
  ];
}
