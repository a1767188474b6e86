// Keeps a list of messages at its end, if that is where the person was.

const near = 40;
const places = new WeakMap();

// keep is called before and after the list is drawn: what it returns does the
// second. Where names what is listed; a new list begins at its end.
export function keep(list, where) {
  const before = places.get(list);
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < near;
  return () => {
    places.set(list, where);
    if (before !== where || atEnd) list.scrollTop = list.scrollHeight;
  };
}

// stick keeps the list at its end also when the space for it changes.
export function stick(list) {
  let atEnd = true;
  list.addEventListener('scroll', () => {
    atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < near;
  });
  new ResizeObserver(() => {
    if (atEnd) list.scrollTop = list.scrollHeight;
  }).observe(list);
}
