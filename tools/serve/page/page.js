// The page for people: translates while they type. A request that is not wanted
// any more is aborted, which frees its slot in the server.
"use strict";

const byId = (id) => document.getElementById(id);
const kPause = 300;  // milliseconds without a key before a request

let models = [];
let timer = 0;
let running = null;  // the AbortController of the request under way

function headers() {
  const all = {"Content-Type": "application/json"};
  if (byId("key").value) all.Authorization = `Bearer ${byId("key").value}`;
  return all;
}

function setOptions(select, values) {
  select.replaceChildren(...values.map((value) => new Option(value, value)));
}

function modelChosen() {
  return models.find((model) => model.id === byId("model").value);
}

// What translates the other way, if something does.
function reversed() {
  const chosen = modelChosen();
  if (chosen?.languages?.length) return chosen;
  return models.find((model) => model.source_lang &&
      model.source_lang === chosen?.target_lang &&
      model.target_lang === chosen.source_lang);
}

function showLanguages() {
  const languages = modelChosen()?.languages ?? [];
  for (const label of document.querySelectorAll(".languages")) {
    label.hidden = languages.length === 0;
  }
  setOptions(byId("source"), languages);
  setOptions(byId("target"), languages);
  byId("swap").hidden = !reversed();
  const most = modelChosen()?.limits.beam_size ?? 1;
  for (const beams of byId("beams").options) {
    beams.disabled = Number(beams.value) > most;
  }
}

// So that browsers speak and break texts as their languages want it.
function showLang() {
  const {source_lang, target_lang} = {...modelChosen(), ...body()};
  byId("text").lang = source_lang ?? "";
  byId("result").lang = byId("alternatives").lang = target_lang ?? "";
}

function body() {
  const beams = Number(byId("beams").value);
  const asked = {
    input: byId("text").value,
    model: byId("model").value,
    beam_size: beams,
    n_best: beams,
  };
  if (modelChosen()?.languages?.length) {
    asked.source_lang = byId("source").value;
    asked.target_lang = byId("target").value;
  }
  return asked;
}

function showCurl() {
  const quoted = JSON.stringify(body()).replaceAll("'", "'\\''");
  const key = byId("key").value ? " \\\n  -H \"Authorization: Bearer $KEY\"" : "";
  byId("curl").textContent = `curl ${location.origin}/v1/translations${key} \\\n` +
      `  --json '${quoted}'`;
}

function showResult(data, request, milliseconds) {
  byId("error").textContent = data.error?.message ?? data.error ?? "";
  byId("result").textContent = data.text ?? "";
  byId("copy").disabled = !data.text;
  attentionOf(data.text ? request : null);
  byId("facts").textContent = `${Math.round(milliseconds)} ms`;
  const others = (data.translations ?? []).slice(1);
  byId("alternatives-part").hidden = others.length === 0;
  byId("alternatives").replaceChildren(...others.map((other) => {
    const item = document.createElement("li");
    item.textContent = `${other.text}  (${other.score.toFixed(3)})`;
    return item;
  }));
}

function clear() {
  byId("result").textContent = "";
  byId("facts").textContent = "";
  byId("error").textContent = "";
  byId("copy").disabled = true;
  byId("alternatives-part").hidden = true;
  attentionOf(null);
}

async function fail(response) {
  byId("key-label").hidden = byId("key-label").hidden && response.status !== 401;
  const told = await response.json().catch(() => ({}));
  clear();
  byId("error").textContent = told.error?.message ?? `status ${response.status}`;
}

// The events of a stream, as they come.
async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let unread = "";
  for (;;) {
    const {done, value} = await reader.read();
    if (done) return;
    const parts = (unread + value).split("\n\n");
    unread = parts.pop();
    for (const part of parts) {
      if (part === "data: [DONE]") return;
      if (part.startsWith("data: ")) yield JSON.parse(part.slice(6));
    }
  }
}

// What was shown before stays until there is more; what grows is told to those
// who listen when it is whole, for the result is busy until then.
async function showStream(response, request, begin) {
  let grown = "";
  for await (const event of events(response)) {
    if (event.delta !== undefined) {
      grown += event.delta;
      byId("result").textContent = grown;
    } else {
      showResult(event, request, performance.now() - begin);
    }
  }
}

async function translate() {
  running?.abort();
  showCurl();
  showLang();
  if (!byId("text").value.trim()) return clear();
  const own = running = new AbortController();
  const begin = performance.now();
  const request = body();
  byId("result").setAttribute("aria-busy", "true");
  try {
    const response = await fetch("v1/translations", {
      method: "POST",
      headers: headers(),
      body: JSON.stringify({...request, stream: true}),
      signal: own.signal,
    });
    if (!response.ok) return await fail(response);
    await showStream(response, request, begin);
  } catch (error) {
    if (error.name === "AbortError") return;
    clear();
    byId("error").textContent = "the server does not answer";
  } finally {
    if (running === own) byId("result").removeAttribute("aria-busy");
  }
}

// The translation becomes the text.
function swap() {
  const model = reversed();
  if (model.languages?.length) {
    const source = byId("source").value;
    byId("source").value = byId("target").value;
    byId("target").value = source;
  } else {
    byId("model").value = model.id;
    showLanguages();
  }
  byId("text").value = byId("result").textContent || byId("text").value;
  translate();
}

function translateSoon() {
  clearTimeout(timer);
  timer = setTimeout(translate, kPause);
}

async function loadModels() {
  const response = await fetch("v1/models", {headers: headers()});
  if (!response.ok) return fail(response);
  models = (await response.json()).data;
  setOptions(byId("model"), models.map((model) => model.id));
  showLanguages();
  showCurl();
  if (byId("text").value) translate();
}

// A text in the address, for links: http://127.0.0.1:8080/#Hello.
function readAddress() {
  try {
    byId("text").value ||= decodeURIComponent(location.hash.slice(1));
  } catch {
    // Not percent-encoded UTF-8: no text.
  }
}

byId("text").addEventListener("input", translateSoon);
byId("model").addEventListener("change", showLanguages);
byId("options").addEventListener("change", translate);
byId("swap").addEventListener("click", swap);
byId("attention-part").addEventListener("toggle", () => {
  if (byId("attention-part").open) look();
});
byId("choices").addEventListener("change", drawMap);
byId("options").addEventListener("submit", (event) => event.preventDefault());
byId("key").addEventListener("change", loadModels);
byId("copy").addEventListener("click", () => {
  navigator.clipboard?.writeText(byId("result").textContent);
});
readAddress();
loadModels();
