// Environments: the list, and one in full.

function environmentsPage() {
  return [h('h1', {}, 'Environments'), rowList({
    list: 'environments', entries: run.index.environments, unit: 'environment',
    path: (entry) => `environment/${entry.id}`,
    text: (entry) => `${entry.id} ${entry.summary} ${entry.reason}`,
    filters: [{ name: 'fate', title: 'Any fate', value: (entry) => entry.fate }],
    columns: [
      { title: 'Name', cell: (entry) => entry.summary, sort: (entry) => entry.summary, wide: true },
      { title: 'Fate', cell: (entry) => fate(entry.fate), sort: (entry) => entry.fate },
      { title: 'Tools', cell: (entry) => number(entry.tools), sort: (entry) => entry.tools },
      { title: 'Rules', cell: (entry) => number(entry.rules), sort: (entry) => entry.rules },
      { title: 'Lines', cell: (entry) => number(entry.lines), sort: (entry) => entry.lines },
      { title: 'Open findings', cell: (entry) => (entry.findings ? [number(entry.findings), entry.serious ? [' ', badge(`${entry.serious} serious`, 'bad')] : null] : '0'), sort: (entry) => entry.findings },
      { title: 'Test calls', cell: (entry) => (entry.score === null ? '–' : percent(entry.score)), sort: (entry) => entry.score },
      { title: 'Id', cell: (entry) => h('span', { class: 'id' }, entry.id), sort: (entry) => entry.id },
    ],
  })];
}

async function environmentPage(id) {
  const entry = run.byId.get(id).entry;
  const row = await rowOf(entry);
  const mine = run.index.scenarios.filter((each) => each.env === id);
  return [
    h('header', { class: 'head' }, h('p', { class: 'kicker' }, 'Environment ', h('span', { class: 'id' }, id)), h('h1', {}, row.summary),
      h('p', { class: 'marks' }, fate(entry.fate), badge(plural(entry.tools, 'tool'), 'calm'), badge(`${entry.queries} read, ${entry.changes} write`, 'calm'), badge(plural(entry.lines, 'line'), 'calm'))),
    entry.fate === 'rejected' ? rejection(entry.reason) : null,
    section('Introduction', 'introduction', h('p', { class: 'prose' }, row.introduction), row.source_task ? h('blockquote', {}, h('small', {}, 'Mined from the task'), h('p', {}, row.source_task)) : null),
    section('Rules', 'rules', row.rule_texts.length ? h('ol', { class: 'prose' }, row.rule_texts.map((rule) => h('li', {}, rule))) : empty('It has no rules.')),
    section('State', 'state', diagramOf(row.diagram), row.entities.some((each) => each.description) ? fold('What each thing is', () => entityTable(row.entities)) : null),
    section('Tools', 'tools', matrixOf(row), row.tool_rows.map((tool) => toolFold(tool, row.structure))),
    section('Tested by code', 'findings', qualityOf(row)),
    section('Repairs', 'repairs', repairsOf(row)),
    section('Test calls', 'cases', casesOf(row)),
    section('Scenarios', 'scenarios', mine.length ? h('ul', { class: 'links' }, mine.map((each) => h('li', {}, fate(each.fate), ' ', link(`scenario/${each.id}`, each.task)))) : empty('It has no scenarios.')),
    section('Source', 'source', h('p', { class: 'tools' }, copyButton(row.source, 'Copy source')), numberedCode(row.source)),
  ];
}

function entityTable(entities) {
  return entities.map((entity) => h('div', { class: 'entity' }, h('h3', {}, entity.name), h('p', {}, entity.description),
    h('table', { class: 'plain' }, h('tbody', {}, entity.attributes.map((each) => h('tr', {}, h('td', {}, h('code', {}, each.name)), h('td', {}, h('code', { class: 'dim' }, each.type)), h('td', {}, each.description)))))));
}

// Which tool reads (r) and writes (w) what.
function matrixOf({ structure, tool_rows: tools }) {
  const names = Object.keys(structure.attributes);
  if (!names.length) return null;
  const cell = (tool, use) => {
    const marks = (use.read_by.includes(tool) ? 'r' : '') + (use.written_by.includes(tool) ? 'w' : '');
    return h('td', { class: marks.includes('w') ? 'writes' : marks ? 'reads' : null }, marks);
  };
  return fold('Which tool reads (r) and writes (w) what', () => h('div', { class: 'scroll' }, h('table', { class: 'matrix' },
    h('thead', {}, h('tr', {}, h('td'), names.map((name) => h('th', { scope: 'col' }, h('span', {}, name))))),
    h('tbody', {}, tools.map((tool) => h('tr', {}, h('th', { scope: 'row' }, tool.name), names.map((name) => cell(tool.name, structure.attributes[name]))))))));
}

function toolFold(tool, structure) {
  const properties = tool.parameters.properties || {};
  const needed = new Set(tool.parameters.required || []);
  const uses = (kind) => Object.entries(structure.attributes).filter(([, use]) => use[kind].includes(tool.name)).map(([name]) => name).join(', ');
  const writes = structure.changes.includes(tool.name);
  const title = [h('b', {}, tool.name), h('span', { class: 'dim' }, `(${Object.keys(properties).map((name) => name + (needed.has(name) ? '' : '?')).join(', ')})`), ' ', badge(writes ? 'writes' : 'reads', writes ? 'odd' : 'calm')];
  return fold(title, () => [
    h('p', { class: 'prose' }, tool.description),
    facts([['Reads', uses('read_by')], ['Writes', uses('written_by')]]),
    Object.keys(properties).length ? h('table', { class: 'plain' }, h('tbody', {}, Object.entries(properties).map(([name, schema]) =>
      h('tr', {}, h('td', {}, h('code', {}, name), needed.has(name) ? null : h('span', { class: 'dim' }, ' optional')), h('td', {}, h('code', { class: 'dim' }, typeName(schema))), h('td', {}, schema.description || ''))))) : null,
    fold('JSON schema', () => h('pre', { class: 'code', tabindex: 0 }, JSON.stringify(tool.parameters, null, 2))),
  ]);
}

