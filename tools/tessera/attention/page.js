// What is selected, and answers to keys and mouse.

// ---- Selection.

function attentionButton(name, i) {
  const {title, who} = ATTENTIONS[name];
  const button = make('button', {type: 'button'}, title,
      make('small', {textContent: who}));
  button.dataset.name = name;
  button.setAttribute('aria-keyshortcuts', i + 1);
  button.onclick = () => select({name});
  return button;
}

function markAttentions() {
  for (const button of byId('attentions').children) {
    button.setAttribute('aria-pressed', button.dataset.name === state.name);
  }
}

function drawHead() {
  const title = ATTENTIONS[state.name].title;
  const {layers, sumsToOne} = table();
  byId('map-title').textContent =
      `${title}: layer ${layers[state.layer]}, ${headName(state.head)}`;
  byId('meaning').textContent = ATTENTIONS[state.name].meaning +
      (sumsToOne ? ' A row sums to 100\u00a0%.' : '');
  markOverview();
  drawMap();
  const row = weightsOf(state.layer, state.head)[state.query];
  point(state.query, Math.max(strongest(row), 0));
}

function drawAll() {
  markAttentions();
  drawOverview();
  drawLegend();
  drawHead();
}

// Changes what is shown. Another attention starts at its last layer, all heads.
function select(change) {
  const {name} = state;
  Object.assign(state, change);
  if (state.name === name) {
    drawHead();
  } else {
    Object.assign(state,
        {layer: table().layers.length - 1, head: MEAN, query: 0});
    drawAll();
  }
}

// ---- Keys and mouse.

const MOVES = {
  ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0],
};

const within = (value, first, last) => Math.min(Math.max(value, first), last);

function moveCell([down, right]) {
  point(within(state.query + down, 0, table().queries.length - 1),
        within(state.key + right, 0, table().keys.length - 1)).focus();
}

function moveHead([down, right]) {
  const focused = byId('heads').contains(document.activeElement);
  select({
    layer: within(state.layer + down, 0, table().layers.length - 1),
    head: within(state.head + right, MEAN, table().heads.length - 1),
  });
  if (focused) byId('heads').querySelector('[aria-checked="true"]').focus();
}

addEventListener('keydown', event => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const name = NAMES[Number(event.key) - 1];
  const move = MOVES[event.key];
  if (name) select({name});
  else if (!move) return;
  else if (byId('map').contains(document.activeElement)) moveCell(move);
  else moveHead(move);
  event.preventDefault();
});

function pointAt(event) {
  const target = event.target.closest('td[data-key]');
  if (!target) return;
  point(Number(target.dataset.query), Number(target.dataset.key));
}

byId('map').addEventListener('mouseover', pointAt);
byId('map').addEventListener('focusin', event => {
  const {query, key} = event.target.dataset;
  const same = Number(query) === state.query && Number(key) === state.key;
  if (!same) pointAt(event);
});
dark.addEventListener('change', drawAll);
addEventListener('resize', drawHead);

byId('attentions').append(...NAMES.map(attentionButton));
document.title = `Attention: ${report.text}`;
byId('model').textContent = report.model;
byId('source').textContent = report.text;
document.body.classList.toggle('long', report.text.length > 120);
byId('output').textContent = report.translation;
state.layer = Math.max(table().layers.indexOf(shown.layer), 0);
state.head = shown.head === null ? MEAN : table().heads.indexOf(shown.head);
drawAll();
