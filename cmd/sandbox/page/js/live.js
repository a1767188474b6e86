// Keeps the picture up to date: the sandbox sends all of it whenever something
// changed, and the page asks again by itself when the stream breaks.

import { changed, state } from './state.js';

const again = 1000;

export function listen() {
  const stream = new EventSource('/api/live');
  stream.onmessage = (event) => {
    state.picture = JSON.parse(event.data);
    state.skew = Date.parse(state.picture.pages.now) - Date.now();
    state.connected = true;
    changed();
  };
  stream.onerror = () => {
    state.connected = false;
    changed();
    // A browser gives up for good where something else answers on the port.
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, again);
  };
}
