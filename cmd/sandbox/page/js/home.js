// The bot's Home tab, which the bot draws for each person.

import { blocks } from './blocks/index.js';
import { h } from './dom.js';
import { icon } from './icons.js';
import { homeOf } from './select.js';
import { state } from './state.js';

export function homeBody() {
  const view = homeOf(state.person);
  return h(
    'div',
    { key: 'home ' + state.person, class: 'home', tabindex: '0', data: { home: state.person } },
    view
      ? h('div', { class: 'home-inner', data: { view: view.id } }, blocks(view.blocks, { view }))
      : h('section', { class: 'empty' }, icon('home'), h('h2', {}, 'Nothing here yet'), h('p', {}, 'pagesbot has not published a Home tab for this person.')),
  );
}
