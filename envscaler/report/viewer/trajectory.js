// Trajectories: the list, and one as a conversation.

function trajectoriesPage() {
  const sides = run.index.other !== null;
  return [h('h1', {}, 'Trajectories'), rowList({
    list: 'trajectories', entries: run.index.trajectories, unit: 'trajectory', many: 'trajectories',
    path: (entry) => `trajectory/${encodeURIComponent(nameOf(entry))}`,
    text: (entry) => `${entry.id} ${entry.scenario} ${taskOf(entry)} ${entry.model} ${entry.reason}`,
    filters: [
      ...(sides ? [{ name: 'side', title: 'Both runs', value: (entry) => entry.side, label: sideName }] : []),
      { name: 'env', title: 'Any environment', value: (entry) => entry.env, label: envName },
      { name: 'score', title: 'Any score', value: scoreClass },
      { name: 'stop', title: 'Any ending', value: (entry) => entry.stop },
      { name: 'band', title: 'Any band', value: bandOf },
      { name: 'fate', title: 'Any fate', value: (entry) => entry.fate },
      { name: 'dialogue', title: 'Any dialogue', value: (entry) => entry.dialogue },
      { name: 'format', title: 'Any tool format', value: (entry) => entry.format },
      { name: 'model', title: 'Any model', value: (entry) => entry.model },
      { name: 'scenario', title: 'Any scenario', value: (entry) => entry.scenario },
    ],
    columns: [
      { title: 'Task', cell: (entry) => clipped(taskOf(entry), 130), sort: taskOf, wide: true },
      { title: 'Score', cell: (entry) => scoreBadge(entry.score), sort: (entry) => entry.score },
      ...(sides ? [{ title: 'Run', cell: (entry) => sideName(entry.side), sort: (entry) => entry.side }] : []),
      { title: 'Ending', cell: (entry) => fate(entry.stop), sort: (entry) => entry.stop },
      { title: 'Fate', cell: (entry) => fate(entry.fate), sort: (entry) => entry.fate },
      { title: 'Way', cell: (entry) => `${words(entry.dialogue)}, ${entry.format}`, sort: (entry) => entry.dialogue + entry.format },
      { title: 'Calls', cell: (entry) => number(entry.calls), sort: (entry) => entry.calls },
      { title: 'Tokens', cell: (entry) => number(entry.tokens), sort: (entry) => entry.tokens },
    ],
  })];
}

function taskOf(entry) {
  const found = run.byId.get(entry.scenario);
  return found ? found.entry.task : entry.scenario;
}

function bandOf(entry) {
  const found = run.byId.get(entry.scenario);
  return (found && found.entry.band) || 'no band';
}

function sideName(side) {
  return side === 'B' ? run.index.other : run.index.name;
}

function scoreClass({ score: value }) {
  if (value === null) return 'no score';
  return value >= 1 ? 'full marks' : value > 0 ? 'in part' : 'zero';
}

async function trajectoryPage(id) {
  const entry = run.byId.get(id).entry;
  const row = await rowOf(entry);
  const steps = new Map(row.steps.map((step) => [step.call, step]));
  const reward = row.reward;
  return [
    h('header', { class: 'head' }, h('p', { class: 'kicker' }, 'Trajectory ', h('span', { class: 'id' }, entry.id), run.index.other ? ` of ${sideName(entry.side)}` : ''), h('h1', { class: 'task' }, link(`scenario/${row.scenario_id}`, taskOf(entry))),
      h('p', { class: 'marks' }, scoreBadge(entry.score), fate(entry.stop), fate(entry.fate), badge(`${words(entry.dialogue)}, ${entry.format}`, 'calm'), badge(`attempt ${entry.attempt + 1}`, 'calm'), badge(plural(entry.calls, 'call'), 'calm'), badge(entry.model || 'no model', 'calm'))),
    entry.fate === 'rejected' ? rejection(entry.reason) : null,
    row.replay_problem ? h('p', { class: 'banner odd' }, `What calls changed is not shown in full: ${row.replay_problem}`) : null,
    reward ? section('Reward', 'reward', rewardOf(reward)) : null,
    section('Conversation', 'conversation',
      h('p', { class: 'tools' }, h('button', { type: 'button', class: 'quiet', onclick: toggleReasoning }, 'Unfold all reasoning (e)'), link(`environment/${row.env_id}`, envName(row.env_id))),
      h('div', { class: 'talk' }, conversation(row, steps))),
    (row.user_messages || []).length ? section('The simulated user', 'user', fold('What it was told and thought', () => row.user_messages.map((message) => turn(message, [], new Map())))) : null,
  ];
}

