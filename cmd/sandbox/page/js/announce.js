// Reads new messages out to people who listen to the page.

import { nameOf, replies, timeline } from './select.js';
import { spoken } from './mrkdwn.js';
import { state } from './state.js';

let place = '';
let last = '';

// announce says what came since, in the channel and the thread that are open.
export function announce() {
  const here = `${state.person} ${state.place} ${state.thread}`;
  const seen = [...timeline(state.place, state.person), ...(state.thread ? replies(state.place, state.thread, state.person) : [])];
  const fresh = seen.filter((m) => m.ts > last && m.user !== state.person);
  last = seen.reduce((latest, m) => (m.ts > latest ? m.ts : latest), last);
  if (here === place && fresh.length > 0) {
    document.getElementById('spoken').textContent = fresh.map((m) => `${nameOf(m.user)}: ${spoken(m.text)}`).join(' ');
  }
  place = here;
}
