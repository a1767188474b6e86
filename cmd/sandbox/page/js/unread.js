// Remembers how far each person has read each channel.

import { timeline } from './select.js';
import { state } from './state.js';

const read = new Map();

const keyOf = (person, channelID) => person + ' ' + channelID;

// look marks what the person has before them as read.
export function look() {
  if (document.hidden) return;
  const last = timeline(state.place, state.person).at(-1);
  if (last) read.set(keyOf(state.person, state.place), last.ts);
}

// unread counts what somebody else wrote since.
export function unread(channelID) {
  const since = read.get(keyOf(state.person, channelID)) ?? '';
  return timeline(channelID, state.person).filter((m) => m.ts > since && m.user !== state.person).length;
}
