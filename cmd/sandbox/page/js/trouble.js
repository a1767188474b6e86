// Trouble to make, between the bot and Cloudflare and between the bot and Slack.

import { control } from './api.js';
import { h } from './dom.js';
import { pages, slack } from './select.js';

export function troubleTab() {
  return [speed(), cloudflare(), socket(), complaints()];
}

const factors = [
  [0.25, 'Fast'],
  [1, 'Normal'],
  [4, 'Slow'],
  [20, 'Very slow'],
];

function speed() {
  const choose = (factor) => ({ change: () => control('account/pace', { factor }) });
  return h(
    'section',
    { key: 'speed', class: 'card' },
    h('h2', {}, 'How fast builds are'),
    h(
      'div',
      { class: 'segments', role: 'radiogroup', 'aria-label': 'How fast builds are' },
      factors.map(([factor, name]) =>
        h('label', { class: ['segment', pages().pace === factor && 'chosen'] }, h('input', { type: 'radio', name: 'pace', class: 'unseen', data: { pace: factor }, initial: { checked: pages().pace === factor }, on: choose(factor) }), name),
      ),
    ),
  );
}

// strikes are buttons for what goes wrong with the next few calls.
function strikes(path, kinds) {
  const strike = (kind, name) => (e) => {
    const calls = Number(e.currentTarget.closest('.card').querySelector('[name=calls]').value);
    control(path, { kind, calls }, `Arranged for the next ${calls === 1 ? 'call' : calls + ' calls'}: ${name}.`);
  };
  return [
    h('label', { class: 'calls' }, 'The next ', h('input', { class: 'input', name: 'calls', type: 'number', min: 1, max: 50, initial: { value: 1 }, 'aria-label': 'How many calls' }), ' calls'),
    h('div', { class: 'row' }, Object.entries(kinds).map(([kind, name]) => h('button', { type: 'button', class: 'btn small', data: { fault: kind }, on: { click: strike(kind, name) } }, name))),
  ];
}

function clear(path, what) {
  return h('button', { type: 'button', class: 'link-button', data: { clear: what }, on: { click: () => control(path, {}, 'All is well again.') } }, 'Stop this trouble');
}

function cloudflare() {
  const faults = pages().faults;
  return h(
    'section',
    { key: 'cloudflare', class: 'card', data: { trouble: 'cloudflare' } },
    h('h2', {}, 'Cloudflare'),
    strikes('account/fault', { 429: '429 too many requests', 502: '502 from the edge', slow: 'Take 4 s', lost: 'Lose the reply to a deploy' }),
    faults.length > 0 && h('ul', { key: 'faults', class: 'faults' }, faults.map((f) => h('li', {}, fault(f)))),
    clear('account/clear', 'cloudflare'),
  );
}

function fault(f) {
  const what = f.lose_reply ? 'lose the reply' : f.retry_after ? '429' : f.delay ? 'slow' : String(f.status || 400);
  const calls = f.times === 1 ? 'the next call' : `the next ${f.times} calls`;
  return `${calls}${f.route ? ' to ' + f.route : ''}: ${what}`;
}

function socket() {
  return h(
    'section',
    { key: 'slack', class: 'card', data: { trouble: 'slack' } },
    h('h2', {}, 'Slack', h('small', {}, slack().sockets === 1 ? '1 socket open' : `${slack().sockets} sockets open`)),
    strikes('slack/fault', { 429: '429 on posting', blocks: 'Refuse the blocks', lost: 'Lose the reply to a post' }),
    h(
      'div',
      { class: 'row' },
      h('button', { type: 'button', class: 'btn small', data: { socket: 'drop' }, on: { click: () => control('slack/drop', {}, 'Every socket was cut.') } }, 'Cut the sockets'),
      h('button', { type: 'button', class: 'btn small', data: { socket: 'refresh' }, on: { click: () => control('slack/refresh', {}, 'Slack asked the bot to connect anew.') } }, 'Ask to reconnect'),
    ),
    clear('slack/clear', 'slack'),
  );
}

function complaints() {
  const list = slack().violations;
  return h(
    'section',
    { key: 'complaints', class: 'card' },
    h('h2', {}, 'What Slack would complain about'),
    list.length === 0 ? h('p', { class: 'quiet' }, 'Nothing: every acknowledgement came in time, and every block was one that Slack takes.') : h('ul', { class: 'faults' }, list.map((v) => h('li', {}, v))),
  );
}
