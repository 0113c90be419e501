// The report in page.html, and how weights and pieces look; with
// page_draw.js and page.js one script.
'use strict';

const {shown, report} =
    JSON.parse(document.getElementById('report').textContent);

const MEAN = -1;  // in place of a head: the mean of all of them

const ATTENTIONS = {
  cross: {
    title: 'Cross-attention',
    who: 'output looks at source',
    meaning: 'Rows are pieces of the output, columns the pieces of the ' +
        'source that they look at.',
  },
  encoder: {
    title: 'Encoder',
    who: 'source looks at source',
    meaning: 'Rows are pieces of the source, columns those that they look ' +
        'at.',
  },
  decoder: {
    title: 'Decoder',
    who: 'output looks at output so far',
    meaning: 'Rows are pieces of the output, columns those read so far.',
  },
};
const NAMES = Object.keys(ATTENTIONS);

// Colours of weights, least to most, on paper and in the dark.
const RAMPS = {
  light: ['#e9eff6', '#c3d8ec', '#82b3da', '#3c82be', '#134f8e', '#07264f'],
  dark: ['#222d39', '#26496b', '#2b71a8', '#4ba0d8', '#9bd0f2', '#f2faff'],
};
const dark = matchMedia('(prefers-color-scheme: dark)');

// What is selected: an attention, a layer and a head (or MEAN) from 0, a cell.
const state = {name: shown.attention, layer: 0, head: MEAN, query: 0, key: 0};

const byId = id => document.getElementById(id);
const table = () => report.attentions[state.name];

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

// ---- Weights: arrays [n][m]; null where a query may not look.

// Of {most, packed}: base64 of 16 bits a weight, as the program writes them.
function unpack({most, packed}, rows, columns) {
  const bytes = atob(packed);
  const at = i => bytes.charCodeAt(2 * i) + 256 * bytes.charCodeAt(2 * i + 1);
  return Array.from({length: rows}, (_, q) =>
      Array.from({length: columns}, (_, k) => {
        const number = at(q * columns + k);
        return number === 65535 ? null : number / 65534 * most;
      }));
}

function mean(heads) {
  return heads[0].map((row, q) => row.map((weight, k) =>
      weight === null ? null :
      heads.reduce((sum, head) => sum + head[q][k], 0) / heads.length));
}

for (const attention of Object.values(report.attentions)) {
  const {queries, keys} = attention;
  attention.weights = attention.weights.map(heads => heads.map(
      head => unpack(head, queries.length, keys.length)));
  attention.means = attention.weights.map(mean);
  const rows = attention.weights.flat(2);
  const sums = rows.map(row => row.reduce((sum, weight) => sum + weight, 0));
  // With another normaliser than softmax colours are relative to the largest.
  attention.sumsToOne = sums.every(sum => sum === 0 || Math.abs(sum - 1) < .01);
  attention.most = attention.sumsToOne ? 1 :
      rows.reduce((most, row) => Math.max(most, ...row), 0) || 1;
}

function weightsOf(layer, head) {
  return head === MEAN ? table().means[layer] : table().weights[layer][head];
}

// The key with most weight; -1 where none has any.
function strongest(row) {
  let best = -1;
  row.forEach((weight, key) => {
    if (weight > (best < 0 ? 0 : row[best])) best = key;
  });
  return best;
}

function percent(weight) {
  if (!table().sumsToOne) return weight.toPrecision(3);
  return weight > 0 && weight < .001 ? 'below 0.1 %' :
      (100 * weight).toFixed(1) + ' %';
}

// ---- Colours: of the root of a weight, so that small ones show.

function channels(hex) {
  return [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16));
}

function colour(weight) {
  const ramp = RAMPS[dark.matches ? 'dark' : 'light'];
  const x = Math.sqrt(Math.min(Math.max(weight / table().most, 0), 1)) *
      (ramp.length - 1);
  const i = Math.min(Math.floor(x), ramp.length - 2);
  const [from, to] = [channels(ramp[i]), channels(ramp[i + 1])];
  return from.map((c, j) => Math.round(c + (to[j] - c) * (x - i)));
}

function paint(element, weight) {
  const [r, g, b] = colour(weight);
  element.style.backgroundColor = `rgb(${r}, ${g}, ${b})`;
  element.style.color = .3 * r + .59 * g + .11 * b > 140 ? '#10202e' : '#fff';
}

// ---- Pieces: what cannot be seen is spelled, the mark of a space is dimmed.

function spell(piece) {
  const visible = piece.replace(/[\p{C}\p{Z}]/gu, c =>
      'U+' + c.codePointAt(0).toString(16).toUpperCase().padStart(4, '0'));
  return visible === '' ? 'empty' : visible;
}

function put(element, piece) {
  const text = spell(piece);
  const marked = text.length > 1 && text.startsWith('▁');
  if (marked) element.append(make('b', {textContent: '▁'}));
  element.append(make('bdi', {textContent: marked ? text.slice(1) : text}));
  element.title = piece;
  return element;
}
