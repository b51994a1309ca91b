// What several pages are made of.

function badge(text, kind) {
  return h('span', { class: 'badge ' + (kind || '') }, words(text));
}

const FATES = {
  kept: 'good', proven: 'good', pass: 'good', passed: 'good', finished: 'good', goal: 'good', guard: 'calm',
  rejected: 'bad', fail: 'bad', failed: 'bad', 'not proven': 'bad', broken: 'bad', invalid: 'bad', unmet: 'bad', serious: 'bad',
  warning: 'odd', minor: 'odd', candidate: 'calm', written: 'calm', tested: 'calm', played: 'calm', none: 'calm',
};

function fate(name) {
  return badge(name, FATES[name] || 'odd');
}

function scoreBadge(value) {
  const kind = value === null || value === undefined ? 'calm' : value >= 1 ? 'good' : value > 0 ? 'odd' : 'bad';
  return badge(value === null || value === undefined ? 'no score' : score(value), kind + ' figure');
}

function facts(pairs) {
  return h('dl', { class: 'facts' }, pairs.filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))));
}

function section(title, id, ...body) {
  return h('section', { id, class: 'part', 'data-title': title }, h('h2', {}, title), ...body);
}

function fold(title, body, open) {
  // The body is drawn when the fold is opened for the first time.
  const node = h('details', { open: open || false }, h('summary', {}, title));
  let drawn = false;
  const draw = () => {
    if (drawn || !node.open) return;
    drawn = true;
    node.append(...[typeof body === 'function' ? body() : body].flat());
  };
  node.addEventListener('toggle', draw);
  draw();
  return node;
}

const ID = /\b(?:cand|skel|assess|env|scen|traj|topic|task)-[0-9a-f]{12}\b/g;

// Ids of rows that are in the report lead to them.
function linked(text) {
  const parts = [];
  let last = 0;
  for (const found of text.matchAll(ID)) {
    const path = pathOf(found[0]);
    if (!path) continue;
    parts.push(text.slice(last, found.index), link(path, found[0], { class: 'id' }));
    last = found.index + found[0].length;
  }
  parts.push(text.slice(last));
  return parts;
}

function idLink(id) {
  const path = pathOf(id);
  return path ? link(path, id, { class: 'id' }) : h('span', { class: 'id' }, id);
}

function rejection(reason) {
  return h('p', { class: 'banner bad', role: 'note' }, h('b', {}, 'Rejected. '), linked(reason));
}

function tree(value, name, depth) {
  const label = name === undefined ? null : h('span', { class: 'key' }, String(name));
  if (value === null || typeof value !== 'object') {
    return h('div', { class: 'leaf' }, label, label && ': ', h('span', { class: 'v-' + (value === null ? 'null' : typeof value) }, inline(value)));
  }
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  const short = inline(value);
  if (!entries.length || (short.length < 70 && depth > 0)) {
    return h('div', { class: 'leaf' }, label, label && ': ', h('span', { class: 'v-short' }, short));
  }
  const many = Array.isArray(value) ? `[${entries.length}]` : `{${entries.length}}`;
  const children = () => h('div', { class: 'children' }, entries.map(([key, item]) => tree(item, key, depth + 1)));
  return h('div', { class: 'branch' }, fold([label, label && ' ', h('span', { class: 'many' }, many), ' ', h('span', { class: 'peek' }, peek(entries, Array.isArray(value)))], children, depth < 1));
}

function peek(entries, isList) {
  const isPlain = entries[0][1] === null || typeof entries[0][1] !== 'object';
  const shown = entries.slice(0, 6).map(([key, item]) => (isList ? nameIn(item) : isPlain ? `${key}: ${inline(item)}` : key)).join(', ');
  return shown.slice(0, 110) + (entries.length > 6 || shown.length > 110 ? ' …' : '');
}

// What a record in a list is called by: its first field is its id or its name as a rule.
function nameIn(item) {
  const first = item !== null && typeof item === 'object' ? Object.values(item)[0] : item;
  return first !== null && typeof first === 'object' ? '…' : String(first);
}

function stateTree(state) {
  return h('div', { class: 'tree' }, tree(state, undefined, 0));
}

// What a call changed: added, removed and changed places of the state.
function changes(diff) {
  const rows = [];
  for (const [path, value] of Object.entries(diff.added || {})) rows.push(change('added', '+', path, [inline(value)]));
  for (const [path, value] of Object.entries(diff.removed || {})) rows.push(change('removed', '−', path, [inline(value)]));
  for (const [path, [before, after]] of Object.entries(diff.changed || {})) {
    rows.push(change('changed', '~', path, [h('del', {}, inline(before)), ' → ', h('ins', {}, inline(after))]));
  }
  return rows.length ? h('ul', { class: 'changes', 'aria-label': 'Changes of the state' }, rows) : null;
}

function change(kind, sign, path, value) {
  return h('li', { class: kind }, h('span', { class: 'sign', title: kind }, sign), ' ', h('code', {}, path), ' ', h('span', { class: 'value' }, value));
}

function copyButton(text, label) {
  const button = h('button', { type: 'button', class: 'quiet', onclick: async () => {
    const done = navigator.clipboard ? await navigator.clipboard.writeText(text).then(() => true, () => false) : false;
    button.textContent = done ? 'Copied' : 'Select and copy by hand';
  } }, label || 'Copy');
  return button;
}

function empty(text) {
  return h('p', { class: 'empty' }, text);
}