function typeName(schema) {
  if (Array.isArray(schema.enum)) return schema.enum.map(inline).join(' | ');
  if (Array.isArray(schema.anyOf)) return schema.anyOf.map(typeName).join(' | ');
  if (schema.type === 'array') return `list of ${schema.items ? typeName(schema.items) : 'anything'}`;
  return [schema.type || 'anything'].flat().join(' | ');
}

function qualityOf({ quality }) {
  if (!quality) return empty('It was not tested here.');
  const calls = total(Object.fromEntries(Object.entries(quality.call_stats).map(([name, stats]) => [name, stats.calls])));
  return [
    h('p', {}, `${plural(calls, 'call')} by code; ${plural(quality.invariants.length, 'rule')} checked as code after each.`),
    quality.findings.length ? h('h3', {}, 'Open') : h('p', { class: 'banner good' }, 'Nothing that was found is still open.'),
    quality.findings.map((finding) => findingCard(finding, quality, true)),
    quality.regressions.length ? h('h3', {}, 'Found and repaired: these calls are tests now') : null,
    quality.regressions.map((finding) => findingCard(finding, quality, false)),
    quality.invariants.length ? fold('Rules as code', () => quality.invariants.map((each) => [h('p', { class: 'prose' }, each.rule), codeBlock(each.source)])) : null,
    Object.keys(quality.call_stats).length ? fold('Calls by tool', () => statsTable(quality.call_stats)) : null,
  ];
}

function findingCard(finding, quality, open) {
  const start = quality.initial_states[finding.start];
  return h('article', { class: 'card ' + (open ? finding.severity : 'mended') },
    h('p', { class: 'marks' }, fate(open ? finding.severity : 'kept'), h('b', {}, words(finding.kind)), ' in ', h('code', {}, finding.tool)),
    h('p', { class: 'prose' }, finding.message),
    h('p', { class: 'label' }, 'Calls that show it'),
    h('ol', { class: 'calls' }, finding.calls.map((call) => h('li', {}, callLine(call.name || call.tool, call.arguments)))),
    Object.keys(finding.evidence).length ? fold('What was seen', () => stateTree(finding.evidence)) : null,
    start ? fold('State in which they begin', () => stateTree(start)) : null);
}

function statsTable(stats) {
  const head = ['Tool', 'Calls', 'Succeeded', 'Changed the state', 'Raised', 'Against the schema'];
  return h('div', { class: 'scroll' }, h('table', { class: 'plain' }, h('thead', {}, h('tr', {}, head.map((title, place) => h('th', { scope: 'col', class: place ? 'n' : null }, title)))),
    h('tbody', {}, Object.entries(stats).map(([name, each]) => h('tr', {}, h('td', {}, h('code', {}, name)), [each.calls, each.succeeded, each.changed, each.raised, each.invalid].map((value) => h('td', { class: 'n' }, number(value))))))));
}

function repairsOf({ quality, diff }) {
  if (!quality || !quality.repairs.length) return empty('Nothing was repaired.');
  return [
    quality.repairs.map((repair) => h('article', { class: 'card' },
      h('p', { class: 'marks' }, badge(`round ${repair.round + 1}`, 'calm'), h('code', {}, repair.tool), repair.problem ? badge('no new method', 'bad') : badge('written anew', 'good')),
      repair.problem ? h('p', { class: 'prose' }, repair.problem) : null,
      fold('What the model was told', () => repair.faults.map((fault) => h('pre', { class: 'code wrap', tabindex: 0 }, fault))))),
    diff.length ? [h('h3', {}, 'As written, and as repaired'), diffBlock(diff)] : empty('The source is as it was written.'),
  ];
}

function casesOf({ cases, test_state: state }) {
  if (!cases.length) return empty('There are no test calls.');
  const node = h('div');
  const draw = (verdict) => node.replaceChildren(...cases.filter((each) => !verdict || each.verdict === verdict).map(caseFold));
  const counted = ['pass', 'warning', 'fail'].map((verdict) => [verdict, cases.filter((each) => each.verdict === verdict).length]);
  const choice = h('select', { 'aria-label': 'Verdict', onchange: () => draw(choice.value) }, h('option', { value: '' }, `All ${cases.length} calls`), counted.filter(([, count]) => count).map(([verdict, count]) => h('option', { value: verdict }, `${verdict} (${count})`)));
  draw('');
  return [h('div', { class: 'tools' }, choice), state ? fold('State in which each call was made', () => stateTree(state)) : null, node];
}

function caseFold(each) {
  return fold([fate(each.verdict), ' ', callLine(each.call.name, each.call.arguments)], () => [
    facts([['Purpose', each.purpose], ['Meant to', each.case_type === 'positive' ? 'succeed' : 'be refused'], ['Expected', each.expected], ['Judgement', each.reason]]),
    h('p', { class: 'label' }, `Result (${words(each.observation.kind)})`), stateTree(each.observation.value),
    changes(each.changes) || h('p', { class: 'dim' }, 'The state did not change.'),
  ]);
}
