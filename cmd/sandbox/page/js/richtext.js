// Draws rich_text blocks, whose text is literal.
// https://docs.slack.dev/reference/block-kit/blocks/rich-text-block

import { h } from './dom.js';
import { broadcast, emoji, link, mentionOfChannel, mentionOfGroup, mentionOfUser } from './text.js';
import { formatted } from './time.js';

const parts = {
  rich_text_section: (p) => h('div', { class: 'rich-section' }, spans(p.elements)),
  rich_text_quote: (p) => h('blockquote', { class: 'quote' }, spans(p.elements)),
  rich_text_preformatted: (p) => h('pre', { class: 'code', tabindex: '0' }, spans(p.elements)),
  rich_text_list: (p) =>
    h(
      p.style === 'ordered' ? 'ol' : 'ul',
      { class: ['rich-list', `indent-${Math.min(8, Number(p.indent) || 0)}`], start: p.style === 'ordered' && p.offset ? p.offset + 1 : false },
      p.elements.map((item) => h('li', {}, spans(item.elements))),
    ),
};

export function richText(block) {
  return block.elements.map((p) => (Object.hasOwn(parts, p.type) ? parts[p.type](p) : h('div', { class: 'rich-section' }, `[${p.type}]`)));
}

const elements = {
  text: (e) => e.text,
  link: (e) => link(e.url, e.text || e.url),
  emoji: (e) => emoji(e.name, e.unicode),
  user: (e) => mentionOfUser(e.user_id),
  usergroup: (e) => mentionOfGroup(e.usergroup_id),
  channel: (e) => mentionOfChannel(e.channel_id),
  broadcast: (e) => broadcast(e.range),
  date: (e) => dated(e),
  color: (e) => h('code', {}, e.value),
};

function dated(e) {
  const text = h('time', {}, formatted(e.timestamp, e.format, e.fallback));
  return e.url ? link(e.url, text) : text;
}

function spans(list) {
  return (list ?? []).map((e) => {
    const content = Object.hasOwn(elements, e.type) ? elements[e.type](e) : `[${e.type}]`;
    return styled(content, e.style ?? {});
  });
}

const styles = [
  ['code', 'code'],
  ['strike', 's'],
  ['italic', 'em'],
  ['bold', 'strong'],
  ['underline', 'u'],
];

function styled(content, style) {
  return styles.reduce((inside, [name, tag]) => (style[name] ? h(tag, {}, inside) : inside), content);
}
