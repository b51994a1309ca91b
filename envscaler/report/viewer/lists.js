// Lists of rows: searched, filtered, sorted, and drawn a hundred at a time.

const AT_ONCE = 100;

// columns: {title, cell(entry), sort(entry)?, wide?}; filters: {name, title, value(entry)}
function rowList({ list, entries, columns, filters, text, unit, many, path }) {
  const query = here().query;
  const chosen = Object.fromEntries(filters.map(({ name }) => [name, query.get(name) || '']));
  const state = { search: query.get('q') || '', sort: query.get('sort') || '', inside: null, shown: AT_ONCE };
  const body = h('tbody');
  const count = h('p', { class: 'count', role: 'status' });
  const more = h('button', { type: 'button', class: 'more', onclick: () => { state.shown += AT_ONCE; draw(); } }, 'Show more');
  const head = h('tr', {}, columns.map(headCell));

  function headCell(column) {
    if (!column.sort) return h('th', { scope: 'col' }, column.title);
    return h('th', { scope: 'col', 'data-column': column.title },
      h('button', { type: 'button', class: 'sort', onclick: () => sortBy(column.title) }, column.title));
  }

  function sortBy(title) {
    state.sort = state.sort === title ? '-' + title : state.sort === '-' + title ? '' : title;
    change({ sort: state.sort });
  }

  function change(changes) {
    setQuery(changes);
    state.shown = AT_ONCE;
    draw();
  }

  function matching() {
    const wanted = state.search.toLowerCase();
    return entries.filter((entry) =>
      filters.every(({ name, value }) => !chosen[name] || String(value(entry)) === chosen[name])
      && (!wanted || (state.inside ? state.inside.has(entry.id) : text(entry).toLowerCase().includes(wanted))));
  }

  function sorted(found) {
    const down = state.sort.startsWith('-');
    const column = columns.find(({ title }) => title === state.sort.replace(/^-/, ''));
    if (!column) return found;
    const keyed = found.map((entry) => [column.sort(entry), entry]);
    keyed.sort(([one], [other]) => compare(one, other));
    return (down ? keyed.reverse() : keyed).map(([, entry]) => entry);
  }

  function draw() {
    const found = sorted(matching());
    run.trail = found.map((entry) => path(entry));
    run.trailPage = here().page;
    body.replaceChildren(...found.slice(0, state.shown).map(drawRow));
    count.textContent = found.length === entries.length ? plural(found.length, unit, many) : `${number(found.length)} of ${plural(entries.length, unit, many)}`;
    more.hidden = found.length <= state.shown;
    for (const cell of head.querySelectorAll('[data-column]')) {
      const title = cell.getAttribute('data-column');
      cell.setAttribute('aria-sort', state.sort === title ? 'ascending' : state.sort === '-' + title ? 'descending' : 'none');
    }
  }

  function drawRow(entry) {
    const cells = columns.map((column, place) => h('td', { 'data-label': column.title, class: column.wide ? 'wide' : null },
      place === 0 ? link(path(entry), column.cell(entry), { class: 'row-link' }) : column.cell(entry)));
    return h('tr', { onclick: (event) => { if (!event.target.closest('a, button, select') && !String(getSelection())) location.hash = '#/' + path(entry); } }, cells);
  }

  const box = h('input', { type: 'search', id: 'search', placeholder: 'Search (press /)', 'aria-label': 'Search', value: state.search,
    oninput: () => { state.search = box.value; state.inside = null; deep.textContent = DEEP; change({ q: box.value }); },
    onkeydown: (event) => { if (event.key === 'Enter' && box.value) lookInside(); } });
  const DEEP = 'Search all text';
  const deep = h('button', { type: 'button', class: 'quiet', onclick: () => lookInside(), title: 'Also in messages, code and states (Enter)' }, DEEP);

  async function lookInside() {
    if (!box.value) { box.focus(); return; }
    const text = box.value;
    const found = await searchRows(list, text, (share) => { deep.textContent = `Searching ${percent(share)}`; });
    if (text !== box.value) return;
    state.inside = found;
    deep.textContent = 'Searched all text';
    change({ q: text });
  }

  const selects = filters.map((filter) => select(filter, entries, chosen, change)).filter(Boolean);
  draw();
  return h('div', { class: 'list' },
    h('div', { class: 'tools' }, box, list && list !== 'dropped' ? deep : null, selects), count,
    h('div', { class: 'scroll' }, h('table', { class: 'rows' }, h('thead', {}, head), body)),
    entries.length ? more : empty('There are none in this run.'));
}

function select(filter, entries, chosen, change) {
  const counted = new Map();
  for (const entry of entries) {
    const value = String(filter.value(entry));
    counted.set(value, (counted.get(value) || 0) + 1);
  }
  if (counted.size < 2 && !chosen[filter.name]) return null;
  const label = filter.label || words;
  const options = [...counted].sort(([one], [other]) => compare(label(one), label(other)))
    .map(([value, count]) => h('option', { value, selected: value === chosen[filter.name] }, `${label(value)} (${number(count)})`));
  const node = h('select', { 'aria-label': filter.title, onchange: () => { chosen[filter.name] = node.value; change({ [filter.name]: node.value }); } },
    h('option', { value: '' }, filter.title), options);
  return node;
}

function compare(one, other) {
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  if (one === null || one === undefined) return -1;
  if (other === null || other === undefined) return 1;
  return String(one).localeCompare(String(other), 'en', { numeric: true });
}
