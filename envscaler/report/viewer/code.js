// Source with colours, diffs, calls.

const PYTHON = new RegExp(
  [
    '(?<text>[rRbBfFuU]{0,2}(?:"""[\\s\\S]*?(?:"""|$)|\'\'\'[\\s\\S]*?(?:\'\'\'|$)|"(?:\\\\.|[^"\\\\\\n])*"?|\'(?:\\\\.|[^\'\\\\\\n])*\'?))',
    '(?<note>#[^\\n]*)',
    '(?<made>(?<=\\b(?:def|class)\\s+)\\w+)',
    '(?<key>\\b(?:and|as|assert|async|await|break|class|continue|def|del|elif|else|except|finally|for|from|global|if|import|in|is|lambda|nonlocal|not|or|pass|raise|return|try|while|with|yield|match|case)\\b)',
    '(?<fixed>\\b(?:None|True|False|self|cls)\\b)',
    '(?<digit>\\b\\d[\\d_.]*\\b)',
    '(?<mark>@\\w+)',
  ].join('|'),
  'g',
);

function coloured(source) {
  const parts = [];
  let last = 0;
  for (const found of source.matchAll(PYTHON)) {
    parts.push(source.slice(last, found.index));
    const [kind] = Object.entries(found.groups).find(([, value]) => value !== undefined);
    parts.push(h('span', { class: 'c-' + kind }, found[0]));
    last = found.index + found[0].length;
  }
  parts.push(source.slice(last));
  return parts;
}

function codeBlock(source, label) {
  return h('pre', { class: 'code', tabindex: 0, 'aria-label': label || 'Source' }, h('code', {}, coloured(source)));
}

function numberedCode(source) {
  const count = source.split('\n').length;
  const lines = Array.from({ length: count }, (_, place) => place + 1).join('\n');
  return h('div', { class: 'numbered' },
    h('pre', { class: 'numbers', 'aria-hidden': 'true' }, lines),
    codeBlock(source));
}

function diffBlock(lines) {
  const kinds = { '+': 'added', '-': 'removed', '@': 'place' };
  return h('pre', { class: 'code diff', tabindex: 0 },
    lines.map((line) => h('span', { class: 'line ' + (kinds[line[0]] || '') }, (line || ' ') + '\n')));
}

function inline(value) {
  return JSON.stringify(value);
}

// A call on one line where it fits, else an argument a line.
function callText(name, args) {
  if (args === null || typeof args !== 'object') return [h('b', {}, name), `(${args})`];
  const parts = Object.entries(args).map(([key, value]) => [h('span', { class: 'c-arg' }, key), '=', h('span', { class: 'c-text' }, inline(value))]);
  const length = Object.entries(args).reduce((sum, [key, value]) => sum + key.length + inline(value).length + 3, name.length);
  const between = length > 90 ? ',\n  ' : ', ';
  const inside = parts.flatMap((part, place) => (place ? [between, ...part] : part));
  return [h('b', {}, name), '(', length > 90 && parts.length ? '\n  ' : '', inside, length > 90 && parts.length ? '\n' : '', ')'];
}

function callLine(name, args) {
  return h('code', { class: 'call' }, callText(name, args));
}
