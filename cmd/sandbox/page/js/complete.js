// Completes what is typed after the slash: the command, its verb, and what the
// verb takes. What that is stands in the verb's usage.

const none = { items: [], start: 0, required: false };
const shown = 8;

// complete returns what could stand at the end of text: the items, where in the
// text their word begins, and whether the command needs one.
export function complete(text, world) {
  if (!text.startsWith('/') || text.includes('\n')) return none;
  const words = text.split(/\s+/);
  const last = words.pop();
  const start = text.length - last.length;
  const { items, required } = offers(words, world);
  return { items: matching(items, last), start, required };
}

function offers(words, world) {
  if (words.length === 0) return { items: commands(world), required: true };
  if (words[0] !== world.command) return { items: words[0] === '/invite' && words.length === 1 ? [{ text: '@pagesbot' }] : [], required: true };
  if (words.length === 1) return { items: verbs(world), required: true };
  const verb = world.verbs.find((v) => v.name === words[1].toLowerCase());
  return verb ? argument(verb, words.slice(2), world) : none;
}

function commands(world) {
  return [
    { text: world.command, detail: 'Run the Pages deployments', more: true },
    { text: '/invite', detail: 'Invite pagesbot to this channel', more: true },
  ];
}

function verbs(world) {
  return world.verbs.map((v) => ({ text: v.name, label: v.usage, detail: v.summary, more: v.usage !== v.name }));
}

// slots reads the usage: "<project>" and "[branch]" are two, the second optional.
function slots(usage) {
  return usage
    .split(' ')
    .slice(1)
    .map((word) => ({ kinds: word.slice(1, -1).split('|'), optional: word.startsWith('[') }));
}

// argument walks through what is typed already to the slot that comes next.
function argument(verb, typed, world) {
  const left = slots(verb.usage);
  let project;
  let within = false; // a deployment is being named by its project and a word
  for (const word of typed) {
    const slot = left[0];
    if (!slot) return none;
    const named = world.projects.find((p) => p.name === word.toLowerCase());
    within = !within && slot.kinds.includes('deployment') && !project && named !== undefined;
    project ??= named;
    if (!within) left.shift();
  }
  if (!left[0]) return none;
  const items = left[0].kinds.flatMap((kind) => offer(kind, { verb, project, world }));
  const required = !left[0].optional && !(within && left[0].kinds.includes('project'));
  return { items: unique(items), required };
}

const kinds = {
  project: ({ project, world, verb }) => (project ? [] : projects(world, verb)),
  branch: ({ project }) => branches(project),
  deployment: ({ project, world, verb }) => (project ? deployments(project, verb) : projects(world, verb)),
  command: ({ world }) => world.verbs.filter((v) => v.name !== 'help').map((v) => ({ text: v.name, detail: v.summary })),
};

function offer(kind, about) {
  return Object.hasOwn(kinds, kind) ? kinds[kind](about) : [{ text: kind }];
}

function projects(world, verb) {
  const more = slots(verb.usage).length > 1 || verb.usage.includes('deployment');
  return world.projects.map((p) => ({ text: p.name, detail: p.subdomain, more }));
}

function branches(project) {
  if (!project || project.direct_upload) return [];
  const names = [project.production_branch, ...project.deployments.map((d) => d.branch)];
  return [...new Set(names)].map((name) => ({ text: name, detail: name === project.production_branch ? 'production' : 'preview' }));
}

function deployments(project, verb) {
  const rollback = verb.name === 'rollback';
  const possible = project.deployments.filter((d) => !rollback || (d.environment === 'production' && d.status === 'success' && !d.live));
  const about = (d) => `${d.branch} · ${d.message.split('\n')[0] || d.environment}`;
  const words = rollback ? ['previous'] : ['latest', 'live', 'previous'];
  return [...words.map((text) => ({ text })), ...possible.slice(0, shown).map((d) => ({ text: d.short_id, detail: about(d) }))];
}

function unique(items) {
  return items.filter((item, i) => items.findIndex((other) => other.text === item.text) === i);
}

function matching(items, typed) {
  const low = typed.toLowerCase();
  const begins = items.filter((item) => item.text.toLowerCase().startsWith(low));
  const holds = items.filter((item) => !begins.includes(item) && low.length > 1 && item.text.toLowerCase().includes(low));
  return [...begins, ...holds].slice(0, shown + 4);
}
