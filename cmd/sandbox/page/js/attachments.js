// Draws the older attachments of a message, and links that the app unfurled.
// https://docs.slack.dev/messaging/formatting-message-text#attachments

import { avatar } from './avatar.js';
import { blocks } from './blocks/index.js';
import { h } from './dom.js';
import { mrkdwn } from './mrkdwn.js';
import { slack } from './select.js';
import { link } from './text.js';

export function attachments(m, place) {
  const previews = Object.entries(m.unfurls ?? {}).map(([address, a]) => preview(address, a, place));
  return [(m.attachments ?? []).map((a) => attachment(a, place)), previews];
}

// preview says whose it is: the message around it is a person's.
function preview(address, a, place) {
  return h(
    'section',
    { key: 'preview ' + address, class: 'preview', 'aria-label': 'Preview of ' + address, data: { preview: address } },
    attachment(a, place),
    h('p', { class: 'preview-by' }, avatar(slack().bot_user_id, 'tiny'), 'Added by pagesbot'),
  );
}

const named = { good: '#2eb67d', warning: '#ecb22e', danger: '#e01e5a' };

function attachment(a, place) {
  const color = named[a.color] ?? (/^#?[0-9a-f]{6}$/i.test(a.color ?? '') ? '#' + a.color.replace('#', '') : undefined);
  return h(
    'div',
    { class: 'attachment', vars: color ? { '--bar': color } : {} },
    a.pretext && h('div', { class: 'text' }, mrkdwn(a.pretext)),
    a.author_name && h('div', { class: 'attachment-author' }, a.author_name),
    a.title && h('div', { class: 'attachment-title' }, a.title_link ? link(a.title_link, a.title) : a.title),
    a.text && h('div', { class: 'text' }, mrkdwn(a.text)),
    a.fields && h('div', { class: 'fields' }, a.fields.map((f) => h('div', {}, h('strong', {}, f.title), h('div', { class: 'text' }, mrkdwn(f.value ?? ''))))),
    a.blocks && h('div', { class: 'blocks' }, blocks(a.blocks, place)),
    a.footer && h('div', { class: 'attachment-footer' }, a.footer),
  );
}
