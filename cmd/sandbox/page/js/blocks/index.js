// Draws Block Kit: a table of small functions, one for each type of block. A new
// type is a new row. https://docs.slack.dev/reference/block-kit/blocks

import { h } from '../dom.js';
import { card } from './card.js';
import { chart } from './chart.js';
import { input } from './input.js';
import { plan, taskCard } from './plan.js';
import { dataTable, table } from './table.js';
import { actions, alert, context, header, image, section } from './text.js';
import { richText } from '../richtext.js';

// Each takes the block and its place (see press.js).
const kinds = {
  actions,
  alert,
  card,
  container,
  context,
  data_table: dataTable,
  data_visualization: chart,
  divider: () => h('hr', {}),
  header,
  image,
  input,
  plan,
  rich_text: richText,
  section,
  table,
  task_card: taskCard,
};

export function blocks(list, place) {
  const seen = {};
  return (list ?? []).map((b) => {
    // Slack gives blocks new ids at every edit. By type and place they stay the
    // same elements, and what has focus keeps it. Only inputs belong to an id.
    const n = (seen[b.type] = (seen[b.type] ?? 0) + 1);
    const key = b.type === 'input' ? 'input ' + b.block_id : b.type + n;
    return h('div', { key, class: ['block', 'block-' + b.type], data: { block: b.type } }, block(b, place));
  });
}

function block(b, place) {
  return Object.hasOwn(kinds, b.type) ? kinds[b.type](b, place) : unknown(b);
}

function container(b, place) {
  const title = b.title ? b.title.text : 'Details';
  return h(
    'details',
    { class: 'container', initial: { open: !b.default_collapsed } },
    h('summary', {}, title, b.subtitle && h('small', {}, b.subtitle.text)),
    blocks(b.child_blocks, place),
  );
}

// unknown is honest about what it does not draw.
function unknown(b) {
  return h(
    'div',
    { class: 'unknown' },
    `Slack draws a “${b.type}” block here. The sandbox does not.`,
    h('details', {}, h('summary', {}, 'What is in it'), h('pre', { class: 'code' }, JSON.stringify(b, null, 2))),
  );
}
