// The modal that the person has before them.

import { post, sentence } from './api.js';
import { blocks } from './blocks/index.js';
import { draw, h } from './dom.js';
import { collect, isEmpty } from './fields.js';
import { icon } from './icons.js';
import { topView } from './select.js';
import { changed, state } from './state.js';

// What the page itself knows of the view on top.
let own = { id: '', hash: '', missing: {}, trouble: '', waiting: false };

export function drawView(dialog) {
  const view = topView(state.person);
  if (!view) {
    own = { id: '' };
    if (dialog.open) leave(dialog);
    return;
  }
  if (own.id !== view.id || own.hash !== view.hash) own = { id: view.id, hash: view.hash, missing: {}, trouble: '', waiting: false };
  draw(dialog, form(view));
  listen(dialog);
  if (!dialog.open) dialog.showModal();
}

// leave closes the modal and gives the focus back to where it was. Chromium does
// so while the page behind is still inert, and a box then has the focus but takes
// no text: it has to lose it and get it again.
function leave(dialog) {
  dialog.close();
  setTimeout(() => {
    const box = document.activeElement;
    if (box?.localName !== 'textarea' && box?.localName !== 'input') return;
    box.blur();
    box.focus();
  });
}

// Escape closes the modal as Slack does: by telling the app, where it wants to know.
function listen(dialog) {
  dialog.oncancel = (event) => {
    event.preventDefault();
    dismiss(topView(state.person));
  };
}

function form(view) {
  const errors = { ...view.errors, ...own.missing };
  return h(
    'form',
    {
      key: view.id, class: 'view-form', novalidate: true, data: { view: view.id, callback: view.callback_id },
      on: { submit: (e) => { e.preventDefault(); submit(view, e.currentTarget); } },
    },
    h(
      'header',
      { key: 'head', class: 'view-head' },
      h('h2', { id: 'view-title', class: 'dialog-title' }, view.title),
      h('button', { type: 'button', class: 'icon-button', 'aria-label': 'Close', on: { click: () => dismiss(view) } }, icon('close')),
    ),
    own.trouble && h('p', { key: 'trouble', class: 'complaint', role: 'alert' }, icon('alert'), own.trouble),
    h('div', { key: 'body', class: 'view-body blocks', tabindex: '0' }, blocks(view.blocks, { view, errors })),
    h(
      'footer',
      { key: 'foot', class: 'dialog-foot' },
      h('button', { key: 'close', type: 'button', class: 'btn', data: { 'view-close': view.id }, on: { click: () => dismiss(view) } }, view.close || 'Close'),
      view.submit &&
        h('button', { key: 'submit', type: 'submit', autofocus: true, class: ['btn', 'primary', own.waiting && 'waiting'], disabled: own.waiting, data: { 'view-submit': view.id } }, view.submit),
    ),
  );
}

async function submit(view, root) {
  if (!view.submit || own.waiting) return;
  own.missing = missing(root);
  own.trouble = '';
  if (Object.keys(own.missing).length > 0) {
    changed();
    return;
  }
  own.waiting = true;
  changed();
  const asked = own;
  try {
    const { failure } = await post('submit', { user: view.user, view_id: view.id, values: collect({ view }) });
    asked.trouble = failure ? 'We had some trouble connecting. Try again?' : '';
  } catch (err) {
    asked.trouble = sentence(err.message);
  }
  asked.waiting = false;
  changed();
}

function missing(root) {
  const out = {};
  for (const block of root.querySelectorAll('[data-required]')) {
    const field = block.querySelector('[data-field]');
    if (field && isEmpty(field)) out[block.dataset.required] = 'Please complete this required field.';
  }
  return out;
}

function dismiss(view) {
  if (view) post('close', { user: view.user, view_id: view.id }).catch((err) => { own.trouble = sentence(err.message); changed(); });
}
