// The rows: text in inert elements, unpacked when they are asked for.

const pieces = new Map();
const MOST_PIECES = 12;

async function unpack(name) {
  const packed = document.getElementById('piece-' + name).textContent;
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return JSON.parse(await new Response(stream).text());
}

// The pieces looked at last are kept; the oldest goes.
async function piece(name) {
  const known = pieces.get(name) || unpack(name);
  pieces.delete(name);
  pieces.set(name, known);
  if (pieces.size > MOST_PIECES) pieces.delete(pieces.keys().next().value);
  return known;
}

async function rowOf(entry) {
  return (await piece(entry.at[0]))[entry.at[1]];
}

const run = { index: null, byId: new Map() };
const KINDS = { environments: 'environment', scenarios: 'scenario', trajectories: 'trajectory', candidates: 'task' };

function remember(index) {
  run.index = index;
  for (const [list, page] of Object.entries(KINDS)) {
    for (const entry of index[list]) {
      const other = entry.side === 'B' && run.byId.has(entry.id);
      run.byId.set(other ? entry.id + '~B' : entry.id, { entry, page });
      // What came of a task, or would have, is found under its own id too.
      for (const later of [entry.topic, entry.skeleton]) if (later) run.byId.set(later, { entry, page });
    }
  }
}

function pathOf(id) {
  const found = run.byId.get(id);
  return found ? `${found.page}/${encodeURIComponent(id)}` : null;
}

function nameOf(entry) {
  return entry.side === 'B' && run.byId.get(entry.id).entry !== entry ? entry.id + '~B' : entry.id;
}

function envName(id) {
  const found = run.byId.get(id);
  return found ? found.entry.summary : id;
}

// Looks through everything that is in the rows, piece by piece.
async function searchRows(list, text, told) {
  const wanted = text.toLowerCase();
  const names = [...new Set(run.index[list].map((entry) => entry.at[0]))];
  const found = new Set();
  for (const [place, name] of names.entries()) {
    const rows = await unpack(name);
    for (const row of rows) {
      if (JSON.stringify(row).toLowerCase().includes(wanted)) found.add(row.id);
    }
    told((place + 1) / names.length);
  }
  return found;
}
