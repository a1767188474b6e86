// The right of the page: the Pages account, trouble to make, and the bot.

import { accountTab } from './account.js';
import { botTab } from './bot.js';
import { draw, h } from './dom.js';
import { pages, slack } from './select.js';
import { change, state } from './state.js';
import { troubleTab } from './trouble.js';

const tabs = [
  { id: 'account', name: 'Account', body: accountTab, mark: () => null },
  { id: 'trouble', name: 'Trouble', body: troubleTab, mark: () => pages().faults.length + slack().violations.length },
  { id: 'bot', name: 'Bot', body: botTab, mark: () => null },
];

export function drawPanel(root) {
  const open = tabs.find((t) => t.id === state.tab) ?? tabs[0];
  draw(
    root,
    h('div', { class: 'tabs', role: 'tablist', on: { keydown: arrows } }, tabs.map((t) => tab(t, t === open))),
    h(
      'div',
      { key: open.id, class: ['tab-body', 'tab-' + open.id], role: 'tabpanel', id: 'panel-' + open.id, 'aria-labelledby': 'tab-' + open.id, tabindex: '0' },
      open.body(),
    ),
  );
}

function tab(t, open) {
  const count = t.mark();
  return h(
    'button',
    {
      type: 'button', role: 'tab', id: 'tab-' + t.id, class: 'tab', 'aria-selected': String(open), 'aria-controls': 'panel-' + t.id, tabindex: open ? '0' : '-1',
      data: { tab: t.id }, on: { click: () => change({ tab: t.id }) },
    },
    t.id === 'bot' && h('span', { class: ['presence', state.picture.bot.state] }),
    t.name,
    count > 0 && h('span', { class: 'count' }, String(count)),
  );
}

function arrows(e) {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
  if (!by) return;
  const at = tabs.findIndex((t) => t.id === state.tab);
  const next = tabs[(at + by + tabs.length) % tabs.length];
  change({ tab: next.id });
  document.getElementById('tab-' + next.id).focus();
}
