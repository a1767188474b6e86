// Staged work. https://docs.slack.dev/reference/block-kit/blocks/plan-block

import { h } from '../dom.js';
import { icon } from '../icons.js';
import { link } from '../text.js';
import { richText } from '../richtext.js';

export function plan(b) {
  return h(
    'details',
    { class: 'plan', initial: { open: true } },
    h('summary', {}, icon('chevron'), h('span', {}, b.title)),
    h('ol', { class: 'tasks' }, b.tasks?.map((t) => h('li', { key: t.task_id }, task(t)))),
  );
}

export function taskCard(b) {
  return h('div', { class: 'plan alone' }, task(b));
}

const marks = {
  pending: ['pending', undefined],
  in_progress: ['in progress', undefined],
  complete: ['complete', 'check'],
  error: ['error', 'close'],
};

function task(t) {
  const [words, picture] = marks[t.status] ?? [t.status, 'question'];
  return h(
    'div',
    { class: ['task', t.status], data: { task: t.task_id, status: t.status } },
    h('span', { class: 'task-mark', role: 'img', 'aria-label': words }, picture && icon(picture)),
    h(
      'div',
      { class: 'task-body' },
      !t.hide_title && h('div', { class: 'task-title' }, t.title),
      t.details && h('div', { class: 'task-more' }, richText(t.details)),
      t.output && h('div', { class: 'task-more' }, richText(t.output)),
      t.sources?.length && h('div', { class: 'task-sources' }, t.sources.map((s) => link(s.url, s.text))),
    ),
  );
}
