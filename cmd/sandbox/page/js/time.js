// Says times as people say them.

import { now } from './state.js';

const clock = new Intl.DateTimeFormat('en', { hour: 'numeric', minute: '2-digit' });
const weekday = new Intl.DateTimeFormat('en', { weekday: 'long', month: 'long', day: 'numeric' });
const whole = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium' });

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

// dateOf reads a message's timestamp.
export function dateOf(ts) {
  return new Date(Number(ts) * 1000);
}

export const atClock = (date) => clock.format(date);
export const inFull = (date) => whole.format(date);

// dayOf names a day, as the line between two days does.
export function dayOf(date) {
  const midnight = (d) => new Date(d.getFullYear(), d.getMonth(), d.getDate());
  const days = Math.round((midnight(new Date(now())) - midnight(date)) / (day * 1000));
  if (days === 0) return 'Today';
  return days === 1 ? 'Yesterday' : weekday.format(date);
}

// ago is how long something was ago, in the shortest form.
export function ago(date) {
  const seconds = Math.max(0, (now() - date) / 1000);
  if (seconds < 10) return 'just now';
  if (seconds < minute) return `${Math.floor(seconds)} s ago`;
  if (seconds < hour) return `${Math.floor(seconds / minute)} min ago`;
  if (seconds < 2 * day) return `${Math.floor(seconds / hour)} h ago`;
  return `${Math.floor(seconds / day)} days ago`;
}

// span is how long something took.
export function span(milliseconds) {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < minute) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / minute)} min ${Math.round(seconds % minute)} s`;
}

const formats = {
  date: { year: 'numeric', month: 'long', day: 'numeric' },
  date_num: { year: 'numeric', month: '2-digit', day: '2-digit' },
  date_short: { year: 'numeric', month: 'short', day: 'numeric' },
  date_long: { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' },
  time: { hour: 'numeric', minute: '2-digit' },
  time_secs: { hour: 'numeric', minute: '2-digit', second: '2-digit' },
};

// formatted fills in Slack's date tokens.
// https://docs.slack.dev/messaging/formatting-message-text#date-formatting
export function formatted(seconds, format, fallback) {
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return fallback ?? '';
  return format.replace(/\{(\w+)\}/g, (token, name) => {
    if (name === 'ago') return ago(date);
    const options = formats[name.replace(/_pretty$/, '')];
    return options ? new Intl.DateTimeFormat('en', options).format(date) : token;
  });
}
