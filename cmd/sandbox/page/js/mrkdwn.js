// Reads Slack's mrkdwn into descriptions of nodes.
// https://docs.slack.dev/messaging/formatting-message-text

import { h } from './dom.js';
import { broadcast, link, mentionOfChannel, mentionOfGroup, mentionOfUser, withEmoji } from './text.js';
import { formatted } from './time.js';
import { slack } from './select.js';

// textOf draws a text object: plain_text or mrkdwn.
export function textOf(t) {
  if (!t) return null;
  if (t.type === 'mrkdwn') return mrkdwn(t.text, { verbatim: t.verbatim === true });
  return t.emoji === false ? t.text : withEmoji(t.text);
}

// mrkdwn draws marked text. Where it is not verbatim, Slack also looks for bare
// names and addresses in it.
export function mrkdwn(text, { verbatim = false } = {}) {
  return String(text)
    .split(/```\n?([\s\S]+?)\n?```/)
    .map((part, i) => (i % 2 ? h('pre', { class: 'code' }, inCode(part)) : quotes(part, verbatim)));
}

// quotes gathers lines that begin with > into quotations.
function quotes(text, verbatim) {
  const out = [];
  let quoted = [];
  let plain = [];
  const flush = () => {
    if (quoted.length) out.push(h('blockquote', { class: 'quote' }, spans(quoted.join('\n'), verbatim)));
    if (plain.length) out.push(spans(plain.join('\n'), verbatim));
    quoted = [];
    plain = [];
  };
  for (const line of text.split('\n')) {
    const match = /^(?:&gt;|>) ?(.*)$/.exec(line);
    if (match ? plain.length : quoted.length) flush();
    if (match) quoted.push(match[1]);
    else plain.push(line);
  }
  flush();
  return out;
}

const marks = [
  { at: /`([^`\n]+)`/, draw: (m) => h('code', {}, inCode(m[1])) },
  { at: /<([^<>\n]+)>/, draw: (m) => control(m[1]) },
  { at: /(?<![\p{L}\p{N}*])\*(?! )([^*\n]*[^*\n ])\*(?![\p{L}\p{N}*])/u, draw: (m, v) => h('strong', {}, spans(m[1], v)) },
  { at: /(?<![\p{L}\p{N}_])_(?! )([^_\n]*[^_\n ])_(?![\p{L}\p{N}_])/u, draw: (m, v) => h('em', {}, spans(m[1], v)) },
  { at: /(?<![\p{L}\p{N}~])~(?! )([^~\n]*[^~\n ])~(?![\p{L}\p{N}~])/u, draw: (m, v) => h('s', {}, spans(m[1], v)) },
];
const bare = [
  { at: /https?:\/\/[^\s<>|]*[^\s<>|.,:;!?)]/, draw: (m) => link(unescape(m[0])) },
  { at: /(?<![\p{L}\p{N}_<&/])@(channel|here|everyone)\b/u, draw: (m) => broadcast(m[1]) },
  { at: /(?<![\p{L}\p{N}_<&/])#([\p{L}\d][\p{L}\d_-]*)/u, draw: (m) => channelNamed(m[1]) ?? m[0] },
];

// spans finds the first mark, draws it, and goes on behind it.
function spans(text, verbatim) {
  const out = [];
  const known = verbatim ? marks : [...marks, ...bare];
  for (let rest = text; rest; ) {
    let first;
    for (const mark of known) {
      const match = mark.at.exec(rest);
      if (match && (!first || match.index < first.match.index)) first = { mark, match };
    }
    if (!first) {
      out.push(withEmoji(unescape(rest)));
      break;
    }
    const { mark, match } = first;
    if (match.index) out.push(withEmoji(unescape(rest.slice(0, match.index))));
    out.push(mark.draw(match, verbatim));
    rest = rest.slice(match.index + match[0].length);
  }
  return out;
}

// control draws what stands between angle brackets.
function control(inside) {
  const [what, ...label] = inside.split('|');
  const words = label.length ? unescape(label.join('|')) : undefined;
  if (/^@[UW]\w+$/.test(what)) return mentionOfUser(what.slice(1));
  if (/^#[CDG]\w+$/.test(what)) return mentionOfChannel(what.slice(1));
  if (/^!subteam\^S\w+$/.test(what)) return mentionOfGroup(what.slice('!subteam^'.length));
  if (/^!(channel|here|everyone)$/.test(what)) return broadcast(what.slice(1));
  const date = /^!date\^(\d+)\^([^^]+)(?:\^(.+))?$/.exec(what);
  if (date) return h('time', {}, formatted(date[1], date[2], words));
  const address = unescape(what);
  if (/^https?:/.test(address)) return link(address, words ?? address);
  return words ?? '<' + address + '>';
}

function channelNamed(name) {
  const found = slack().channels.find((c) => !c.is_im && c.name === name);
  return found && mentionOfChannel(found.id);
}

// inCode leaves marks alone, but not what Slack puts between angle brackets.
function inCode(text) {
  return text.split(/<([^<>\n]+)>/).map((part, i) => (i % 2 ? control(part) : unescape(part)));
}

function unescape(text) {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

// spoken is marked text as one reads it aloud.
export function spoken(text) {
  return unescape(
    text.replace(/<([^<>\n]+)>/g, (_, inside) => words(control(inside))).replace(/[\u200b]/g, ''),
  );
}

function words(v) {
  return typeof v === 'string' ? v : v.children.map(words).join('');
}
