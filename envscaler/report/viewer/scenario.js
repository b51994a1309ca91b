// Scenarios: the list, and one in full with its proof.

function scenariosPage() {
  const floors = run.index.scenarios.some((entry) => entry.floor !== null);
  const bands = run.index.scenarios.some((entry) => entry.band || entry.pass_rate !== null);
  return [h('h1', {}, 'Scenarios'), rowList({
    list: 'scenarios', entries: run.index.scenarios, unit: 'scenario',
    path: (entry) => `scenario/${entry.id}`,
    text: (entry) => `${entry.id} ${entry.task} ${entry.reason}`,
    filters: [
      { name: 'env', title: 'Any environment', value: (entry) => entry.env, label: envName },
      { name: 'fate', title: 'Any fate', value: (entry) => entry.fate },
      { name: 'proof', title: 'Any proof', value: (entry) => entry.proof_state },
      { name: 'band', title: 'Any band', value: (entry) => entry.band || 'no band' },
    ],
    columns: [
      { title: 'Task', cell: (entry) => clipped(entry.task, 170), sort: (entry) => entry.task, wide: true },
      { title: 'Environment', cell: (entry) => envName(entry.env), sort: (entry) => envName(entry.env) },
      { title: 'Fate', cell: (entry) => fate(entry.fate), sort: (entry) => entry.fate },
      { title: 'Proof', cell: (entry) => fate(entry.proof_state), sort: (entry) => entry.proof_state },
      { title: 'Checks', cell: (entry) => number(entry.check_count), sort: (entry) => entry.check_count },
      { title: 'Calls', cell: (entry) => number(entry.calls), sort: (entry) => entry.calls },
      { title: 'No-op score', cell: (entry) => score(entry.noop), sort: (entry) => entry.noop },
      ...(floors ? [{ title: 'Floor', cell: (entry) => score(entry.floor), sort: (entry) => entry.floor }] : []),
      ...(bands ? [{ title: 'Pass rate', cell: (entry) => [percent(entry.pass_rate), entry.band ? [' ', badge(entry.band, 'calm')] : null], sort: (entry) => entry.pass_rate }] : []),
    ],
  })];
}

async function scenarioPage(id) {
  const entry = run.byId.get(id).entry;
  const row = await rowOf(entry);
  const mine = run.index.trajectories.filter((each) => each.scenario === id);
  return [
    h('header', { class: 'head' }, h('p', { class: 'kicker' }, 'Scenario ', h('span', { class: 'id' }, id), ' in ', link(`environment/${row.env_id}`, envName(row.env_id))), h('h1', { class: 'task' }, row.task),
      h('p', { class: 'marks' }, fate(entry.fate), row.proof ? fate(entry.proof_state) : badge('nothing proven', 'calm'), badge(row.kind, 'calm'), entry.band ? badge(entry.band, 'calm') : null)),
    entry.fate === 'rejected' ? rejection(entry.reason) : null,
    section('Initial state', 'state', stateTree(row.initial_state), facts([['Clock starts', row.clock.start], ['Seconds a call', String(row.clock.step)], ['Seed', String(row.seed)]])),
    section('Checks', 'checks', row.checks.length ? row.checks.map((check, place) => checkFold(check, place, row.proof)) : empty('It has no checks.')),
    section('Proof', 'proof', row.proof ? proofOf(row.proof, row.checks) : empty('Nothing was proven about it, nor refuted.')),
    row.floor_panel ? section('Floor panel', 'floor', floorOf(row.floor_panel)) : null,
    row.calibration ? section('How hard it is', 'calibration', facts([['Attempts', number(row.calibration.attempts)], ['Scored', number(row.calibration.scored)], ['Passed', number(row.calibration.passes)], ['Pass rate', percent(row.calibration.pass_rate)], ['Mean score', score(row.calibration.mean_score)], ['Band', row.calibration.band || 'none']])) : null,
    section('Trajectories', 'trajectories', mine.length ? h('table', { class: 'plain' }, h('tbody', {}, mine.map((each) => h('tr', {}, h('td', {}, scoreBadge(each.score)), h('td', {}, link(`trajectory/${encodeURIComponent(nameOf(each))}`, each.id, { class: 'id' })), h('td', {}, `${words(each.dialogue)}, ${each.format}, attempt ${each.attempt + 1}`), h('td', {}, plural(each.calls, 'call')), h('td', {}, fate(each.fate)))))) : empty('Nobody has played it.')),
  ];
}

