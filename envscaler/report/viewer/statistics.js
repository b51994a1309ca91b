// The figures of the set.

const BINS = 12;

function statisticsPage() {
  const { groups, map } = run.index.statistics;
  return [
    h('h1', {}, 'Statistics'),
    Object.entries(groups).map(([title, figures]) => section(title, title.toLowerCase(), h('div', { class: 'figures' }, figures.map(figure)))),
    map.points.length > 1 ? section('What environments are about', 'map', h('p', { class: 'note' }, 'The closer two names are, the more alike are their introductions (TF-IDF, laid out in a plane).'), mapOf(map.points)) : null,
    section('Near-duplicates', 'alike', map.alike.length ? h('ul', {}, map.alike.map((pair) => h('li', {}, link(`environment/${pair.one}`, envName(pair.one)), ' and ', link(`environment/${pair.other}`, envName(pair.other)), ` (cosine ${score(pair.cosine)})`))) : empty(`No two environments have introductions with a cosine above ${map.limit}.`)),
  ];
}

function figure(each) {
  const body = each.bars ? barsOf(each) : each.values.length ? histogram(each.values) : empty('No values.');
  return h('figure', { class: each.bars ? 'tall' : null }, h('figcaption', {}, h('b', {}, each.title), each.values && each.values.length ? h('small', {}, summaryOf(each.values, each.unit)) : null), body);
}

function summaryOf(values, unit) {
  const sorted = [...values].sort((one, other) => one - other);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const short = (value) => (Number.isInteger(value) ? number(value) : value.toFixed(2));
  return ` ${number(values.length)} ${unit}: mean ${short(mean)}, median ${short(sorted[Math.floor(sorted.length / 2)])}, ${short(sorted[0])} to ${short(sorted.at(-1))}`;
}

function binned(values) {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const whole = values.every(Number.isInteger);
  if (low === high) return { bins: [{ from: low, to: low, count: values.length }], whole };
  const step = whole ? Math.max(1, Math.ceil((high - low + 1) / BINS)) : (high - low || 1) / BINS;
  const count = whole ? Math.floor((high - low) / step) + 1 : BINS;
  const bins = Array.from({ length: count }, (_, place) => ({ from: low + place * step, to: low + (place + 1) * step, count: 0 }));
  for (const value of values) bins[Math.min(count - 1, Math.floor((value - low) / step))].count += 1;
  return { bins, whole };
}

function histogram(values) {
  const { bins, whole } = binned(values);
  const most = Math.max(...bins.map((bin) => bin.count));
  const width = Math.min(300 / bins.length, 60);
  const name = (bin) => (bin.from === bin.to ? String(bin.from) : whole ? (bin.to - bin.from > 1 ? `${bin.from}–${bin.to - 1}` : String(bin.from)) : `${bin.from.toFixed(2)}–${bin.to.toFixed(2)}`);
  const every = Math.ceil(bins.length / (whole ? 6 : 4));
  return s('svg', { class: 'chart', viewBox: '0 0 300 150', role: 'img' },
    bins.map((bin, place) => {
      const height = (110 * bin.count) / most;
      return s('g', {}, s('title', {}, `${name(bin)}: ${bin.count}`),
        s('rect', { class: 'col', x: place * width + 1, y: 125 - height, width: Math.max(width - 2, 1), height, rx: 2 }),
        bin.count ? s('text', { class: 'on', x: (place + 0.5) * width, y: 120 - height }, bin.count) : null,
        place % every ? null : s('text', { x: (place + 0.5) * width, y: 142 }, whole ? bin.from : bin.from.toFixed(2)));
    }), s('path', { class: 'axis', d: 'M0 125.5H300' }));
}

function barsOf({ bars, names }) {
  if (!bars.length) return empty('No values.');
  const most = Math.max(...bars.map(([, count]) => count));
  const lines = bars.map(([name, count]) => {
    const fillBar = h('i');
    fillBar.style.width = `${(100 * count) / most}%`;
    return h('li', {}, h('span', { class: 'label' }, name), h('span', { class: 'track' }, fillBar), h('span', { class: 'n' }, number(count)));
  });
  return [h('ol', { class: 'bars' }, lines), names > bars.length ? h('p', { class: 'note' }, `and ${number(names - bars.length)} others`) : null];
}

function mapOf(points) {
  const span = (name) => {
    const all = points.map((point) => point[name]);
    const low = Math.min(...all);
    return { low, size: Math.max(...all) - low || 1 };
  };
  const [x, y] = [span('x'), span('y')];
  const many = points.length > 40;
  return s('svg', { class: 'map', viewBox: '0 0 800 420', role: 'img', 'aria-label': 'Map of environments' }, points.map((point) => {
    const left = 130 + (540 * (point.x - x.low)) / x.size;
    const top = 30 + (350 * (point.y - y.low)) / y.size;
    return s('a', { href: `#/environment/${encodeURIComponent(point.id)}` }, s('title', {}, point.name), s('circle', { cx: left, cy: top, r: many ? 4 : 6 }), s('text', { x: left, y: top - 10 }, clipped(point.name, many ? 18 : 32)));
  }));
}