function rewardOf(reward) {
  return [
    facts([['Score', score(reward.score)], ['Definition', reward.definition || 'goal'], ['Share of checks', score(reward.fraction)], ['Goals', score(reward.goal)], ['Scored in', reward.isolation]]),
    reward.problem ? h('p', { class: 'banner odd' }, reward.problem) : null,
    h('ul', { class: 'verdicts' }, reward.verdicts.map((each) => h('li', { class: each.kind }, h('span', { class: 'tick', 'aria-label': each.kind }, each.kind === 'passed' ? '✓' : each.kind === 'failed' ? '✗' : '!'), h('span', {}, each.item, each.message ? h('small', {}, ' ', each.message) : null)))),
  ];
}

// A result stands under the call that it answers.
function conversation(row, steps) {
  const results = new Map(row.messages.filter((each) => each.role === 'tool').map((each) => [each.tool_call_id, each]));
  return row.messages.filter((each) => each.role !== 'tool').map((message) => turn(message, message.tool_calls || [], steps, results));
}

function turn(message, calls, steps, results) {
  if (message.role === 'system') return h('div', { class: 'turn system' }, fold('System prompt', () => h('pre', { class: 'text' }, run.index.texts[message.content])));
  return h('div', { class: 'turn ' + message.role },
    h('p', { class: 'who' }, message.role === 'assistant' ? 'Agent' : words(message.role)),
    message.reasoning ? h('div', { class: 'reasoning' }, fold(['Reasoning ', h('span', { class: 'dim' }, plural(message.reasoning.trim().split(/\s+/).length, 'word'))], () => h('pre', { class: 'text' }, message.reasoning))) : null,
    message.content ? h('pre', { class: 'text said' }, message.content) : null,
    message.problem ? h('p', { class: 'banner bad' }, message.problem) : null,
    calls.map((call) => callCard(call, steps.get(call.id), results.get(call.id))));
}

function callCard(call, step, result) {
  const diff = step && step.diff ? changes(step.diff) : null;
  const refused = step ? step.kind !== 'ok' : true;
  const value = result ? parsed(result.content) : undefined;
  const failed = refused || (value && typeof value === 'object' && value.success === false);
  return h('div', { class: 'callcard' + (failed ? ' failed' : '') },
    h('div', { class: 'callhead' }, callLine(call.name, call.arguments), step ? (step.kind === 'ok' ? null : badge(step.kind, 'bad')) : badge('not run', 'bad')),
    result ? h('div', { class: 'result' }, value === undefined || typeof value !== 'object' ? h('pre', { class: 'text' }, result.content) : h('div', { class: 'tree' }, resultParts(value))) : null,
    step && step.output ? fold('Printed', () => h('pre', { class: 'text' }, step.output)) : null,
    diff || (step && step.diff ? h('p', { class: 'dim same' }, 'The state did not change.') : null),
    step && step.diff && step.diff.other ? h('p', { class: 'banner odd' }, 'Made again, this call came to another result than is recorded.') : null);
}

// The fields of a result side by side; what it is about is open.
function resultParts(value) {
  const parts = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return parts.map(([key, item]) => tree(item, key, inline(item).length < 1500 ? 0 : 1));
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toggleReasoning() {
  const folds = [...document.querySelectorAll('.reasoning > details')];
  const open = folds.some((each) => !each.open);
  for (const each of folds) each.open = open;
}
