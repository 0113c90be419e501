// Examines the live page of `tessera attention --format html`, as the browser
// shows it, and leaves the verdict in the document: attention_page_test.sh puts
// it behind the page's own script. `window.wanted` says what to expect,
// `window.pageErrors` what went wrong before.
'use strict';
{
  const failures = [];
  const expect = (holds, what) => {
    if (!holds) failures.push(what);
  };
  const all = selector => [...document.querySelectorAll(selector)];
  const one = selector => document.querySelector(selector);
  const press = (key, target = document.body) => target.dispatchEvent(
      new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true}));
  const style = element => getComputedStyle(element);
  const isClear = element =>
      style(element).backgroundColor === 'rgba(0, 0, 0, 0)';
  const cells = row => [...row.querySelectorAll('td[data-key]')];
  const rows = () => all('#map tbody tr');
  const title = () => one('#map-title').textContent;
  const selected = () => {
    const {layer, head} = one('#heads [aria-checked="true"]').dataset;
    return `${layer}/${head}`;
  };

  // Brightness of what is painted; less for more weight, on white.
  const brightness = element => {
    const [r, g, b] = style(element).backgroundColor.match(/\d+/g).map(Number);
    return .3 * r + .59 * g + .11 * b;
  };

  const checkRow = (row, query, where, causal) => {
    let sum = 0;
    cells(row).forEach((cell, key) => {
      const masked = causal && key > query;
      const at = `${where}, cell ${query}/${key}`;
      expect(masked === !('weight' in cell.dataset), `${at}: masked or not`);
      expect(masked === isClear(cell), `${at}: painted or not`);
      if (masked) expect(cell.textContent === '', `${at}: not empty`);
      sum += Number(cell.dataset.weight || 0);
    });
    expect(!window.wanted.softmax || Math.abs(sum - 1) < 1e-3,
        `${where}, row ${query}: sums to ${sum}`);
  };

  // More weight is never painted brighter.
  const checkColours = where => {
    const painted = all('#map td[data-weight]').map(
        cell => [Number(cell.dataset.weight), brightness(cell)]);
    painted.sort((a, b) => a[0] - b[0]);
    expect(painted.every(([, light], i) =>
        i === 0 || light <= painted[i - 1][1] + 1), `${where}: colours`);
  };

  const checkLegible = where => {
    for (const label of all('#map th')) {
      const size = parseFloat(style(label).fontSize);
      expect(size >= 10, `${where}: a label of ${size} px`);
    }
    const box = one('#map td[data-key]').getBoundingClientRect();
    expect(box.width >= 8 && box.height >= 8,
        `${where}: cells of ${box.width} x ${box.height} px`);
    const width = document.documentElement.scrollWidth;
    expect(width <= 1280, `${where}: ${width} px wide`);
  };

  const checkMap = (where, shape, causal) => {
    expect(rows().length === shape[2], `${where}: ${rows().length} rows`);
    expect(all('#map thead th').length === shape[3], `${where}: columns`);
    rows().forEach((row, query) => {
      expect(cells(row).length === shape[3], `${where}: cells`);
      checkRow(row, query, where, causal);
    });
    checkColours(where);
    checkLegible(where);
  };

  // Empty exactly where the map is.
  const checkThumb = (canvas, where, causal) => {
    const {width, height} = canvas;
    const {data} = canvas.getContext('2d').getImageData(0, 0, width, height);
    for (let i = 0; i < width * height; ++i) {
      const masked = causal && i % width > Math.floor(i / width);
      expect((data[4 * i + 3] === 0) === masked, `${where}: pixel ${i}`);
    }
  };

  const checkAttention = (name, number) => {
    press(String(number));
    const causal = name === 'decoder';
    const {shape} = report.attentions[name];
    expect(one(`[data-name="${name}"]`).getAttribute('aria-pressed') === 'true',
        `${name}: not selected by ${number}`);
    const thumbs = all('#heads button');
    expect(thumbs.length === shape[0] * (shape[1] + 1), `${name}: overview`);
    for (const thumb of thumbs) {
      thumb.click();
      const where = `${name}, ${thumb.getAttribute('aria-label')}`;
      expect(thumb.getAttribute('aria-checked') === 'true', `${where}: click`);
      checkMap(where, shape, causal);
      checkThumb(thumb.firstChild, where, causal);
    }
  };

  const checkHeadKeys = () => {
    press('2');
    all('#heads button')[0].click();
    const steps = [['ArrowRight', '0/0'], ['ArrowRight', '0/1'],
                   ['ArrowDown', '1/1'], ['ArrowLeft', '1/0'],
                   ['ArrowUp', '0/0'], ['ArrowUp', '0/0']];
    for (const [key, wanted] of steps) {
      const before = title();
      press(key);
      expect(selected() === wanted, `${key}: want ${wanted}: ${selected()}`);
      expect(wanted === '0/0' || title() !== before, `${key}: ${title()}`);
    }
    one('#heads [aria-checked="true"]').focus();
    press('ArrowDown', document.activeElement);
    expect(document.activeElement.dataset.layer === '1',
        'focus does not follow');
  };

  const checkCellKeys = () => {
    press('1');
    const start = one('#map td[tabindex="0"]');
    start.focus();
    const at = () => [document.activeElement.dataset.query,
                      document.activeElement.dataset.key].join();
    const [query, key] = ['query', 'key'].map(k => Number(start.dataset[k]));
    press('ArrowDown', document.activeElement);
    expect(at() === `${query + 1},${key}`, `ArrowDown in the map: ${at()}`);
    press('ArrowRight', document.activeElement);
    expect(at() === `${query + 1},${key + 1}`,
        `ArrowRight in the map: ${at()}`);
    const {queries, keys} = report.attentions.cross;
    const text = one('#readout').textContent;
    expect(text.includes(queries[query + 1]) && text.includes(keys[key + 1]) &&
        (window.wanted.softmax ? /\d %$/ : /: [\d.]+$/).test(text),
        `readout: ${text}`);
    expect(document.activeElement.getAttribute('aria-label') === text, 'label');
    expect(all('#map [tabindex="0"]').length === 1,
        'the map is not one stop of Tab');
    const {outlineStyle, outlineWidth} = style(document.activeElement);
    expect(outlineStyle === 'solid' && parseFloat(outlineWidth) >= 2,
        'focus is not seen');
  };

  const checkMouse = () => {
    const cell = all('#map td[data-key]').at(-1);
    cell.dispatchEvent(new MouseEvent('mouseover', {bubbles: true}));
    const {queries, keys} = report.attentions.cross;
    const text = one('#readout').textContent;
    expect(text.startsWith(`${queries.length}. `) &&
        text.includes(` ${keys.length}. `), `mouse: ${text}`);
  };

  const checkText = () => {
    expect(one('#source').textContent === report.text, 'source text');
    expect(one('#output').textContent === report.translation, 'output text');
    expect(document.title.endsWith(report.text), 'title');
    expect(document.scripts.length === 4, `${document.scripts.length} scripts`);
    const labels = all('#map thead th').map(label => label.textContent);
    expect(labels.join() === table().keys.join(), `labels: ${labels}`);
    const loaded = performance.getEntriesByType('resource').length;
    expect(loaded === 0, `${loaded} things loaded`);
  };

  try {
    const opened = title();
    checkText();
    expect(one('#meaning').textContent.includes('100') ===
        window.wanted.softmax, 'says whether rows sum to 100 %');
    checkMap('as opened', table().shape, false);
    ['cross', 'encoder', 'decoder'].forEach((name, i) =>
        checkAttention(name, i + 1));
    checkHeadKeys();
    checkCellKeys();
    checkMouse();
    expect(opened === window.wanted.title, `opens at: ${opened}`);
  } catch (error) {
    failures.push(String(error));
  }
  failures.unshift(...window.pageErrors);
  const verdict = document.createElement('pre');
  verdict.id = 'verdict';
  verdict.textContent = failures.length === 0 ?
      'the page passes' : failures.slice(0, 20).join('\n');
  document.body.append(verdict);
}
