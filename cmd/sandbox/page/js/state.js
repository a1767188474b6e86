// What the page knows: the picture that the sandbox sends, and what this person
// at this page chose to look at.

export const state = {
  picture: null,
  connected: true,
  // How far the sandbox's clock is ahead of the browser's, in milliseconds.
  skew: 0,
  person: '',
  place: '', // a channel's id, 'home', or 'direct' where the bot never wrote to the person
  thread: '', // the timestamp of the message whose thread is open
  tab: 'account',
  // Which box for writing is to take the focus when it is drawn.
  focus: 'channel',
  // Which of the panels that collapse on a narrow screen is pulled out.
  drawer: '',
  // Notices that Slack itself shows to the person, which are on no server.
  notices: [],
  // Presses that wait for the bot, and those that it did not answer.
  pressing: new Map(),
};

let drawing = false;
let redraw = () => {};

// onChange sets what draws the page.
export function onChange(f) {
  redraw = f;
}

// changed draws the page once all that happens now has happened.
export function changed() {
  if (drawing) return;
  drawing = true;
  queueMicrotask(() => {
    drawing = false;
    if (state.picture) redraw();
  });
}

// change sets some of the state and draws.
export function change(some) {
  Object.assign(state, some);
  remember();
  changed();
}

// now is the sandbox's time, in milliseconds.
export function now() {
  return Date.now() + state.skew;
}

const chosen = 'sandbox-chosen';

function remember() {
  const { person, place, thread, tab } = state;
  sessionStorage.setItem(chosen, JSON.stringify({ person, place, thread, tab }));
}

// recall brings back what was chosen before the page was loaded again.
export function recall() {
  try {
    Object.assign(state, JSON.parse(sessionStorage.getItem(chosen)) ?? {});
  } catch {
    sessionStorage.removeItem(chosen);
  }
}
