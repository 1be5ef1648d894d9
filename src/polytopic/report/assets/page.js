// The list of topics, its search and order, and which page is shown.

const shown = { topic: null, sort: "share", drawn: false };
const list = byId("topic-list");
const rows = new Map([...list.children].map((item) => [Number(item.dataset.topic), item]));
const title = document.title;

function sorted() {
  const ids = topics.map((topic) => topic.id);
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
  if (/^\d+$/.test(sought) && topics[Number(sought)]) return [[Number(sought), -1]];
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
  const words = topic.words.slice(0, 12).map((word) => word[0]);
  const parts = topic.badge ? [element("span", { class: "flag" }, topic.badge)] : [];
  if (at >= 0) {
    parts.push(element("mark", {}, topic.words[at][0]), " ");
    if (at < words.length) words.splice(at, 1);
  }
  const n = topic.name ? 0 : 3;
  parts.push(element("b", {}, topic.name || words.slice(0, n).join(" ")), ` ${words.slice(n).join(" ")}`);
  return parts;
}

function refreshList() {
  const query = byId("search").value;
  const found = matches(query);
  for (const [, row] of rows) row.hidden = true;
  for (const [id, at] of found) {
    const row = rows.get(id);
    row.hidden = false;
    row.querySelector(".words").replaceChildren(...rowWords(topics[id], at));
    list.append(row);
  }
  const asked = query.trim() !== "";
  byId("found").textContent = !asked
    ? ""
    : found.length
      ? `${found.length} of ${topics.length} topics hold “${query.trim()}”`
      : `No topic holds “${query.trim()}” among its ${topics[0] ? topics[0].words.length : 0} first words`;
}

function sortBy(name) {
  shown.sort = name;
  for (const button of document.querySelectorAll("[data-sort]")) {
    button.setAttribute("aria-pressed", String(button.dataset.sort === name));
  }
  refreshList();
}

function route() {
  const found = /^#topic-(\d+)$/.exec(location.hash);
  const topic = found && topics[Number(found[1])] ? topics[Number(found[1])] : null;
  const before = shown.topic;
  shown.topic = topic ? topic.id : null;
  document.body.classList.toggle("has-topic", topic !== null);
  byId("overview").hidden = topic !== null;
  byId("topic").hidden = topic === null;
  if (rows.has(before)) rows.get(before).firstElementChild.removeAttribute("aria-current");
  if (topic) showTopic(topic);
  else showOverview(before);
}

function showTopic(topic) {
  byId("topic").replaceChildren(topicPage(topic, sorted()));
  const link = rows.get(topic.id).firstElementChild;
  link.setAttribute("aria-current", "true");
  rows.get(topic.id).scrollIntoView({ block: "nearest" });
  document.title = `Topic ${topic.id}: ${shortName(topic)} – ${title}`;
  const top = byId("main").getBoundingClientRect().top + window.scrollY;
  window.scrollTo(0, window.scrollY > top || document.activeElement !== link ? Math.max(0, top - 16) : window.scrollY);
  if (document.activeElement !== link) byId("topic").querySelector("h2").focus({ preventScroll: true });
}

function showOverview(before) {
  document.title = title;
  markChosen(before);
  if (!shown.drawn) {
    shown.drawn = true;
    drawFigures();
  } else {
    window.dispatchEvent(new Event("resize"));
  }
  if (before !== null) window.scrollTo(0, 0);
}

function onKey(event) {
  const typing = /^(input|textarea|select)$/i.test(document.activeElement.tagName);
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/" && !typing) {
    event.preventDefault();
    byId("search").focus();
  } else if (event.key === "Escape") {
    if (typing && byId("search").value) {
      byId("search").value = "";
      refreshList();
    } else if (shown.topic !== null) location.hash = "overview";
  } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && list.contains(document.activeElement)) {
    event.preventDefault();
    const links = [...list.querySelectorAll("li:not([hidden]) > a")];
    const place = links.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    if (links[place]) links[place].focus();
  }
}

byId("search").addEventListener("input", refreshList);
byId("search").addEventListener("keydown", (event) => {
  const first = list.querySelector("li:not([hidden]) > a");
  if (event.key === "Enter" && first) first.click();
});
for (const button of document.querySelectorAll("[data-sort]")) {
  button.addEventListener("click", () => sortBy(button.dataset.sort));
}
window.addEventListener("hashchange", route);
document.addEventListener("keydown", onKey);
dark.addEventListener("change", () => shown.drawn && drawFigures());
refreshList();
route();
