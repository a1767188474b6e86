// The small parts of which all text is made: mentions, links, emoji.

import { h } from './dom.js';
import { channel, nameOf, pages, slack } from './select.js';
import { state } from './state.js';
import { toast } from './toast.js';

export function mentionOfUser(id) {
  return h('span', { class: ['mention', id === state.person && 'me'], data: { user: id } }, '@' + nameOf(id));
}

export function mentionOfChannel(id) {
  return h('span', { class: 'mention', data: { 'mentions-channel': id } }, '#' + (channel(id)?.name ?? id));
}

export function mentionOfGroup(id) {
  const group = slack().usergroups.find((g) => g.id === id);
  return h('span', { class: ['mention', 'me'], data: { usergroup: id } }, '@' + (group?.handle ?? id));
}

export function broadcast(range) {
  return h('span', { class: ['mention', 'me'], data: { broadcast: range } }, '@' + range);
}

// safe returns an address that a link may lead to, or nothing.
export function safe(address) {
  try {
    const url = new URL(address);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : undefined;
  } catch {
    return undefined;
  }
}

// link leads somewhere only where that is a web page; else it is plain text.
export function link(address, ...children) {
  const href = safe(address);
  if (!href) return h('span', {}, children.length ? children : address);
  return h('a', { ...outward(href) }, children.length ? children : address);
}

// outward are the attributes of a link that leaves the page.
export function outward(href, click) {
  return {
    href,
    target: '_blank',
    rel: 'noopener noreferrer',
    on: {
      click: (e) => {
        if (makeBelieve(href)) {
          e.preventDefault();
          toast(`This would open ${href}. The sandbox's sites are not really there.`);
        }
        click?.(e);
      },
    },
  };
}

// makeBelieve tells the addresses of the sandbox's own account: somebody else
// may have them in the real world.
function makeBelieve(href) {
  const host = new URL(href).hostname;
  return host.endsWith('.example') || pages().projects.some((p) => host === p.subdomain || host.endsWith('.' + p.subdomain));
}

const pictures = {
  white_check_mark: '✅', heavy_check_mark: '✔️', x: '❌', warning: '⚠️', rocket: '🚀', tada: '🎉', eyes: '👀', fire: '🔥',
  hourglass: '⌛', hourglass_flowing_sand: '⏳', rewind: '⏪', wastebasket: '🗑️', arrows_counterclockwise: '🔄', bulb: '💡',
  large_green_circle: '🟢', large_yellow_circle: '🟡', red_circle: '🔴', large_blue_circle: '🔵', white_circle: '⚪', black_circle: '⚫',
  thumbsup: '👍', '+1': '👍', thumbsdown: '👎', '-1': '👎', wave: '👋', smile: '😄', slightly_smiling_face: '🙂', heart: '❤️',
  information_source: 'ℹ️', no_entry: '⛔', no_entry_sign: '🚫', lock: '🔒', package: '📦', link: '🔗', bug: '🐛', ship: '🚢',
  construction: '🚧', octagonal_sign: '🛑', mag: '🔍', memo: '📝', globe_with_meridians: '🌐', zap: '⚡', sparkles: '✨', stopwatch: '⏱️',
};

// emoji shows a name that is known as its picture, and any other as it is written.
export function emoji(name, unicode) {
  const own = Object.hasOwn(pictures, name) ? pictures[name] : undefined;
  const picture = own ?? fromCodes(unicode);
  return picture ? h('span', { class: 'emoji', role: 'img', 'aria-label': name.replaceAll('_', ' ') }, picture) : `:${name}:`;
}

function fromCodes(unicode) {
  if (!/^[0-9a-f]{2,6}(-[0-9a-f]{2,6}){0,7}$/i.test(unicode ?? '')) return undefined;
  const codes = unicode.split('-').map((c) => parseInt(c, 16));
  return codes.every((c) => c <= 0x10ffff) ? String.fromCodePoint(...codes) : undefined;
}

// withEmoji is literal text in which :names: become pictures.
export function withEmoji(text) {
  return text.split(/(:[a-z0-9_+-]+:)/).map((part) => {
    const name = /^:(.+):$/.exec(part)?.[1];
    return name && Object.hasOwn(pictures, name) ? emoji(name) : part;
  });
}
