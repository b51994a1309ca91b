// What was made, what was refused and why, and what it took.

function overviewPage() {
  const { index } = run;
  const kept = (list) => index[list].filter((entry) => entry.fate === 'kept' && entry.side !== 'B');
  const scores = kept('trajectories').map((entry) => entry.score).filter((value) => value !== null);
  const proven = kept('scenarios').filter((entry) => entry.proof_state === 'proven');
  const mean = scores.length ? scores.reduce((sum, value) => sum + value, 0) / scores.length : null;
  const tiles = [
    tile('environments', kept('environments').length, 'environments', `${number(kept('environments').reduce((sum, entry) => sum + entry.tools, 0))} tools`),
    tile('scenarios', kept('scenarios').length, 'scenarios', `${proven.length} proven`),
    tile('trajectories', kept('trajectories').length, 'trajectories', mean === null ? 'no scores' : `mean score ${score(mean)}`),
    tile('rejected', index.dropped.length, 'rejected', 'each with its reason'),
  ];
  return [
    h('header', { class: 'head' }, h('p', { class: 'kicker' }, 'Run'), h('h1', {}, index.name)),
    index.notes.map((note) => h('p', { class: 'banner odd' }, note)),
    h('div', { class: 'tiles' }, tiles),
    section('From tasks to trajectories', 'funnel', funnelTable(index.funnel)),
    section('Tokens and cost', 'tokens', spendingTable(index.spending)),
    section('Settings', 'settings', Object.keys(index.settings).length
      ? Object.entries(index.settings).map(([name, text]) => fold(name, () => h('pre', { class: 'code', tabindex: 0 }, text)))
      : empty('This run keeps no settings.')),
  ];
}

function tile(page, count, label, note) {
  return link(page, [h('strong', {}, number(count)), h('span', {}, label), h('small', {}, note)], { class: 'tile' });
}

const PAGES_OF = { tasks: null, candidates: 'tasks', skeletons: 'environments', envs: 'environments?fate=kept', scenario_candidates: 'scenarios', scenarios: 'scenarios?fate=kept', rollouts: 'trajectories', trajectories: 'trajectories?fate=kept' };

function funnelTable(stages) {
  const most = Math.max(1, ...stages.map((stage) => (stage.made || 0) + total(stage.refused)));
  return h('div', { class: 'funnel' }, stages.map((stage) => {
    const refused = total(stage.refused);
    const page = PAGES_OF[stage.out];
    const made = stage.made === null ? '–' : plural(stage.made, singular(stage.out), words(stage.out));
    return h('div', { class: 'stage' },
      h('span', { class: 'name' }, stage.stage),
      h('span', { class: 'bar', 'aria-hidden': 'true' }, bar(stage.made || 0, most, 'made'), bar(refused, most, 'refused')),
      h('span', { class: 'made' }, page ? link(page, made) : made),
      h('span', { class: 'why' }, Object.entries(stage.refused).map(([kind, count]) =>
        link(addressOf('rejected', { stage: stage.stage, kind }), `${number(count)} ${words(kind)}`, { class: 'chip' }))));
  }));
}

const ONE = { envs: 'env', trajectories: 'trajectory' };

function singular(name) {
  return words(ONE[name] || name.replace(/s$/, ''));
}

function total(counts) {
  return Object.values(counts).reduce((sum, value) => sum + value, 0);
}

function bar(value, most, kind) {
  const node = h('i', { class: kind });
  node.style.flexBasis = `${(100 * value) / most}%`;
  return node;
}

function spendingTable(rows) {
  if (!rows.length) return empty('No row of this run says what it took.');
  const priced = rows.some((row) => row.cost !== null);
  const sum = (name) => rows.reduce((all, row) => all + (row[name] || 0), 0);
  const head = ['Stage', 'Model', 'Requests', 'Tokens in', 'of them cached', 'Tokens out', 'of them reasoning', ...(priced ? ['Cost'] : [])];
  const cells = (row) => [row.calls, row.prompt, row.in_cache, row.completion, row.reasoning].map((value) => h('td', { class: 'n' }, number(value)));
  const all = { calls: sum('calls'), prompt: sum('prompt'), in_cache: sum('in_cache'), completion: sum('completion'), reasoning: sum('reasoning') };
  return [h('div', { class: 'scroll' }, h('table', { class: 'plain' },
    h('thead', {}, h('tr', {}, head.map((title, place) => h('th', { scope: 'col', class: place > 1 ? 'n' : null }, title)))),
    h('tbody', {}, rows.map((row) => h('tr', {}, h('td', {}, row.stage), h('td', {}, row.model), cells(row), priced && h('td', { class: 'n' }, row.cost === null ? '–' : row.cost.toFixed(2))))),
    h('tfoot', {}, h('tr', {}, h('th', { scope: 'row' }, 'Together'), h('td'), cells(all), priced && h('td', { class: 'n' }, sum('cost').toFixed(2)))))),
  h('p', { class: 'note' }, priced ? 'What the rows in the files took; rows dropped half-way are not in it.' : 'What the rows in the files took; rows dropped half-way are not in it. Money is shown with a price file: --set llm.prices=prices.yaml.')];
}
