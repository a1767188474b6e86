// Presses what is drawn on messages and in views, as the person who is played.

import { post, sentence } from './api.js';
import { confirm } from './confirm.js';
import { changed, state } from './state.js';
import { collect } from './fields.js';

// A place is where blocks are drawn: {channel, ts, ephemeral} or {view}. Buttons
// may share an action_id, and then differ in their values.
function keyOf(place, e) {
  return JSON.stringify([state.person, place.view?.id ?? place.channel + place.ts, e.action_id, e.type === 'button' ? (e.value ?? '') : '']);
}

// pressed is how a press is getting on: undefined, {waiting} or {failure}.
export function pressed(place, e) {
  return state.pressing.get(keyOf(place, e));
}

// How long it is said that a press was not answered.
const complain = 12000;

// press asks where the app wants it, presses, and waits for the app. The value is
// what is chosen, as a list where many can be.
export async function press(place, e, block, value) {
  const key = keyOf(place, e);
  if (e.type === 'button' && state.pressing.get(key)?.waiting) return;
  if (e.confirm && !(await confirm(e.confirm))) return;
  state.pressing.set(key, { waiting: true });
  changed();
  const failure = await send(place, e, block, value);
  if (failure) {
    state.pressing.set(key, { failure });
    setTimeout(() => {
      if (state.pressing.get(key)?.failure === failure) state.pressing.delete(key);
      changed();
    }, complain);
  } else {
    state.pressing.delete(key);
  }
  changed();
}

async function send(place, e, block, value) {
  const click = { user: state.person, action_id: e.action_id, values: collect(place) };
  // A button's block may be drawn anew, under another id, while the person confirms.
  if (e.type !== 'button') click.block_id = block.block_id;
  if (Array.isArray(value)) click.choices = value;
  else if (value) click.value = value;
  if (place.view) click.view_id = place.view.id;
  else Object.assign(click, { channel: place.channel, ts: place.ts, ephemeral: place.ephemeral });
  try {
    const { failure } = await post('click', click);
    return failure && `pagesbot did not answer (${failure}).`;
  } catch (err) {
    return sentence(err.message);
  }
}
