// The map of the topics: bubbles whose names appear as there is room for them.

const MAP_FONT = 12.5;
const UPRIGHT_UNDER = 500; // of a width below, the map stands on its short side: larger bubbles
const GROUPS_UNTIL = 2.2; // above this zoom the names of groups give way to those of topics

function topicMap() {
  figure("map", {
    title: say("map_heading"), draw: drawTopicMap, rows: mapRows, told: mapTold(), tools: zoomButtons("map"),
  });
}

function mapTold() {
  const largest = topics.filter((topic) => !topic.hidden).sort((a, b) => b.share - a.share).slice(0, 10);
  return say("map_told", { topics: largest.map((topic) => `${shortName(topic)} ${percent(topic.share)}`).join("; ") });
}

function mapRows() {
  const listed = topics.filter((topic) => !topic.hidden);
  const rows = listed.map((topic) => [topic.id, shortName(topic), topic.share, topic.npmi, ...topic.spot]);
  return [["topic", "name", "share", "npmi", "x", "y", "radius"], ...rows];
}

function drawTopicMap(width) {
  const upright = width < UPRIGHT_UNDER;
  const scale = width / (upright ? data.map.height : data.map.width);
  const height = Math.round(scale * (upright ? data.map.width : data.map.height));
  const spots = topics.map((topic) => {
    const [x, y, r] = topic.spot;
    const [across, down] = upright ? [-y, x] : [x, -y]; // a quarter of a turn
    return { topic, x: width / 2 + across * scale, y: height / 2 + down * scale, r: r * scale };
  });
  const discs = svg("g");
  const names = svg("g", { class: "names" });
  const picture = svg("svg", {
    class: "bubbles", viewBox: `0 0 ${width} ${height}`, width, height,
    role: "group", tabindex: "0", "aria-label": say("map_keys"),
  }, discs, names);
  const closed = closedOf();
  for (const spot of spots.filter((each) => !each.topic.hidden).sort((a, b) => b.r - a.r)) discs.append(bubble(spot, closed.get(spot.topic.id)));
  const entry = figures.get("map");
  entry.moves = plane(picture, {
    onView: (view) => {
      discs.setAttribute("transform", `translate(${view.x.toFixed(2)} ${view.y.toFixed(2)}) scale(${view.k.toFixed(4)})`);
      names.replaceChildren(...mapNames(spots, view, width, height));
    },
  });
  names.replaceChildren(...mapNames(spots, { x: 0, y: 0, k: 1 }, width, height));
  const topicAt = (event) => topics[Number(event.target.closest("[data-topic]")?.dataset.topic)];
  tipOver(picture, (event) => topicTip(topicAt(event)));
  picture.addEventListener("click", (event) => {
    const topic = topicAt(event);
    if (topic && picture.dataset.moved !== "yes") location.hash = `topic-${topic.id}`;
  });
  return picture;
}

function topicTip(topic) {
  if (!topic) return null;
  const words = topic.words.slice(0, 8).map((word) => word[0]).join(", ");
  return [`${topic.id} ${shortName(topic)}`, words, `${say("share_of_tokens")}: ${percent(topic.share)}`];
}

// Bubbles of a closed group have its colour.
function bubble({ topic, x, y, r }, group) {
  return svg("circle", {
    "data-topic": topic.id, cx: x.toFixed(1), cy: y.toFixed(1), r: r.toFixed(2),
    class: "bubble", style: `--topic:${(group ?? topic).color}`,
  });
}

// The texts of a view: of closed groups where there is little zoom, and of each other bubble.
function mapNames(spots, view, width, height) {
  const closed = view.k < GROUPS_UNTIL ? closedGroups() : [];
  const within = new Set(closed.flatMap((node) => node.topics));
  const placed = spots.map((spot) => ({
    ...spot, x: spot.x * view.k + view.x, y: spot.y * view.k + view.y, r: spot.r * view.k,
  }));
  const seen = placed.filter(({ topic, x, y, r }) => !topic.hidden && !within.has(topic) && x > -r && x < width + r && y > -r && y < height + r);
  return [...seen.map(bubbleName).filter((text) => text), ...groupNames(closed, placed, width)];
}

function bubbleName({ topic, x, y, r }) {
  const choices = topic.name ? [[topic.name]] : [3, 2, 1].map((n) => topic.label.slice(0, n));
  for (const words of choices) {
    const longest = Math.max(...words.map((word) => textWidth(word, MAP_FONT)), 1);
    const breadth = 1.8 * r * (1 - 0.09 * (words.length - 1));
    const font = Math.min(MAP_FONT, (MAP_FONT * breadth) / longest, (1.5 * r) / (1.15 * words.length));
    if (font >= (words.length > 1 ? 9 : 7.5)) return stacked(words, x, y, font, topic.id);
  }
  const first = choices[0][0] || "";
  const short = r > 13 ? clipped(first, 1.8 * r, 8) : "";
  return short.length > 3 ? stacked([short], x, y, 8, topic.id) : null;
}

function stacked(lines, x, y, font, topic) {
  const text = svg("text", { "font-size": font.toFixed(1), "text-anchor": "middle", "data-topic": topic, direction: null });
  lines.forEach((line, place) => {
    const row = y + (place - (lines.length - 1) / 2) * font * 1.15 + font * 0.34;
    const part = svg("tspan", { x: x.toFixed(1), y: row.toFixed(1) });
    part.textContent = line;
    text.append(part);
  });
  return text;
}

function groupNames(closed, placed, width) {
  const boxes = [];
  const texts = [];
  const size = width < 500 ? 11 : 14;
  for (const group of closed) {
    const members = group.topics.map((topic) => placed[topic.id]);
    const weight = members.reduce((sum, spot) => sum + spot.topic.share, 0) || 1;
    const mean = (axis) => members.reduce((sum, spot) => sum + spot[axis] * (spot.topic.share || 1e-9), 0) / weight;
    const half = textWidth(group.name, size) / 2 + 4;
    const x = Math.min(width - half, Math.max(half, mean("x")));
    const y = freeRow(boxes, x, mean("y"), half, size);
    boxes.push({ x, y, half });
    const text = svg("text", { x: x.toFixed(1), y: y.toFixed(1), "font-size": size, "text-anchor": "middle", class: "group-name" });
    text.textContent = group.name;
    texts.push(text);
  }
  return texts;
}

// The row nearest to y in which a text of that half width meets no other.
function freeRow(boxes, x, y, half, size) {
  for (const step of [0, 1, -1, 2, -2, 3, -3]) {
    const row = y + step * size * 1.2;
    const free = boxes.every((box) => Math.abs(box.x - x) > box.half + half || Math.abs(box.y - row) > size * 1.15);
    if (free) return row;
  }
  return y;
}

function markChosen(topic) {
  for (const disc of document.querySelectorAll(".bubble")) {
    disc.classList.toggle("chosen", topic !== null && Number(disc.dataset.topic) === topic);
  }
}
