// The topics in groups: an icicle that opens and closes them in the list, on the maps, over time.

const FOLDED_FROM = 81; // with so many topics groups are closed at first
const ICICLE = { leaf: 20, spread: 260, gap: 2, font: 12, line: 15 };
const BOLDER = 1.12; // bold letters are about so much wider
const folded = new Set(); // keys of the closed groups

// A key for each group of the run, which it keeps whatever is edited.
function withKeys(nodes, keys = { next: 0 }) {
  return nodes.map((node) => (typeof node === "number" ? node : { key: keys.next++, name: node.name, parts: withKeys(node.parts, keys) }));
}

// The groups as the topics are now: of merged ones each once, without hidden ones, none of one topic.
function treeNow(nodes, taken) {
  const parts = nodes.flatMap((node) => {
    if (typeof node !== "number") {
      const held = treeNow(node.parts, taken);
      return held.length < 2 ? held : [groupOf(node, held)];
    }
    const id = numbers.get(node);
    if (topics[id].hidden || taken.has(id)) return [];
    taken.add(id);
    return [leafOf(topics[id])];
  });
  return parts.sort((a, b) => b.share - a.share);
}

const leafOf = (topic) => ({ topic, topics: [topic], share: topic.share, color: topic.color, depth: 0 });

function groupOf({ key, name }, parts) {
  const held = parts.flatMap((part) => part.topics);
  const trend = held[0].trend.map((_, i) => sum(held.map((topic) => topic.trend[i])));
  const error = held[0].error.map((_, i) => Math.hypot(...held.map((topic) => topic.error[i])));
  return { key, name, parts, topics: held, share: sum(parts.map((part) => part.share)), color: parts[0].color, depth: 1 + Math.max(...parts.map((part) => part.depth)), trend, error };
}

function rebuildTree() {
  data.tree = treeNow(WRITTEN.tree, new Set());
  const shownAlone = topics.filter((topic) => !topic.hidden && !data.tree.some((node) => node.topics.includes(topic)));
  if (data.tree.length) data.tree.push(...shownAlone.map(leafOf)); // what the run hides is in no group
}

const isGroup = (node) => node.parts !== undefined;
const isClosed = (node) => isGroup(node) && folded.has(node.key);

function allGroups(nodes = data.tree) {
  return nodes.filter(isGroup).flatMap((node) => [node, ...allGroups(node.parts)]);
}

// Closed groups that no closed group holds.
function closedGroups(nodes = data.tree) {
  return nodes.filter(isGroup).flatMap((node) => (isClosed(node) ? [node] : closedGroups(node.parts)));
}

// The closed group that a topic stands in, by its number.
function closedOf() {
  return new Map(closedGroups().flatMap((node) => node.topics.map((topic) => [topic.id, node])));
}

// Groups of many topics are closed at first: the innermost ones.
function foldAtFirst() {
  if (topics.length < FOLDED_FROM) return;
  for (const node of allGroups()) if (node.depth === 1) folded.add(node.key);
}

function setFolded(keys, closed) {
  for (const key of keys) closed ? folded.add(key) : folded.delete(key);
  const place = document.activeElement?.closest("[data-node]");
  const [within, key] = [place?.closest("#topic-list, #figure-tree")?.id, place?.dataset.node];
  refreshList();
  for (const name of ["map", "tree", "dates"]) if (figures.has(name)) figures.get(name).width = 0;
  if (!byId("overview").hidden) drawFigures();
  if (figures.get("documents")?.frame) paint(figures.get("documents").frame);
  if (within) byId(within).querySelector(`[data-node="${key}"]`)?.focus();
}

const toggle = (node) => setFolded([node.key], !isClosed(node));

const groupTold = (node) => `${node.name}, ${say("n_topics", { n: node.topics.length })}, ${percent(node.share)}`;

// ---- the list ----

// Rows of the list under their groups, as soon as one is closed.
function groupedRows(nodes, order, depth = 0) {
  const place = new Map(order.map((id, at) => [id, at]));
  const first = (node) => Math.min(...node.topics.map((topic) => place.get(topic.id)));
  const ranked = [...nodes].sort((a, b) => (shown.sort === "share" ? b.share - a.share : first(a) - first(b)));
  return ranked.flatMap((node) => {
    if (!isGroup(node)) return [rows.get(node.topic.id)];
    return [groupRow(node, depth), ...(isClosed(node) ? [] : groupedRows(node.parts, order, depth + 1))];
  });
}

function groupRow(node, depth) {
  return element("li", { class: "group-row", style: { "--topic": node.color, "--depth": depth } },
    element("button", { type: "button", "data-node": node.key, "aria-expanded": String(!isClosed(node)), onclick: () => toggle(node) },
      element("span", { class: "words" }, element("bdi", {}, node.name), " ", element("span", { class: "of" }, say("n_topics", { n: node.topics.length }))),
      element("span", { class: "number" }, percent(node.share))));
}

// ---- the icicle ----

