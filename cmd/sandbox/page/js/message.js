// Draws one message as it stands in a channel or a thread.

import { attachments } from './attachments.js';
import { avatar } from './avatar.js';
import { blocks } from './blocks/index.js';
import { h } from './dom.js';
import { icon } from './icons.js';
import { mrkdwn } from './mrkdwn.js';
import { file, nameOf, replies, user } from './select.js';
import { change, state } from './state.js';
import { atClock, ago, dateOf, dayOf, inFull } from './time.js';

// Messages of one person within this time share a head, in seconds.
const together = 300;

// messages draws a list with a line between two days. Inside says that it is a
// thread's, where nothing leads to the thread.
export function messages(list, inside = false) {
  const out = [];
  let before;
  for (const m of list) {
    const day = dayOf(dateOf(m.ts));
    if (!before || dayOf(dateOf(before.ts)) !== day) {
      if (!inside) out.push(h('div', { key: 'day ' + day, class: 'day', role: 'separator' }, h('span', {}, day)));
      before = undefined;
    }
    out.push(message(m, inside, before !== undefined && follows(m, before) && (inside || !hasThread(before))));
    before = m;
  }
  return out;
}

function follows(m, before) {
  const alike = m.user === before.user && Boolean(m.ephemeral) === Boolean(before.ephemeral);
  return alike && !m.ephemeral && !m.subtype && m.ts - before.ts < together;
}

const hasThread = (m) => m.thread_ts === m.ts;

export function message(m, inside, brief) {
  const place = { channel: m.channel, ts: m.ts, ephemeral: m.ephemeral };
  const deleted = m.subtype === 'tombstone';
  const gutter = brief ? h('span', { class: 'brief-time' }, atClock(dateOf(m.ts))) : deleted ? h('span', { class: 'avatar gone' }, icon('ban')) : avatar(m.user);
  return h(
    'article',
    {
      key: (m.ephemeral ? 'e' : 'm') + m.ts, class: ['message', brief && 'brief', m.ephemeral && 'ephemeral', deleted && 'deleted'],
      'aria-label': nameOf(m.user) + ', ' + atClock(dateOf(m.ts)),
      data: { ts: m.ts, user: m.user, ephemeral: m.ephemeral || false },
    },
    m.ephemeral && h('p', { class: 'only-you' }, icon('eye'), 'Only visible to you'),
    h('div', { class: 'gutter' }, gutter),
    h(
      'div',
      { class: 'message-body' },
      !brief && !deleted && head(m),
      content(m, place),
      attachments(m, place),
      m.files?.map((id) => attachedFile(file(id))),
      !inside && threadBar(m),
    ),
    !inside && !m.ephemeral && !deleted && hover(m),
  );
}

function head(m) {
  const date = dateOf(m.ts);
  const bot = user(m.user)?.is_bot || m.user === 'USLACKBOT';
  return h(
    'div',
    { class: 'message-head' },
    h('span', { class: 'author' }, nameOf(m.user)),
    bot && h('span', { class: 'app-badge' }, 'APP'),
    h('time', { class: 'when', title: inFull(date), datetime: date.toISOString() }, atClock(date)),
    m.edits > 0 && h('span', { class: 'when', title: m.edits === 1 ? 'edited once' : `edited ${m.edits} times` }, '(edited)'),
    m.broadcast && h('span', { class: 'when' }, '· replied to a thread'),
  );
}

function content(m, place) {
  if (m.blocks?.length) return h('div', { class: 'blocks' }, blocks(m.blocks, place));
  return m.text && h('div', { class: 'text' }, mrkdwn(m.text));
}

function attachedFile(f) {
  if (!f) return null;
  return h(
    'details',
    { key: f.id, class: 'file', data: { file: f.id } },
    h(
      'summary',
      {},
      h('span', { class: 'file-icon' }, icon('file')),
      h('span', { class: 'file-name' }, h('strong', {}, f.title), h('small', {}, size(f.size), ' · text')),
      icon('chevron'),
    ),
    h('pre', { class: 'code', tabindex: '0' }, (f.cut ? '…\n' : '') + f.preview),
  );
}

function size(bytes) {
  return bytes < 1024 ? `${bytes} bytes` : `${(bytes / 1024).toFixed(1)} KB`;
}

const open = (m) => ({ click: () => change({ thread: m.thread_ts || m.ts, drawer: '', focus: 'thread' }) });

function threadBar(m) {
  if (m.ephemeral) return null;
  const list = replies(m.channel, m.ts, state.person);
  if (list.length === 0) return null;
  const who = [...new Set(list.map((r) => r.user))].slice(0, 3);
  return h(
    'button',
    { type: 'button', class: ['thread-bar', state.thread === m.ts && 'open'], data: { thread: m.ts }, on: open(m) },
    h('span', { class: 'faces' }, who.map((id) => avatar(id, 'small'))),
    h('span', { class: 'thread-count' }, list.length === 1 ? '1 reply' : `${list.length} replies`),
    h('span', { class: 'thread-last' }, 'Last reply ' + ago(dateOf(list.at(-1).ts))),
    icon('chevron'),
  );
}

function hover(m) {
  return h(
    'div',
    { class: 'hover-bar' },
    h('button', { type: 'button', 'aria-label': 'Reply in thread', title: 'Reply in thread', data: { reply: m.ts }, on: open(m) }, icon('reply')),
  );
}
