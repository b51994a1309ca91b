// Kinds of things in the state as boxes, references as arrows.

const BOX = { width: 220, line: 19, head: 30, gap: 34, column: 84, most: 12 };

function diagramOf({ boxes, arrows }) {
  if (!boxes.length) return empty('The state of this environment has no kinds of things that could be drawn.');
  const ranks = ranksOf(boxes, arrows);
  const columns = [];
  for (const box of boxes) (columns[ranks.get(box.name)] ||= []).push(box);
  const places = new Map();
  let height = 0;
  columns.filter(Boolean).forEach((column, x) => {
    let y = 10;
    for (const box of column) {
      const size = BOX.head + BOX.line * Math.min(box.fields.length, BOX.most + 1) + 8;
      places.set(box.name, { x: 10 + x * (BOX.width + BOX.column), y, height: size, box });
      y += size + BOX.gap;
    }
    height = Math.max(height, y);
  });
  const width = 20 + columns.filter(Boolean).length * (BOX.width + BOX.column) - BOX.column;
  const svg = s('svg', { class: 'diagram', viewBox: `0 0 ${width} ${height - BOX.gap + 10}`, role: 'img', 'aria-label': 'Kinds of things in the state and what refers to what' },
    s('defs', {}, s('marker', { id: 'tip', viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 8, markerHeight: 8, orient: 'auto-start-reverse' }, s('path', { d: 'M0 0L8 4L0 8z' }))),
    arrows.map((arrow) => drawArrow(arrow, places)), [...places.values()].map(drawBox));
  svg.style.minWidth = `${Math.min(width, Math.max(560, 0.78 * width))}px`;
  svg.style.maxWidth = `${width}px`;
  return h('div', { class: 'scroll' }, svg);
}

// Who refers to nobody stands on the left, and who refers to others to the right of them; an arrow
// that closes a circle does not count.
function ranksOf(boxes, arrows) {
  const ranks = new Map();
  const open = new Set();
  const rank = (name) => {
    if (ranks.has(name)) return ranks.get(name);
    open.add(name);
    const targets = arrows.filter((arrow) => arrow.from === name && !open.has(arrow.to)).map((arrow) => arrow.to);
    const found = targets.length ? Math.max(...targets.map(rank)) + 1 : 0;
    open.delete(name);
    ranks.set(name, found);
    return found;
  };
  const incoming = (box) => arrows.filter((arrow) => arrow.to === box.name && arrow.from !== box.name).length;
  [...boxes].sort((one, other) => incoming(one) - incoming(other)).forEach((box) => rank(box.name));
  const used = [...new Set(ranks.values())].sort((one, other) => one - other);
  for (const [name, found] of ranks) ranks.set(name, used.indexOf(found));
  return ranks;
}

function lineOf(place, field) {
  const at = place.box.fields.findIndex((each) => each.name === field);
  return place.y + BOX.head + BOX.line * (Math.min(at, BOX.most) + 0.5) + 2;
}

function drawArrow({ from, field, to }, places) {
  const start = places.get(from);
  const end = places.get(to);
  const y1 = lineOf(start, field);
  const y2 = end.y + BOX.head / 2;
  const title = s('title', {}, `${from}.${field} → ${to}`);
  if (start.x <= end.x) {
    const x = start.x + BOX.width;
    const reach = 30 + 10 * (start.box.fields.findIndex((each) => each.name === field) % 4);
    const target = end.x + BOX.width;
    const far = Math.max(x, target) + reach;
    return s('path', { class: 'arrow', d: `M${x} ${y1}C${far} ${y1} ${far} ${y2} ${target + 2} ${y2}`, 'marker-end': 'url(#tip)' }, title);
  }
  const target = end.x + BOX.width;
  const middle = (start.x - target) / 2;
  return s('path', { class: 'arrow', d: `M${start.x} ${y1}C${start.x - middle} ${y1} ${target + middle} ${y2} ${target + 2} ${y2}`, 'marker-end': 'url(#tip)' }, title);
}

function drawBox({ x, y, height, box }) {
  const shown = box.fields.slice(0, BOX.most);
  const rest = box.fields.length - shown.length;
  const texts = shown.map((field, place) => fieldText(x, y + BOX.head + BOX.line * (place + 1) - 3, field));
  if (rest) texts.push(s('text', { class: 'type', x: x + 10, y: y + BOX.head + BOX.line * (BOX.most + 1) - 3 }, `and ${rest} more`));
  return s('g', { class: 'box' }, s('title', {}, box.description || box.name),
    s('rect', { x, y, width: BOX.width, height, rx: 7 }),
    s('path', { class: 'rule', d: `M${x} ${y + BOX.head}H${x + BOX.width}` }),
    s('text', { class: 'title', x: x + 10, y: y + 20 }, clipped(box.name, 26)), texts);
}

function fieldText(x, y, field) {
  const name = clipped(field.name, 20);
  return s('text', { x: x + 10, y }, name, s('tspan', { class: 'type' }, '  ' + clipped(field.type, 26 - name.length)), s('title', {}, [field.name, field.type, field.description].filter(Boolean).join(' · ')));
}

function clipped(text, most) {
  return text.length > most ? text.slice(0, Math.max(most - 1, 1)) + '…' : text;
}
