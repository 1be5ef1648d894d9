// The list of topics, its search and order, and which page is shown.

const shown = { topic: null, sort: "share", drawn: false };
const overviewFigures = [topicMap, treeFigure, timeFigures, labelFigures, numberFigures, trainingFigures, typedBox, documentFigure];
const list = byId("topic-list");
const rows = new Map([...list.children].map((item) => [Number(item.dataset.topic), item]));
const writtenRows = [...list.children];
const title = document.title;

function sorted() {
  const ids = topics.map((topic) => topic.id).filter((id) => rows.has(id)); // others are hidden
  const key = {
    share: (a, b) => topics[b].share - topics[a].share,
    npmi: (a, b) => (topics[b].npmi ?? -2) - (topics[a].npmi ?? -2),
    id: (a, b) => a - b,
  }[shown.sort];
  return ids.sort((a, b) => key(a, b) || a - b);
}

// Topics that match the search: [id, index of the word that matched or -1], best first.
function matches(query) {
  const sought = query.trim().toLowerCase();
  const order = sorted();
  if (!sought) return order.map((id) => [id, -1]);
  if (/^\d+$/.test(sought) && rows.has(Number(sought))) return [[Number(sought), -1]];
  const found = [];
  for (const id of order) {
    const at = topics[id].words.findIndex((word) => word[0].toLowerCase().includes(sought));
    if (topics[id].name.toLowerCase().includes(sought)) found.push([id, -1]);
    else if (at >= 0) found.push([id, at]);
  }
  const weight = ([id, at]) => (at < 0 ? 2 : topics[id].words[at][1]);
  return found.sort((a, b) => weight(b) - weight(a));
}

function rowWords(topic, at) {
  const told = topic.name ? [] : topic.label;
  const words = topic.words.slice(0, 12).map((word) => word[0]).filter((word) => !told.includes(word));
  const parts = topic.badge ? [element("bdi", { class: "flag" }, topic.badge)] : [];
  if (at >= 0) {
    const found = topic.words[at][0];
    parts.push(element("mark", {}, found), " ");
    if (words.includes(found)) words.splice(words.indexOf(found), 1);
  }
  parts.push(element("b", {}, topic.name || told.join(" ")), ` ${words.join(" ")}`);
  return parts;
}

// The rows of the list as the topics are now; those of the page as it was written, where they are.
function remakeRows() {
  const largest = Math.max(...topics.filter((topic) => !topic.hidden).map((topic) => topic.share), 1e-12);
  const made = editing.log.length ? topics.filter((topic) => !topic.hidden).map((topic) => topicRow(topic, largest)) : writtenRows;
  rows.clear();
  for (const row of made) rows.set(Number(row.dataset.topic), row);
  refreshList();
  if (rows.has(shown.topic)) rows.get(shown.topic).firstElementChild.setAttribute("aria-current", "true");
}

function topicRow(topic, largest) {
  const npmi = list.closest("[data-coherence=yes]") ? [element("span", { class: "number" }, topic.npmi === null ? "" : decimals(topic.npmi))] : [];
  return element("li", { "data-topic": topic.id },
    element("a", { class: "topic-row", href: `#topic-${topic.id}`, style: { "--topic": topic.color, "--size": (topic.share / largest).toFixed(4) } },
      element("span", { class: "id" }, element("span", { class: "dot" }), topic.id), element("span", { class: "words", dir: "auto" }),
      element("span", { class: "number" }, percent(topic.share)), ...npmi, element("span", { class: "size" })));
}

function refreshList() {
  const query = byId("search").value.trim();
  const found = matches(query);
  for (const [id, at] of found) rows.get(id).querySelector(".words").replaceChildren(...rowWords(topics[id], at));
  const grouped = !query && !document.documentElement.dataset.paper && closedGroups().length > 0;
  list.replaceChildren(...(grouped ? groupedRows(data.tree, sorted()) : found.map(([id]) => rows.get(id))));
  const told = found.length ? say("found", { n: found.length, query }) : say("not_found", { query });
  byId("found").textContent = query ? told : "";
}

function sortBy(name) {
  shown.sort = name;
  for (const button of document.querySelectorAll("[data-sort]")) {
    button.setAttribute("aria-pressed", String(button.dataset.sort === name));
  }
  refreshList();
}

