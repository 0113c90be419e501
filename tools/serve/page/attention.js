// What the shown translation looks at: a table, pieces of the output down, those
// of the text across. Fetched when somebody opens it.
"use strict";

const kMean = "mean of all";

let asked = null;    // the request whose translation is shown
let looked = null;   // the one whose attention is
let cross = null;    // its weights: [layer][head][query][key]
let looking = null;  // the AbortController of the request under way

// A new translation, or none.
function attentionOf(request) {
  looking?.abort();
  asked = request;
  byId("attention-part").hidden = request === null;
  if (request !== null && byId("attention-part").open) look();
}

async function look() {
  if (asked === null || looked === asked) return;
  const request = asked;
  const own = looking = new AbortController();
  byId("map").setAttribute("aria-busy", "true");
  try {
    const response = await fetch("v1/attention", {
      method: "POST",
      headers: headers(),
      body: JSON.stringify({...request, attention: "cross"}),
      signal: own.signal,
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.error.message);
    looked = request;
    cross = answer.attentions.cross;
    keepOptions(byId("layer"), cross.layers);
    keepOptions(byId("head"), cross.heads);
    drawMap();
  } catch (error) {
    if (error.name === "AbortError") return;
    byId("map").textContent = error.message;
  } finally {
    if (looking === own) byId("map").removeAttribute("aria-busy");
  }
}

// Numbers behind the mean; what was chosen stays, if it is there.
function keepOptions(select, numbers) {
  const chosen = select.value;
  setOptions(select, [kMean, ...numbers.map(String)]);
  select.value = [...select.options].some((one) => one.value === chosen) ?
      chosen : kMean;
}

function chosenMaps() {
  const chosen = (select, list) => byId(select).value === kMean ? list :
      [list[byId(select).selectedIndex - 1]];
  return chosen("layer", cross.weights).flatMap((heads) => chosen("head", heads));
}

// Without the mark of a space in front, which people do not read.
function shown(piece) {
  return piece.replace(/^[\u2581\u0120](?=.)/u, "");
}

function headerCell(scope, piece) {
  const cell = document.createElement("th");
  cell.scope = scope;
  const label = document.createElement("span");
  label.textContent = shown(piece);
  label.title = piece;
  cell.append(label);
  return cell;
}

function drawRow(query, weights) {
  const row = document.createElement("tr");
  row.append(headerCell("row", query));
  for (const weight of weights) {
    const cell = document.createElement("td");
    // Of the root, so that small ones show.
    cell.style.setProperty("--weight", Math.sqrt(weight).toFixed(3));
    cell.title = `${(100 * weight).toFixed(1)} %`;
    row.append(cell);
  }
  const most = document.createElement("td");
  most.className = "most";
  most.textContent = shown(cross.keys[weights.indexOf(Math.max(...weights))]);
  row.append(most);
  return row;
}

function drawMap() {
  const maps = chosenMaps();
  const table = document.createElement("table");
  const head = table.createTHead().insertRow();
  head.append(document.createElement("td"),
              ...cross.keys.map((piece) => headerCell("col", piece)));
  const rows = table.createTBody();
  cross.queries.forEach((query, q) => {
    rows.append(drawRow(query, cross.keys.map((_, k) =>
      maps.reduce((sum, map) => sum + (map[q][k] ?? 0), 0) / maps.length)));
  });
  byId("map").replaceChildren(table);
}
