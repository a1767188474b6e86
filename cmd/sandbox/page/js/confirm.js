// Asks before a press that the app wants confirmed.

import { draw, h } from './dom.js';
import { textOf } from './mrkdwn.js';

// confirm shows a confirmation object and resolves to what the person decided.
// https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object
export function confirm(c) {
  const dialog = document.createElement('dialog');
  dialog.className = 'dialog confirm';
  dialog.setAttribute('aria-labelledby', 'confirm-title');
  dialog.setAttribute('aria-describedby', 'confirm-text');
  const answer = (value) => ({ click: () => dialog.close(value) });
  draw(
    dialog,
    h('h2', { id: 'confirm-title', class: 'dialog-title' }, textOf(c.title) ?? 'Are you sure?'),
    h('p', { id: 'confirm-text', class: 'dialog-text' }, textOf(c.text)),
    h(
      'div',
      { class: 'dialog-foot' },
      h('button', { type: 'button', class: 'btn', data: { confirm: 'no' }, on: answer('no') }, textOf(c.deny) ?? 'Cancel'),
      h(
        'button',
        { type: 'button', class: ['btn', c.style === 'danger' ? 'danger solid' : 'primary'], autofocus: true, data: { confirm: 'yes' }, on: answer('yes') },
        textOf(c.confirm) ?? 'Yes',
      ),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
  });
}
