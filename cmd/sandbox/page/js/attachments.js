// Draws the older attachments of a message, and links that the app unfurled.
// https://docs.slack.dev/messaging/formatting-message-text#attachments

import { blocks } from './blocks/index.js';
import { h } from './dom.js';
import { mrkdwn } from './mrkdwn.js';
import { link } from './text.js';

export function attachments(m, place) {
  return [...(m.attachments ?? []), ...Object.values(m.unfurls ?? {})].map((a) => attachment(a, place));
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
