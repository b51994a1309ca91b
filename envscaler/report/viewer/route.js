// An address such as #/trajectories?env=env-1&stop=finished names a page and how it is filtered.

function here() {
  const [path, query] = location.hash.replace(/^#\/?/, '').split('?');
  const [page, id] = path.split('/').map(decodePart);
  return { page: page || 'overview', id: id || null, query: new URLSearchParams(query || '') };
}

function decodePart(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function addressOf(path, query) {
  const text = new URLSearchParams(Object.entries(query).filter(([, value]) => value)).toString();
  return path + (text ? '?' + text : '');
}

// Filters change the address without a new entry in the history.
function setQuery(changes) {
  const { page, id, query } = here();
  for (const [name, value] of Object.entries(changes)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  const path = id ? `${page}/${encodeURIComponent(id)}` : page;
  history.replaceState(null, '', '#/' + addressOf(path, Object.fromEntries(query)));
}
