// Which page is shown, the frame around it, and the keyboard.

const PAGES = [
  ['overview', 'Overview', overviewPage], ['environments', 'Environments', environmentsPage], ['scenarios', 'Scenarios', scenariosPage],
  ['trajectories', 'Trajectories', trajectoriesPage], ['rejected', 'Rejected', rejectedPage], ['statistics', 'Statistics', statisticsPage],
  ['tasks', 'Tasks', tasksPage], ['compare', 'Compare', comparePage],
];
const DETAILS = { environment: environmentPage, scenario: scenarioPage, trajectory: trajectoryPage, task: taskPage };
const HOMES = { environment: 'environments', scenario: 'scenarios', trajectory: 'trajectories', task: 'tasks', reason: 'rejected' };
let turnNumber = 0;

async function contentOf({ page, id }) {
  if (page in DETAILS) return run.byId.has(id) ? DETAILS[page](id) : missingPage();
  if (page === 'reason') return reasonPage(id);
  const found = PAGES.find(([name]) => name === page);
  return found ? found[2]() : missingPage();
}

async function show() {
  turnNumber += 1;
  const mine = turnNumber;
  const where = here();
  const content = await contentOf(where);
  if (mine !== turnNumber) return; // somebody has gone on while this was unpacked
  const main = document.querySelector('main');
  main.replaceChildren(...content.flat(Infinity).filter(Boolean));
  main.prepend(...contentsOf(main, where));
  for (const each of document.querySelectorAll('nav a')) {
    const name = each.getAttribute('href').slice(2);
    if (name === (HOMES[where.page] || where.page)) each.setAttribute('aria-current', 'page');
    else each.removeAttribute('aria-current');
  }
  document.title = `${main.querySelector('h1').textContent.slice(0, 60)} · ${run.index.name}`;
  scrollTo(0, 0);
  const wanted = where.query.get('at');
  if (wanted && document.getElementById(wanted)) document.getElementById(wanted).scrollIntoView();
  main.dataset.ready = location.hash;
}

// On a page with parts: where to jump to, and to the rows before and after.
function contentsOf(main, { page }) {
  if (!(page in HOMES)) return [];
  const parts = [...main.querySelectorAll('section.part')].map((part) => h('button', { type: 'button', class: 'quiet', onclick: () => { setQuery({ at: part.id }); part.scrollIntoView({ behavior: 'smooth' }); } }, part.dataset.title));
  const [before, after] = neighbours();
  return [h('div', { class: 'jump' }, link(HOMES[page], '← All', { class: 'back' }), before ? link(before, 'Previous (k)') : null, after ? link(after, 'Next (j)') : null, h('span', { class: 'spring' }), parts)];
}

function neighbours() {
  const { page, id } = here();
  const path = `${page}/${encodeURIComponent(id)}`;
  const trail = run.trail && run.trail.includes(path) ? run.trail : (run.index[HOMES[page]] || []).map((entry) => `${page}/${encodeURIComponent(nameOf(entry) || entry.id)}`);
  const place = trail.indexOf(path);
  return [trail[place - 1], place < 0 ? undefined : trail[place + 1]];
}

function frame() {
  const links = PAGES.filter(([name]) => name !== 'compare' || run.index.comparison).filter(([name]) => name !== 'tasks' || run.index.candidates.length)
    .map(([name, title]) => link(name, [title, name in run.index && Array.isArray(run.index[name]) ? h('small', {}, number(run.index[name].length)) : name === 'rejected' ? h('small', {}, number(run.index.dropped.length)) : null]));
  document.getElementById('app').replaceChildren(
    h('aside', {}, h('p', { class: 'brand' }, 'envscaler', h('small', {}, ' report')), h('nav', { 'aria-label': 'Pages' }, links),
      h('p', { class: 'foot' }, h('button', { type: 'button', class: 'quiet', onclick: turnTheme, title: 'Light or dark (t)' }, 'Light or dark'), h('button', { type: 'button', class: 'quiet', onclick: () => help.showModal() }, 'Keys (?)'))),
    h('main', { tabindex: -1 }), help);
}

function turnTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = dark ? 'light' : 'dark';
}

const KEYS = [['/', 'search'], ['j, k', 'next and previous row'], ['Enter', 'open the marked row; in the search: look through all text'], ['u', 'back to the list'], ['e', 'unfold all reasoning'], ['1 … 8', 'the pages'], ['t', 'light or dark'], ['?', 'this help']];
const help = h('dialog', { 'aria-label': 'Keys' }, h('h2', {}, 'Keys'), h('dl', { class: 'facts' }, KEYS.map(([key, what]) => h('div', {}, h('dt', {}, h('kbd', {}, key)), h('dd', {}, what)))), h('form', { method: 'dialog' }, h('button', {}, 'Close')));

function step(by) {
  const { page } = here();
  if (page in HOMES) {
    const path = neighbours()[by < 0 ? 0 : 1];
    if (path) location.hash = '#/' + path;
    return;
  }
  const rows = [...document.querySelectorAll('table.rows a.row-link')];
  const now = rows.indexOf(document.activeElement);
  const next = rows[Math.max(0, Math.min(rows.length - 1, now + by))];
  if (next) next.focus();
}

const ACTIONS = {
  '/': () => { const box = document.getElementById('search'); if (box) box.focus(); else location.hash = '#/trajectories'; },
  j: () => step(1), k: () => step(-1),
  u: () => { const home = HOMES[here().page]; if (home) location.hash = '#/' + home; },
  e: toggleReasoning, t: turnTheme, '?': () => help.showModal(),
};

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest('input, select, textarea, dialog')) {
    if (event.key === 'Escape') event.target.blur();
    return;
  }
  const links = document.querySelectorAll('nav a');
  const act = /^[1-8]$/.test(event.key) ? links[event.key - 1] && (() => links[event.key - 1].click()) : ACTIONS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

// Everything that is folded is printed too.
let folded = [];
addEventListener('beforeprint', () => {
  folded = [...document.querySelectorAll('.talk details:not([open]), .card details:not([open])')];
  for (const each of folded) each.open = true;
});
addEventListener('afterprint', () => { for (const each of folded) each.open = false; });

unpack('index').then((index) => {
  remember(index);
  frame();
  addEventListener('hashchange', show);
  addEventListener('keydown', onKey);
  return show();
}).catch((error) => {
  document.getElementById('app').replaceChildren(h('p', { class: 'banner bad' }, `This report cannot be drawn: ${error.message}. It needs a browser of 2023 or later.`));
});
