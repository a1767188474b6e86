// Tables, whose first row is their head.
// https://docs.slack.dev/reference/block-kit/blocks/table-block

import { h } from '../dom.js';
import { richText } from '../richtext.js';

export function table(b) {
  const [head, ...rows] = b.rows;
  const cells = (tag) => (row) => row.map((c, i) => h(tag, { class: b.column_settings?.[i]?.align || false, scope: tag === 'th' ? 'col' : false }, cell(c)));
  return h(
    'div',
    { class: 'table', tabindex: '0' },
    h('table', {}, h('thead', {}, h('tr', {}, cells('th')(head))), h('tbody', {}, rows.map((row) => h('tr', {}, cells('td')(row))))),
  );
}

export function dataTable(b) {
  return [h('div', { class: 'table-caption' }, b.caption), table(b)];
}

const kinds = {
  raw_text: (c) => c.text,
  raw_number: (c) => c.text ?? String(c.value),
  rich_text: richText,
};

function cell(c) {
  return Object.hasOwn(kinds, c.type) ? kinds[c.type](c) : `[${c.type}]`;
}