function checkFold(check, place, proof) {
  const proven = proof && proof.checks[place];
  const role = proven ? proven.role : check.initially_true === null ? null : check.initially_true ? 'guard' : 'goal';
  const caught = proof ? proof.mutants.filter((each) => each.caught_by.includes(place)).length : null;
  return fold([role ? fate(role) : null, ' ', check.item], () => [
    proven && proven.problem ? h('p', { class: 'banner bad' }, proven.problem) : null,
    facts([['At the start', check.initially_true === null ? 'not known' : String(check.initially_true)], ['Made by', check.by_code ? 'code, from what the reference changes' : 'its author'], ['Wrong solutions caught', caught === null ? null : `${caught} of ${proof.mutants.length}`]]),
    codeBlock(check.source),
  ]);
}

function proofOf(proof, checks) {
  return [
    proof.reasons.length ? h('ul', { class: 'banner bad' }, proof.reasons.map((reason) => h('li', {}, reason))) : h('p', { class: 'banner good' }, 'Proven: a solution was executed, and what is wrong with it is told apart.'),
    facts([['Reference scores', score(proof.score)], ['No-op baseline scores', score(proof.noop_score)], ['under the published definition', score(proof.noop_fraction)], ['Two runs', proof.repeatable ? 'agree byte for byte' : 'differ'], ['Reward', proof.definition], ['Wrong solutions with full marks', `${proof.mutants.filter((each) => !each.right && each.score === 1).length} of ${proof.mutants.filter((each) => !each.right).length}`]]),
    h('h3', {}, 'Reference solution, executed'), solutionOf(proof.reference),
    proof.alternatives.map((calls, place) => fold(`Another right solution, ${place + 1}`, () => solutionOf(calls))),
    proof.mutants.length ? fold(`${plural(proof.mutants.length, 'solution')} with one thing wrong, and who caught them`, () => mutantTable(proof.mutants, checks)) : null,
    named('Taken out', proof.removed), named('Opened by the author', proof.free), named('Left open by the checks', proof.left_open),
  ];
}

const POLICIES = {
  'no-op': 'calls nothing',
  queries: 'calls every query',
  random: 'calls at random, with arguments of the right types',
  greedy: 'searches the reward at random, and keeps what raised it',
  canaries: 'types the answer into free texts',
  grader: 'reaches for the grader through arguments',
  shortened: 'the reference without its last write: it does most of the task',
};

function floorOf(panel) {
  const scored = (value) => h('td', { class: 'n' }, score(value));
  return [
    h('p', {}, `What policies that solve nothing get, best of their runs, under the reward ${panel.definition}.`),
    h('table', { class: 'plain' }, h('tbody', {},
      Object.entries(panel.best).map(([policy, best]) => h('tr', {}, h('th', { scope: 'row' }, policy), h('td', {}, POLICIES[policy]), scored(best))),
      h('tr', {}, h('th', { scope: 'row' }, 'reference'), h('td', {}, 'the solution that proves it'), scored(panel.reference)))),
  ];
}

function named(title, lines) {
  return lines.length ? fold(`${title}: ${lines.length}`, () => h('ul', { class: 'prose' }, lines.map((line) => h('li', {}, line)))) : null;
}

function solutionOf(calls) {
  return h('ol', { class: 'calls' }, calls.map((call) => h('li', {},
    fold([callLine(call.name, call.arguments), ' ', call.succeeded ? null : badge('refused', 'bad'), call.changed ? badge('writes', 'odd') : null], () => stateTree(call.observation.value)))));
}

function mutantTable(mutants, checks) {
  const who = (places) => (places.length ? h('ul', { class: 'tight' }, places.map((place) => h('li', {}, checks[place] ? clipped(checks[place].item, 90) : `check ${place + 1}`))) : h('b', { class: 'bad' }, 'nobody'));
  return h('div', { class: 'scroll' }, h('table', { class: 'plain' }, h('thead', {}, h('tr', {}, ['What is wrong', 'Call', 'Scores', 'Caught by'].map((title) => h('th', { scope: 'col' }, title)))),
    h('tbody', {}, mutants.map((each) => h('tr', {}, h('td', {}, `${words(each.kind)}, call ${each.at + 1}`), h('td', {}, callLine(each.call.name, each.call.arguments)), h('td', { class: 'n' }, score(each.score)), h('td', {}, each.right ? badge('right too', 'calm') : who(each.caught_by)))))));
}