function treeFigure() {
  if (!data.tree.length || !byId("figure-tree")) return;
  const button = (id, key, closed) => element("button", { type: "button", id, onclick: () => setFolded(allGroups().map((node) => node.key), closed) }, say(key));
  const tools = allGroups().length ? element("span", { class: "tools" }, button("open-all", "open_all", false), button("close-all", "close_all", true)) : "";
  figure("tree", { title: say("tree_heading"), caption: tools, draw: icicle, rows: treeRows, told: treeTold() });
}

function treeTold() {
  return data.tree.map((node) => `${isGroup(node) ? groupTold(node) : `${shortName(node.topic)}, ${percent(node.share)}`}.`).join(" ");
}

function treeRows() {
  const rowsOf = (nodes, above) => nodes.flatMap((node) => (isGroup(node) ? rowsOf(node.parts, [...above, node.name]) : [[node.topic.id, shortName(node.topic), node.share, ...above]]));
  const made = rowsOf(data.tree, []);
  const widest = Math.max(...made.map((row) => row.length)) - 3;
  return [["topic", "name", "share", ...Array.from({ length: widest }, (_, i) => `group ${i + 1}`)], ...made];
}

// Groups from left to right, each as high as what it holds; a closed one reaches to the right edge.
function icicle(width) {
  const levels = Math.max(...data.tree.map((node) => node.depth));
  const narrow = width < 500;
  const columns = Array.from({ length: levels }, () => (levels ? (narrow ? 0.27 : 0.24) * width : 0));
  const lefts = columns.reduce((made, wide) => [...made, made.at(-1) + wide], [0]);
  const picture = svg("svg", { class: "icicle", width, role: "group", "aria-label": say("tree_heading") });
  let bottom = 0;
  const visit = (node, level) => {
    const top = bottom;
    if (isGroup(node) && !isClosed(node)) for (const part of node.parts) visit(part, level + 1);
    else bottom += Math.max(ICICLE.leaf, node.share * ICICLE.spread);
    const open = isGroup(node) && !isClosed(node);
    const right = open ? lefts[level + 1] : width;
    picture.append(icicleCell(node, { left: lefts[level], top, width: right - lefts[level] - ICICLE.gap, height: bottom - top - ICICLE.gap }));
  };
  for (const node of data.tree) visit(node, 0);
  for (const [name, value] of [["viewBox", `0 0 ${width} ${bottom}`], ["height", bottom]]) picture.setAttribute(name, value);
  const nodeOf = (event) => allGroups().find((node) => String(node.key) === event.target.closest("[data-node]")?.dataset.node);
  picture.addEventListener("click", (event) => nodeOf(event) && toggle(nodeOf(event)));
  picture.addEventListener("keydown", (event) => {
    if ((event.key !== "Enter" && event.key !== " ") || !nodeOf(event)) return;
    event.preventDefault();
    toggle(nodeOf(event));
  });
  tipOver(picture, (event) => {
    const node = nodeOf(event);
    if (node) return [node.name, say("n_topics", { n: node.topics.length }), percent(node.share)];
    return topicTip(topics[Number(event.target.closest("[data-topic]")?.dataset.topic)]);
  });
  return picture;
}

function icicleCell(node, { left, top, width, height }) {
  const share = percent(node.share);
  const name = isGroup(node) ? `${isClosed(node) ? "+" : "−"} ${node.name}` : `${node.topic.id} ${shortName(node.topic)}`;
  const shareWide = textWidth(share, 11) + 14;
  const cell = isGroup(node)
    ? svg("g", { class: "icicle-group", role: "button", tabindex: "0", "aria-expanded": String(!isClosed(node)), "aria-label": groupTold(node), "data-node": node.key })
    : svg("a", { class: "icicle-topic", href: `#topic-${node.topic.id}`, "data-topic": node.topic.id, "aria-label": `${name}, ${share}` });
  cell.setAttribute("style", `--topic:${node.color}`);
  cell.append(svg("rect", { x: left.toFixed(1), y: top.toFixed(1), width: Math.max(width, 1).toFixed(1), height: Math.max(height, 1).toFixed(1), rx: 3 }));
  const beside = width > 150;
  const room = (width - 16 - (beside ? shareWide : 0)) / (isGroup(node) ? BOLDER : 1);
  const most = Math.max(1, Math.floor((height - 4) / ICICLE.line));
  const written = wrapped(name, room, ICICLE.font, Math.min(most, 4));
  const below = !beside && isGroup(node) && written.length < most; // where there is no room for the share beside the name
  const first = top + Math.min(height / 2, 60) + 4 - ((written.length - 1 + below) * ICICLE.line) / 2;
  const line = (place) => Math.max(top + ICICLE.font, first) + place * ICICLE.line;
  written.forEach((text, place) => {
    cell.append(label(text, { class: "name", x: (left + 8).toFixed(1), y: line(place).toFixed(1), direction: "ltr" }));
  });
  if (beside) cell.append(label(share, { class: "tick", x: (left + width - 8).toFixed(1), y: line(0).toFixed(1), "text-anchor": "end" }));
  else if (below) cell.append(label(share, { class: "tick", x: (left + 8).toFixed(1), y: line(written.length).toFixed(1) }));
  return cell;
}
