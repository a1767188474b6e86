// What Slack does with a line that somebody writes: a command, or a message.

import { post, sentence } from './api.js';
import { complete } from './complete.js';
import { channel as channelOf, pages, person } from './select.js';
import { changed, now, state } from './state.js';

export function suggest(text) {
  return complete(text, { command: state.picture.command, verbs: state.picture.verbs, projects: pages().projects });
}

// send does what the line says, as the person who is played.
export async function send(channel, text, thread) {
  const user = state.person;
  const [name, ...rest] = text.trim().split(/\s+/);
  try {
    if (!name.startsWith('/')) await post('say', { user, channel, text: text.trim(), thread });
    else if (thread) tell(channel, user, `${name} is not supported in threads. Sorry!`, thread);
    else if (name === '/invite') await invite(user, channel, rest[0]);
    else if (name === state.picture.command) await command(user, channel, name, text.trim().slice(name.length).trim());
    else tell(channel, user, `${name} is not a valid command.`);
  } catch (err) {
    tell(channel, user, sentence(named(err.message)), thread);
  }
}

async function command(user, channel, name, text) {
  const { failure } = await post('command', { user, channel, name, text });
  if (failure) tell(channel, user, `${name} failed with the error “${failure}”`);
}

async function invite(user, channel, who) {
  if (who !== '@pagesbot') throw new Error('here only pagesbot can be invited: /invite @pagesbot');
  await post('invite', { user, channel });
  tell(channel, user, 'pagesbot was invited to this channel.');
}

// named puts names in the place of ids.
function named(text) {
  return text.replace(/\b[UCD][A-Z0-9]{2,}\b/g, (id) => find(id)?.name ?? id);
}

const find = (id) => person(id) ?? channelOf(id);

// tell is Slack itself speaking to the person alone.
function tell(channel, user, text, thread) {
  const literal = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const blocks = [{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }] }];
  state.notices.push({
    ts: (now() / 1000).toFixed(6), channel, thread_ts: thread, user: 'USLACKBOT', text: literal, blocks, ephemeral: true, for: user,
  });
  changed();
}
