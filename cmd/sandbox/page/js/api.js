// Asks the sandbox to do something.

import { toast } from './toast.js';

// post returns the sandbox's answer. The error's message is for the person.
export async function post(path, body = {}) {
  let response;
  try {
    response = await fetch('/api/' + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
  } catch {
    throw new Error('the sandbox does not answer');
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error ?? `the sandbox answered ${response.status}`);
  return answer;
}

// control does one of the things beside Slack, and says how it went.
export async function control(path, body, done) {
  try {
    await post(path, body);
    if (done) toast(done);
    return true;
  } catch (err) {
    toast(sentence(err.message), 'bad');
    return false;
  }
}

// sentence makes one of an error's words.
export function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?…]$/.test(text) ? '' : '.');
}
