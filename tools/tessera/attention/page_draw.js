// The parts of the page: overview, legend, map and the cell pointed at.

// ---- The overview.

function headName(head) {
  return head === MEAN ? `mean of ${table().heads.length} heads` :
      `head ${table().heads[head]}`;
}

function thumb(layer, head, size) {
  const weights = weightsOf(layer, head);
  const canvas = make('canvas',
      {width: weights[0].length, height: weights.length});
  canvas.style.imageRendering = size > weights.length ? 'pixelated' : 'auto';
  const context = canvas.getContext('2d');
  const image = context.createImageData(canvas.width, canvas.height);
  weights.flat().forEach((weight, i) => {
    if (weight !== null) image.data.set([...colour(weight), 255], 4 * i);
  });
  context.putImageData(image, 0, 0);
  const button = make('button', {type: 'button'}, canvas);
  const shape = Math.min(Math.max(weights.length / weights[0].length, .6), 1.4);
  button.style.width = size + 'px';
  button.style.height = Math.round(size * shape) + 'px';
  button.setAttribute('role', 'radio');
  button.setAttribute('aria-label',
      `layer ${table().layers[layer]}, ${headName(head)}`);
  button.dataset.layer = layer;
  button.dataset.head = head;
  button.onclick = () => select({layer, head});
  return button;
}

function drawOverview() {
  const heads = [MEAN, ...table().heads.keys()];
  const size = Math.min(Math.max(Math.floor(340 / heads.length), 26), 66);
  const grid = byId('heads');
  grid.style.gridTemplateColumns = `repeat(${heads.length + 1}, auto)`;
  grid.replaceChildren(make('span', {className: 'name'}), ...heads.map(head =>
      make('span', {
        className: 'name',
        textContent: head === MEAN ? 'mean' : table().heads[head],
      })));
  table().layers.forEach((number, layer) => {
    grid.append(make('span', {
      className: 'name layer',
      textContent: layer === 0 ? `layer ${number}` : number,
    }), ...heads.map(head => thumb(layer, head, size)));
  });
}

function markOverview() {
  for (const button of byId('heads').querySelectorAll('button')) {
    const selected = Number(button.dataset.layer) === state.layer &&
        Number(button.dataset.head) === state.head;
    button.setAttribute('aria-checked', selected);
    button.tabIndex = selected ? 0 : -1;
  }
}

function drawLegend() {
  const entry = (weight, text) => {
    const box = make('i');
    paint(box, weight);
    return make('span', {}, box, text);
  };
  byId('legend').replaceChildren(
      ...[0, .1, .25, .5, 1].map(part => entry(part * table().most,
          table().sumsToOne ? `${100 * part} %` :
              (part * table().most).toPrecision(2))),
      make('span', {}, make('i', {className: 'masked'}), 'masked'));
}

// ---- The map.

// Square cells that fit, where that leaves them large enough to point at.
function cellSize() {
  const right = (byId('shown').clientWidth - 250) / table().keys.length;
  const down = Math.max((innerHeight - 420) / table().queries.length, 20);
  return Math.min(Math.max(Math.floor(Math.min(right, down)) - 1, 14), 40);
}

function header(scope, piece) {
  return make('th', {scope}, put(make('span'), piece));
}

function cell(weight, query, key, numbers) {
  const element = make('td', {tabIndex: -1});
  element.dataset.query = query;
  element.dataset.key = key;
  if (weight === null) {
    element.className = 'masked';
    return element;
  }
  element.dataset.weight = weight;
  paint(element, weight);
  if (!numbers) return element;
  const {sumsToOne, most} = table();
  const number = sumsToOne ? Math.round(100 * weight) :
      weight.toFixed(most < 10 ? 2 : 1);
  if (Number(number) !== 0) element.textContent = number;
  return element;
}

function drawMap() {
  const {keys, queries} = table();
  const weights = weightsOf(state.layer, state.head);
  const size = cellSize();
  const widest = Math.max(...keys.map(piece => spell(piece).length));
  const grid = make('table');
  grid.setAttribute('role', 'grid');
  grid.setAttribute('aria-labelledby', 'map-title');
  grid.style.setProperty('--cell', size + 'px');
  grid.style.setProperty('--label', (size < 18 ? 11 : 13) + 'px');
  grid.style.setProperty('--longest', Math.min(widest, 16) + 'ch');
  grid.append(make('thead', {}, make('tr', {},
      make('td', {className: 'corner'}),
      ...keys.map(piece => header('col', piece)), make('td'))));
  const body = make('tbody');
  weights.forEach((row, q) => {
    const best = strongest(row);
    const most = make('td', {className: 'strongest'});
    if (best >= 0) put(most, keys[best]).prepend('→ ');
    most.setAttribute('aria-label',
        best < 0 ? 'looks at nothing' : `most at ${spell(keys[best])}`);
    body.append(make('tr', {}, header('row', queries[q]),
        ...row.map((weight, k) => cell(weight, q, k, size >= 26)), most));
  });
  grid.append(body);
  byId('map').replaceChildren(grid);
}

function cellAt(query, key) {
  return byId('map').querySelector(
      `td[data-query="${query}"][data-key="${key}"]`);
}

// ---- The cell that is pointed at.

function lookingAt(query, key, weight) {
  const piece = text => put(make('span', {className: 'piece'}), text);
  const much = make('strong',
      {textContent: weight === null ? 'masked' : percent(weight)});
  return [`${query + 1}. `, piece(table().queries[query]), ' looks at ',
          `${key + 1}. `, piece(table().keys[key]), ': ', much];
}

function drawReadout() {
  const {query, key} = state;
  const row = weightsOf(state.layer, state.head)[query];
  byId('readout').replaceChildren(...lookingAt(query, key, row[key]));
  // Of a long sentence the map alone tells.
  const chips = table().keys.length > 30 ? [] : table().keys;
  byId('keys').replaceChildren(...chips.map((piece, k) => {
    const chip = put(make('span'), piece);
    if (row[k] !== null) paint(chip, row[k]);
    return chip;
  }));
}

function point(query, key) {
  for (const old of byId('map').querySelectorAll('.current')) {
    old.classList.remove('current');
    old.tabIndex = -1;
  }
  Object.assign(state, {query, key});
  const current = cellAt(query, key);
  const row = current.parentElement;
  current.tabIndex = 0;
  current.classList.add('current');
  row.cells[0].classList.add('current');
  byId('map').querySelector('thead tr').cells[key + 1].classList.add('current');
  drawReadout();
  current.setAttribute('aria-label', byId('readout').textContent);
  return current;
}
