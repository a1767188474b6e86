// Draws the page by difference. The whole page is described anew at every
// change, and only what differs is touched, so that focus, scroll positions,
// half-written inputs and selected text stay.
//
// Text only ever becomes text nodes, and names of tags and attributes are always
// written here in the page's own code: nothing that anybody wrote can become
// markup.

const SVG = 'http://www.w3.org/2000/svg';
const svgTags = new Set(['svg', 'g', 'path', 'polyline', 'circle', 'rect', 'line', 'text', 'title']);
const key = Symbol('key');
const drawn = Symbol('drawn');
const listeners = Symbol('listeners');

// h describes an element. Props are attributes, except:
//   key      tells siblings apart when their order changes
//   on       listeners by event
//   data     data-* attributes
//   vars     CSS custom properties
//   initial  properties that are set once, when the element is made
//   made     called once with the element
//   own      the element looks after its own children
export function h(tag, props, ...children) {
  return { tag, props: props ?? {}, children: clean(children) };
}

function clean(children) {
  return children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false && c !== '');
}

// draw makes the children of parent look like those described.
export function draw(parent, ...described) {
  const wanted = clean(described);
  const byKey = new Map();
  const rest = [];
  for (const node of parent.childNodes) {
    if (node[key] === undefined) rest.push(node);
    else byKey.set(node[key], node);
  }
  const nodes = wanted.map((v) => refresh(reusable(v, byKey, rest) ?? make(v), v));
  const kept = new Set(nodes);
  // What goes, goes first: then nothing else has to move, and moving loses focus.
  for (const node of [...parent.childNodes]) {
    if (!kept.has(node)) node.remove();
  }
  let at = parent.firstChild;
  for (const node of nodes) {
    if (node === at) at = at.nextSibling;
    else parent.insertBefore(node, at);
  }
}

function reusable(v, byKey, rest) {
  if (v.props?.key !== undefined) {
    const node = byKey.get(v.props.key);
    if (node?.localName !== v.tag) return undefined;
    byKey.delete(v.props.key);
    return node;
  }
  const i = rest.findIndex((node) => (v.tag ? node.localName === v.tag : node.nodeType === Node.TEXT_NODE));
  return i < 0 ? undefined : rest.splice(i, 1)[0];
}

function make(v) {
  if (!v.tag) return document.createTextNode(String(v));
  const node = svgTags.has(v.tag) ? document.createElementNS(SVG, v.tag) : document.createElement(v.tag);
  node[key] = v.props.key;
  return node;
}

function refresh(node, v) {
  if (!v.tag) {
    if (node.data !== String(v)) node.data = String(v);
    return node;
  }
  const before = node[drawn];
  node[drawn] = v.props;
  setAttributes(node, attributes(before ?? {}), attributes(v.props));
  listen(node, v.props.on ?? {});
  for (const [name, value] of Object.entries(v.props.vars ?? {})) node.style.setProperty(name, value);
  if (!v.props.own || !before) draw(node, v.children);
  if (!before) {
    Object.assign(node, v.props.initial);
    v.props.made?.(node);
  }
  return node;
}

const special = new Set(['key', 'on', 'data', 'vars', 'initial', 'made', 'own']);

function attributes(props) {
  const out = {};
  for (const [name, value] of Object.entries(props)) {
    if (!special.has(name)) out[name] = value;
  }
  for (const [name, value] of Object.entries(props.data ?? {})) out['data-' + name] = value;
  if (Array.isArray(out.class)) out.class = out.class.filter(Boolean).join(' ');
  return out;
}

function setAttributes(node, before, after) {
  for (const name of Object.keys(before)) {
    if (!(name in after)) node.removeAttribute(name);
  }
  for (const [name, value] of Object.entries(after)) {
    if (value === before[name]) continue;
    if (value === false || value === null || value === undefined) node.removeAttribute(name);
    else node.setAttribute(name, value === true ? '' : String(value));
  }
}

function listen(node, on) {
  const known = (node[listeners] ??= {});
  for (const event of Object.keys(on)) {
    if (!(event in known)) node.addEventListener(event, (e) => node[listeners][event]?.(e));
  }
  for (const event of Object.keys(known)) known[event] = undefined;
  Object.assign(known, on);
}
