// Tasks, what was rejected, and two runs side by side.

function tasksPage() {
  return [h('h1', {}, 'Tasks'), rowList({
    list: 'candidates', entries: run.index.candidates, unit: 'task',
    path: (entry) => `task/${entry.id}`,
    text: (entry) => `${entry.id} ${entry.task} ${entry.summary}`,
    filters: [{ name: 'fate', title: 'Any fate', value: (entry) => entry.fate }, { name: 'stateful', title: 'Stateful or not', value: (entry) => (entry.stateful ? 'stateful' : 'not stateful') }],
    columns: [
      { title: 'Task', cell: (entry) => clipped(entry.task, 170), sort: (entry) => entry.task, wide: true },
      { title: 'Environment', cell: (entry) => entry.summary || '–', sort: (entry) => entry.summary },
      { title: 'Fate', cell: (entry) => fate(entry.fate), sort: (entry) => entry.fate },
      { title: 'Judgement', cell: (entry) => badge(entry.stateful ? 'stateful' : 'not stateful', entry.stateful ? 'good' : 'calm'), sort: (entry) => entry.stateful },
    ],
  })];
}

async function taskPage(id) {
  const entry = run.byId.get(id).entry;
  const row = await rowOf(entry);
  const found = row.inference;
  const about = run.index.dropped.filter((each) => [row.id, row.topic, row.skeleton].includes(each.id));
  return [
    h('header', { class: 'head' }, h('p', { class: 'kicker' }, 'Task ', h('span', { class: 'id' }, row.id)), h('h1', { class: 'task' }, row.task)),
    about.map((each) => h('p', { class: 'banner bad' }, h('b', {}, `Rejected by ${each.stage}: ${words(each.kind)}. `), linked(each.reason))),
    section('Judgement', 'judgement', h('p', { class: 'marks' }, badge(row.judgement.stateful ? 'stateful' : 'not stateful', row.judgement.stateful ? 'good' : 'calm')), h('p', { class: 'prose' }, row.judgement.reasoning)),
    found ? section('The environment it would happen in', 'inference', h('h3', {}, found.summary), h('p', { class: 'prose' }, found.introduction), facts([['Usefulness', `${found.usefulness} of 10`], ['Modelability', `${found.modelability} of 10`]]), fold('Reasoning', () => h('p', { class: 'prose' }, found.reasoning))) : null,
  ];
}

function rejectedPage() {
  return [h('h1', {}, 'Rejected'), rowList({
    list: 'dropped', entries: run.index.dropped, unit: 'row',
    path: (entry) => pathOf(entry.id) || `reason/${encodeURIComponent(entry.id)}`,
    text: (entry) => `${entry.id} ${entry.stage} ${entry.kind} ${entry.reason}`,
    filters: [{ name: 'stage', title: 'Any stage', value: (entry) => entry.stage }, { name: 'kind', title: 'Any reason', value: (entry) => entry.kind }],
    columns: [
      { title: 'What', cell: (entry) => whatOf(entry), sort: (entry) => entry.id },
      { title: 'Stage', cell: (entry) => entry.stage, sort: (entry) => entry.stage },
      { title: 'Reason', cell: (entry) => badge(entry.kind, 'bad'), sort: (entry) => entry.kind },
      { title: 'In words', cell: (entry) => linked(entry.reason), wide: true },
    ],
  })];
}

function whatOf(entry) {
  const found = run.byId.get(entry.id);
  const name = found && (found.entry.summary || clipped(found.entry.task || taskOf(found.entry) || '', 60));
  return name ? [name, h('span', { class: 'id block' }, entry.id)] : h('span', { class: 'id' }, entry.id);
}

function reasonPage(id) {
  const about = run.index.dropped.filter((each) => each.id === id);
  if (!about.length) return missingPage();
  return [
    h('header', { class: 'head' }, h('p', { class: 'kicker' }, 'Rejected'), h('h1', {}, id)),
    about.map((each) => h('div', { class: 'banner bad' }, h('p', {}, h('b', {}, `Stage ${each.stage}: ${words(each.kind)}`)), h('p', {}, linked(each.reason)))),
    h('p', { class: 'note' }, 'Only the reason was kept of this row.'),
  ];
}

function comparePage() {
  const found = run.index.comparison;
  if (!found) return missingPage();
  const names = [run.index.name, run.index.other];
  const interval = found.interval ? ` (95 % interval ${signed(found.interval[0])} to ${signed(found.interval[1])})` : '';
  const entries = found.rows.map((row) => ({ id: row.scenario, ...row, difference: row.scores[0] - row.scores[1] }));
  return [
    h('header', { class: 'head' }, h('p', { class: 'kicker' }, 'On the same scenarios'), h('h1', {}, `${names[0]} against ${names[1]}`)),
    entries.length ? [
      facts([[`Mean score of ${names[0]}`, score(found.means[0])], [`Mean score of ${names[1]}`, score(found.means[1])], ['Full marks', found.pass_rates.map(percent).join(' against ')], ['Difference', found.difference === null ? '–' : signed(found.difference) + interval], ['Played by one only', `${found.only[0]} and ${found.only[1]} scenarios`]]),
      rowList({
        list: null, entries, unit: 'scenario', path: (entry) => addressOf('trajectories', { scenario: entry.scenario }),
        text: (entry) => entry.scenario + ' ' + taskOf(entry),
        filters: [{ name: 'better', title: 'Whoever is better', value: (entry) => (entry.difference > 0 ? names[0] : entry.difference < 0 ? names[1] : 'equal'), label: String }],
        columns: [
          { title: 'Task', cell: (entry) => clipped(taskOf(entry), 150), wide: true, sort: taskOf },
          { title: names[0], cell: (entry) => [scoreBadge(entry.scores[0]), ` of ${entry.attempts[0]}`], sort: (entry) => entry.scores[0] },
          { title: names[1] + (names[0] === names[1] ? ' (2)' : ''), cell: (entry) => [scoreBadge(entry.scores[1]), ` of ${entry.attempts[1]}`], sort: (entry) => entry.scores[1] },
          { title: 'Difference', cell: (entry) => signed(entry.difference), sort: (entry) => entry.difference },
        ],
      }),
    ] : empty('The two runs have played no scenario in common.'),
  ];
}

function signed(value) {
  return (value > 0 ? '+' : value < 0 ? '−' : '±') + Math.abs(value).toFixed(2);
}

function missingPage() {
  return [h('h1', {}, 'Not here'), h('p', {}, 'This report has no such page. ', link('overview', 'Go to the overview'))];
}
