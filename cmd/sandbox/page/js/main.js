// Draws the whole page from the picture, again at each change.

import { announce } from './announce.js';
import { drawChannel } from './channel.js';
import { draw, h } from './dom.js';
import { listen } from './live.js';
import { drawPanel } from './panel.js';
import { channel, channelsOf, directOf, person } from './select.js';
import { drawSidebar } from './sidebar.js';
import { changed, onChange, recall, state } from './state.js';
import { close as closeThread, drawThread } from './thread.js';
import { look } from './unread.js';
import { drawView } from './view.js';

const $ = (id) => document.getElementById(id);

// settle makes sure that what is looked at is there: the sandbox may be another
// one than before.
function settle() {
  if (!person(state.person)) state.person = state.picture.people[0].id;
  if (state.place === 'direct') state.place = directOf(state.person)?.id ?? 'direct';
  const there = ['home', 'direct'].includes(state.place) || channel(state.place)?.is_im || channelsOf(state.person).some((c) => c.id === state.place);
  if (!there) state.place = channelsOf(state.person)[0]?.id ?? 'direct';
  if (channel(state.place)?.is_im) state.place = directOf(state.person)?.id ?? 'direct';
}

function drawAll() {
  settle();
  look();
  drawSidebar($('sidebar'));
  drawChannel($('channel'));
  drawThread($('thread'));
  drawPanel($('panel'));
  drawView($('view'));
  announce();
  reconnecting();
  $('app').dataset.drawer = state.drawer;
  document.body.dataset.ready = 'true';
}

function reconnecting() {
  const bar = $('reconnecting');
  bar.hidden = state.connected;
  draw(bar, !state.connected && [h('span', { class: 'spinner' }), 'The sandbox does not answer. Reconnecting…']);
}

function escape(e) {
  if (e.key !== 'Escape' || e.defaultPrevented || document.querySelector('dialog[open]')) return;
  if (state.drawer) {
    state.drawer = '';
    changed();
  } else if (state.thread && $('thread').contains(document.activeElement)) {
    closeThread();
  }
}

recall();
onChange(drawAll);
listen();
document.addEventListener('keydown', escape);
document.addEventListener('visibilitychange', changed);
// Ages grow although nothing happens.
setInterval(changed, 5000);
