// Answers questions about the picture.

import { state } from './state.js';

export const slack = () => state.picture.slack;
export const pages = () => state.picture.pages;

export function user(id) {
  return slack().users.find((u) => u.id === id);
}

export function person(id) {
  return state.picture.people.find((p) => p.id === id);
}

// nameOf is how a person or bot is called in messages.
export function nameOf(id) {
  if (id === 'USLACKBOT') return 'Slackbot';
  return user(id)?.real_name || user(id)?.name || id;
}

export function channel(id) {
  return slack().channels.find((c) => c.id === id);
}

const has = (c, id) => !c.members?.length || c.members.includes(id);

// channelsOf are those that a person sees in the list.
export function channelsOf(id) {
  return slack().channels.filter((c) => !c.is_im && has(c, id));
}

// directOf is the person's conversation with the bot, if there is one.
export function directOf(id) {
  return slack().channels.find((c) => c.is_im && c.members?.length === 2 && has(c, id));
}

export function homeOf(id) {
  return slack().homes.find((v) => v.user === id);
}

// topView is the modal that a person has before them.
export function topView(id) {
  return slack().views.findLast((v) => v.user === id);
}

const byTime = (a, b) => (a.ts < b.ts ? -1 : a.ts > b.ts ? 1 : 0);

function seenBy(id) {
  const { messages, ephemerals } = slack();
  return [...messages, ...ephemerals.filter((m) => m.for === id), ...state.notices.filter((m) => m.for === id)];
}

// timeline is what a person sees in a channel, oldest first.
export function timeline(channelID, id) {
  return seenBy(id)
    .filter((m) => m.channel === channelID && (!m.thread_ts || m.thread_ts === m.ts || m.broadcast))
    .sort(byTime);
}

// replies is what a person sees below a message, oldest first.
export function replies(channelID, ts, id) {
  return seenBy(id)
    .filter((m) => m.channel === channelID && m.thread_ts === ts && m.ts !== ts)
    .sort(byTime);
}

export function message(channelID, ts) {
  return slack().messages.find((m) => m.channel === channelID && m.ts === ts);
}

export function file(id) {
  return slack().files.find((f) => f.id === id);
}