// What the address names: a topic, a word, or the overview.
function named() {
  const found = /^#(topic|word)-(\d+)$/.exec(location.hash);
  const id = found ? Number(found[2]) : -1;
  if (found && found[1] === "topic" && topics[id]) return { topic: topics[id] };
  return found && found[1] === "word" && data.terms[id] !== undefined ? { word: id } : {};
}

function route() {
  const { topic, word } = named();
  const before = shown.topic;
  const one = topic !== undefined || word !== undefined;
  shown.topic = topic ? topic.id : null;
  hideTip();
  document.body.classList.toggle("has-topic", one);
  byId("overview").hidden = one;
  byId("topic").hidden = !one;
  if (rows.has(before)) rows.get(before).firstElementChild.removeAttribute("aria-current");
  if (topic) showTopic(topic);
  else if (word !== undefined) showWord(word);
  else showOverview(before);
}

function showTopic(topic) {
  byId("topic").replaceChildren(topicPage(topic, sorted()));
  const link = rows.get(topic.id)?.firstElementChild; // a hidden topic has none
  link?.setAttribute("aria-current", "true");
  link?.scrollIntoView({ block: "nearest" });
  nameWindow(topic);
  toTop(document.activeElement === link);
}

function nameWindow(topic) {
  document.title = `${say("topic_number", { id: topic.id })}: ${shortName(topic)} – ${title}`;
}

function showWord(word) {
  byId("topic").replaceChildren(wordPage(word));
  document.title = `${data.terms[word]} – ${title}`;
  toTop(false);
}

// The beginning of what is shown comes into view; it takes the focus unless the list keeps it.
function toTop(kept) {
  const top = byId("main").getBoundingClientRect().top + window.scrollY;
  window.scrollTo(0, window.scrollY > top || !kept ? Math.max(0, top - 16) : window.scrollY);
  if (!kept) byId("topic").querySelector("h2").focus({ preventScroll: true });
}

function showOverview(before) {
  document.title = title;
  if (!shown.drawn) {
    shown.drawn = true;
    for (const make of overviewFigures) make();
  }
  drawFigures();
  markChosen(before);
  if (before !== null) window.scrollTo(0, 0);
}

// On paper everything stands open, every topic is listed, and figures are as wide as a sheet, in
// the colours of the day.
let opened = [];

function beforePrint() {
  document.documentElement.dataset.paper = "yes";
  opened = [...document.querySelectorAll("details:not([open], .menu, .editor, .edits *, .hidden-topics *)")];
  for (const part of opened) part.open = true;
  refreshList();
  drawFigures();
}

function afterPrint() {
  delete document.documentElement.dataset.paper;
  for (const part of opened) part.open = false;
  refreshList();
  drawFigures();
}

function onKey(event) {
  const typing = /^(input|textarea|select)$/i.test(document.activeElement.tagName);
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/" && !typing) {
    event.preventDefault();
    byId("search").focus();
  } else if (event.key === "Escape") {
    if (document.activeElement === byId("search") && byId("search").value) {
      byId("search").value = "";
      refreshList();
    } else if (shown.topic !== null) location.hash = "overview";
  } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && list.contains(document.activeElement)) {
    event.preventDefault();
    const links = [...list.querySelectorAll("li > :is(a, button)")];
    const place = links.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    if (links[place]) links[place].focus();
  }
}

byId("search").addEventListener("input", refreshList);
byId("search").addEventListener("keydown", (event) => {
  const first = list.querySelector("li > a");
  if (event.key === "Enter" && first) first.click();
});
for (const button of document.querySelectorAll("[data-sort]")) {
  button.addEventListener("click", () => sortBy(button.dataset.sort));
}
window.addEventListener("hashchange", route);
document.addEventListener("keydown", onKey);
window.addEventListener("resize", debounced(150, drawFigures));
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  const frame = figures.get("documents")?.frame;
  if (frame) paint(frame);
});
window.addEventListener("beforeprint", beforePrint);
window.addEventListener("afterprint", afterPrint);
for (const part of document.querySelectorAll("details:not(.menu)")) part.addEventListener("toggle", drawFigures);
takeUp(readStore());
rebuild();
foldAtFirst();
if (editing.log.length) {
  retell();
  remakeRows();
}
showBar();
refreshList();
route();
