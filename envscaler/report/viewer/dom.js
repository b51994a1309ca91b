'use strict';
// Elements are made here and nowhere else. Text goes in as text nodes, so that nothing that a
// model has written can become markup, a handler or an address.

const SVG = 'http://www.w3.org/2000/svg';

function h(tag, props, ...children) {
  return fill(document.createElement(tag), props, children);
}

function s(tag, props, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

function fill(node, props, children) {
  for (const [name, value] of Object.entries(props || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === 'function') node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : String(value));
  }
  node.append(...children.flat(Infinity).filter((each) => each !== null && each !== undefined && each !== false));
  return node;
}

// Where an address goes is one of the pages of this file.
function link(path, label, props) {
  return h('a', { href: '#/' + path, ...props }, label);
}

function plural(count, word, many) {
  return `${number(count)} ${count === 1 ? word : many || word + 's'}`;
}

function number(value) {
  return value === null || value === undefined ? '–' : value.toLocaleString('en-US');
}

function score(value) {
  return value === null || value === undefined ? '–' : value.toFixed(2);
}

function percent(value) {
  return value === null || value === undefined ? '–' : `${Math.round(100 * value)} %`;
}

function words(name) {
  return String(name).replaceAll('_', ' ');
}
