// The Pages account: its projects, what is live, and what can happen to them
// without the bot.

import { control } from './api.js';
import { h } from './dom.js';
import { icon } from './icons.js';
import { pages } from './select.js';
import { changed, now } from './state.js';
import { ago, inFull, span } from './time.js';

const few = 4;
// What is unfolded: projects with all deployments, and forms.
const unfolded = new Set();

function toggle(what) {
  if (!unfolded.delete(what)) unfolded.add(what);
  changed();
}

export function accountTab() {
  return [budget(), pages().projects.map(project)];
}

// Cloudflare allows 1,200 calls in five minutes.
const allowance = 1200;

function budget() {
  const left = pages().rate_remaining;
  return h(
    'div',
    { key: 'budget', class: 'budget', title: `${pages().calls} calls so far` },
    h('span', {}, 'Cloudflare API calls left'),
    h('meter', { min: 0, max: allowance, low: allowance / 5, high: allowance / 2, optimum: allowance, value: left, 'aria-label': 'API calls left' }),
    h('span', { class: 'number' }, `${left.toLocaleString('en')} of ${allowance.toLocaleString('en')}`),
  );
}

function project(p) {
  const all = unfolded.has('all ' + p.name);
  const list = all ? p.deployments : p.deployments.slice(0, few);
  const more = p.deployments.length - few;
  return h(
    'section',
    { key: p.name, class: 'card project', data: { project: p.name, live: p.live_id } },
    h('header', { class: 'project-head' }, h('h2', {}, p.name), h('span', { class: 'project-domain' }, p.subdomain)),
    live(p),
    h('ol', { class: 'deployments', 'aria-label': 'Deployments of ' + p.name }, list.map((d) => deployment(p, d))),
    more > 0 && h('button', { key: 'more', type: 'button', class: 'link-button', 'aria-expanded': String(all), on: { click: () => toggle('all ' + p.name) } }, all ? 'Show fewer' : `Show ${more} more`),
    controls(p),
  );
}

function live(p) {
  const d = p.deployments.find((one) => one.live);
  return h(
    'p',
    { key: 'live', class: ['live', !d && 'none'] },
    h('span', { class: 'live-dot' }),
    d ? ['Live ', h('code', {}, d.short_id), h('span', { class: 'live-message' }, subject(d))] : 'Nothing is live',
  );
}

const subject = (d) => d.message.split('\n')[0] || (d.trigger_type === 'ad_hoc' ? 'Uploaded' : 'No message');

// outcome is the word for how a deployment is doing, and the colour of it.
function outcome(d) {
  if (d.is_skipped) return ['skipped', 'skipped'];
  if (d.stage === 'deploy' && d.status === 'success') return ['success', 'success'];
  if (d.status === 'failure') return ['failed', 'failure'];
  if (d.status === 'canceled') return ['canceled', 'canceled'];
  return ['running', 'running'];
}

const stageNames = { queued: 'queued', initialize: 'initializing', clone_repo: 'cloning', build: 'building', deploy: 'deploying' };

function deployment(p, d) {
  const [kind, word] = outcome(d);
  const running = kind === 'running';
  return h(
    'li',
    { key: d.id, class: ['deployment', kind], data: { deployment: d.id, outcome: kind } },
    h('span', { class: 'outcome', role: 'img', 'aria-label': word, title: word }, mark(kind)),
    h(
      'div',
      { class: 'deployment-body' },
      h('div', { class: 'deployment-line' }, h('span', { class: 'deployment-message', title: d.message }, subject(d)), d.live && h('span', { class: 'pill live-pill' }, 'live'), running && cancel(p, d)),
      h(
        'div',
        { class: 'deployment-about' },
        h('code', {}, d.short_id),
        h('span', { class: ['branch', d.environment] }, d.branch),
        d.commit_hash && h('span', { class: 'commit', title: d.commit_hash }, d.commit_hash.slice(0, 7)),
        h('time', { title: inFull(new Date(d.created_on)) }, running ? (stageNames[d.stage] ?? d.stage) + '…' : ago(new Date(d.created_on))),
      ),
      stages(d, kind),
    ),
  );
}

