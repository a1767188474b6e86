// The thread that is open beside its channel.

import { composer } from './composer.js';
import { draw, h } from './dom.js';
import { icon } from './icons.js';
import { message, messages } from './message.js';
import { keep, stick } from './scroll.js';
import { channel, message as find, replies } from './select.js';
import { send } from './send.js';
import { change, state } from './state.js';

export function drawThread(root) {
  const c = channel(state.place);
  const parent = c && state.thread ? find(c.id, state.thread) : undefined;
  root.hidden = !parent;
  document.getElementById('app').classList.toggle('thread-open', !root.hidden);
  if (!parent) {
    draw(root);
    return;
  }
  const where = `${c.id} ${parent.ts}`;
  const list = root.querySelector('.messages');
  const done = list ? keep(list, where) : () => root.querySelector('.messages').scrollTo(0, 1e9);
  const under = replies(c.id, parent.ts, state.person);
  draw(
    root,
    h(
      'header',
      { class: 'top' },
      h('div', { class: 'top-title' }, h('h2', {}, 'Thread'), h('p', {}, c.is_im ? 'pagesbot' : '#' + c.name)),
      h('button', { type: 'button', class: 'icon-button', 'aria-label': 'Close the thread', on: { click: close } }, icon('close')),
    ),
    h(
      'div',
      { class: 'messages', role: 'log', 'aria-live': 'off', 'aria-label': 'Replies', tabindex: '0', data: { thread: parent.ts }, made: stick },
      message(parent, true, false),
      under.length > 0 && h('div', { key: 'count', class: 'reply-count' }, h('span', {}, under.length === 1 ? '1 reply' : `${under.length} replies`)),
      messages(under, true),
    ),
    composer({ key: `${state.person} ${where}`, label: 'Reply…', submit: (text) => send(c.id, text, parent.ts) }),
  );
  done();
}

export function close() {
  change({ thread: '' });
  document.querySelector('#channel textarea')?.focus();
}