function cancel(p, d) {
  const click = () => control('account/cancel', { project: p.name, id: d.id }, `Canceled ${d.short_id}.`);
  return h('button', { type: 'button', class: 'link-button', data: { cancel: d.id }, on: { click } }, 'Cancel');
}

function mark(kind) {
  return { success: icon('check'), failure: icon('close'), failed: icon('close'), canceled: icon('ban'), skipped: icon('dash') }[kind];
}

function stages(d, kind) {
  if (kind !== 'running' && kind !== 'failed') return null;
  return h(
    'div',
    { class: 'stages' },
    d.stages.map((s) => h('span', { key: s.name, class: ['stage', s.status], title: stageTitle(s) })),
  );
}

function stageTitle(s) {
  const name = stageNames[s.name] ?? s.name;
  if (!s.started_on) return `${name}: ${s.status}`;
  return `${name}: ${s.status}, ${span((s.ended_on ? Date.parse(s.ended_on) : now()) - Date.parse(s.started_on))}`;
}

function controls(p) {
  const pushing = unfolded.has('push ' + p.name);
  const ending = unfolded.has('next ' + p.name);
  const unfold = (what, name) =>
    h('button', { type: 'button', class: 'btn small', 'aria-expanded': String(unfolded.has(`${what} ${p.name}`)), data: { open: what }, on: { click: () => toggle(`${what} ${p.name}`) } }, name);
  return h(
    'div',
    { key: 'controls', class: 'project-controls' },
    h(
      'div',
      { key: 'buttons', class: 'row' },
      !p.direct_upload && unfold('push', [icon('branch'), 'Push a commit']),
      p.direct_upload && h('button', { type: 'button', class: 'btn small', data: { upload: p.name }, on: { click: () => control('account/upload', { project: p.name }, `Uploaded files to ${p.name}.`) } }, icon('upload'), 'Upload files'),
      !p.direct_upload && unfold('next', 'Next build…'),
    ),
    pushing && pushForm(p),
    ending && nextForm(p),
  );
}

// formOf sends what stands in a form, and folds it up when that worked.
function formOf(what, p, send, ...children) {
  const submit = async (e) => {
    e.preventDefault();
    if (await send(Object.fromEntries(new FormData(e.currentTarget)))) toggle(`${what} ${p.name}`);
  };
  return h('form', { key: what, class: 'mini-form', data: { form: what }, on: { submit } }, children);
}

function pushForm(p) {
  const branches = [...new Set([p.production_branch, ...p.deployments.map((d) => d.branch)])];
  const send = ({ branch, message }) =>
    control('account/push', { project: p.name, branch, message }, `Pushed to ${branch} of ${p.name}. Cloudflare builds it by itself.`);
  return formOf(
    'push', p, send,
    h('label', {}, h('span', {}, 'Branch'), h('input', { class: 'input', name: 'branch', required: true, list: 'branches-' + p.name, autocomplete: 'off', initial: { value: p.production_branch } })),
    h('datalist', { id: 'branches-' + p.name }, branches.map((b) => h('option', { value: b }))),
    h('label', {}, h('span', {}, 'Message'), h('input', { class: 'input', name: 'message', required: true, autocomplete: 'off', placeholder: 'Say what changed', made: (e) => queueMicrotask(() => e.focus()) })),
    h('button', { type: 'submit', class: 'btn small primary' }, 'Push'),
  );
}

const endings = [
  ['fail build', 'fails while it builds'],
  ['fail initialize', 'fails while it initializes'],
  ['fail clone_repo', 'fails while it clones'],
  ['fail deploy', 'fails while it deploys'],
  ['skip', 'is skipped'],
  ['cancel', 'is canceled half-way'],
];

function nextForm(p) {
  const send = ({ ending }) => {
    const [how, stage] = ending.split(' ');
    return control('account/next', { project: p.name, how, stage }, `The next build of ${p.name} ${endings.find(([id]) => id === ending)[1]}.`);
  };
  return formOf(
    'next', p, send,
    h('label', {}, h('span', {}, 'The next build'), h('select', { class: 'input', name: 'ending' }, endings.map(([id, words]) => h('option', { value: id }, words)))),
    h('button', { type: 'submit', class: 'btn small primary' }, 'Arrange it'),
  );
}
