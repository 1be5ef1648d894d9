// The documents drawn on a canvas: points by topic, names of clusters by zoom, the lasso.

const GROUND_MARGIN = 6;
const HIDDEN_ALPHA = 0.25; // documents whose largest topic is hidden are grey and pale

function pointSize(k) {
  const base = docs.n > 20000 ? 1.7 : docs.n > 5000 ? 2.3 : docs.n > 800 ? 4 : 6;
  return Math.min(9, base * Math.pow(k, 0.4));
}

function drawDocuments(width) {
  const height = Math.round(Math.min(width * (width < 500 ? 1.1 : 0.72), 720));
  const sharp = Math.min(window.devicePixelRatio || 1, 2);
  const canvas = element("canvas", {
    class: "documents-map", width: Math.round(width * sharp), height: Math.round(height * sharp),
    style: { width: `${width}px`, height: `${height}px` },
    role: "group", tabindex: "0", "aria-label": say("docs_keys"),
  });
  const frame = { canvas, width, height, sharp, view: { x: 0, y: 0, k: 1 }, path: null };
  const entry = figures.get("documents");
  entry.frame = frame;
  entry.moves = plane(canvas, {
    onView: (view) => {
      frame.view = view;
      paint(frame);
    },
    onDrag: lassoDrag(frame),
  });
  frame.view = entry.moves.view;
  paint(frame);
  tipOver(canvas, (event) => documentTip(frame, event));
  canvas.addEventListener("click", (event) => {
    const row = canvas.dataset.moved === "yes" ? -1 : rowAt(frame, event);
    if (row >= 0) location.hash = `topic-${docs.topic[row]}`;
  });
  return canvas;
}

// From the square of the documents to the canvas.
function placing({ width, height, view }) {
  const across = (width - 2 * GROUND_MARGIN) * view.k;
  const down = (height - 2 * GROUND_MARGIN) * view.k;
  const left = view.x + GROUND_MARGIN * view.k;
  const top = view.y + GROUND_MARGIN * view.k;
  return { x: (value) => left + value * across, y: (value) => top + value * down, left, top, across, down };
}

function paint(frame) {
  const pen2d = frame.canvas.getContext("2d");
  pen2d.setTransform(frame.sharp, 0, 0, frame.sharp, 0, 0);
  pen2d.clearRect(0, 0, frame.width, frame.height);
  if (docs.chosen) paintPoints(frame, pen2d, 0, 0.13);
  paintPoints(frame, pen2d, 1, docs.n > 20000 ? 0.75 : 0.8);
  paintNames(frame, pen2d);
  if (frame.path) paintLasso(frame, pen2d);
}

function paintPoints(frame, pen2d, wanted, alpha) {
  const { left, top, across, down } = placing(frame);
  const size = pointSize(frame.view.k);
  const round = docs.n <= 5000;
  const square = Math.max(2, Math.round(size));
  const half = square / 2;
  const { rows, starts } = docs.byTopic;
  const muted = getComputedStyle(document.documentElement).getPropertyValue("--muted");
  for (let topic = 0; topic < topics.length; topic += 1) {
    pen2d.globalAlpha = topics[topic].hidden ? Math.min(alpha, HIDDEN_ALPHA) : alpha;
    pen2d.fillStyle = topics[topic].hidden ? muted : topics[topic].color;
    for (let place = starts[topic]; place < starts[topic + 1]; place += 1) {
      const row = rows[place];
      if (docs.chosen && docs.chosen[row] !== wanted) continue;
      const x = left + (docs.x[row] / 65535) * across;
      const y = top + (docs.y[row] / 65535) * down;
      if (x < -size || y < -size || x > frame.width + size || y > frame.height + size) continue;
      if (round) {
        pen2d.beginPath();
        pen2d.arc(x, y, size / 2, 0, 6.2832);
        pen2d.fill();
      } else pen2d.fillRect(Math.round(x - half), Math.round(y - half), square, square); // whole pixels are quicker
    }
  }
  pen2d.globalAlpha = 1;
}

// Names of clusters, the largest first, each where it meets no other: more of them as one zooms.
function paintNames(frame, pen2d) {
  const style = getComputedStyle(document.documentElement);
  const size = frame.width < 500 ? 10.5 : 12.5;
  const place = placing(frame);
  const boxes = [];
  pen2d.font = `600 ${size}px ${style.getPropertyValue("--sans")}`;
  pen2d.textAlign = "center";
  pen2d.lineJoin = "round";
  pen2d.lineWidth = 4;
  pen2d.strokeStyle = style.getPropertyValue("--ground");
  pen2d.fillStyle = style.getPropertyValue("--ink");
  for (const { name, x, y } of clusterNames(frame.view.k)) {
    const half = pen2d.measureText(name).width / 2;
    const spot = { x: Math.min(frame.width - half, Math.max(half, place.x(x))), y: place.y(y), half };
    const outside = place.x(x) < 0 || place.x(x) > frame.width || spot.y < size || spot.y > frame.height - 4;
    const hit = boxes.some((box) => Math.abs(box.x - spot.x) < box.half + half + 10 && Math.abs(box.y - spot.y) < size * 1.9);
    if (outside || hit) continue;
    boxes.push(spot);
    pen2d.strokeText(name, spot.x, spot.y);
    pen2d.fillText(name, spot.x, spot.y);
  }
}

function clusterNames(k) {
  const short = (name) => ([...name].length > 34 ? `${[...name].slice(0, 33).join("")}…` : name);
  const ofTopics = topics.map((topic, id) => docs.places[id] && { name: short(shortName(topic)), ...docs.places[id] });
  const closed = k < GROUPS_UNTIL ? closedGroups() : [];
  const within = new Set(closed.flatMap((group) => group.topics.map((topic) => topic.id)));
  const named = ofTopics.filter((place, id) => place && place.name && !within.has(id));
  const groups = closed.map((group) => {
    const held = group.topics.map((topic) => docs.places[topic.id]).filter(Boolean);
    const n = held.reduce((sum, place) => sum + place.n, 0);
    const mean = (axis) => held.reduce((sum, place) => sum + place[axis] * place.n, 0) / n;
    return { name: short(group.name), x: mean("x"), y: mean("y"), n };
  });
  return [...named, ...groups.filter((group) => group.n > 0)].sort((a, b) => b.n - a.n);
}

function paintLasso(frame, pen2d) {
  const style = getComputedStyle(document.documentElement);
  pen2d.beginPath();
  for (const [x, y] of frame.path) pen2d.lineTo(x, y);
  pen2d.closePath();
  pen2d.strokeStyle = style.getPropertyValue("--accent");
  pen2d.lineWidth = 1.5;
  pen2d.stroke();
  pen2d.globalAlpha = 0.1;
  pen2d.fillStyle = style.getPropertyValue("--accent");
  pen2d.fill();
  pen2d.globalAlpha = 1;
}

// Drawing around documents, while the button of the lasso is pressed down.
function lassoDrag(frame) {
  return {
    active: () => byId("lasso").getAttribute("aria-pressed") === "true",
    start: (x, y) => (frame.path = [[x, y]]),
    move: (x, y) => {
      frame.path.push([x, y]);
      paint(frame);
    },
    end: () => {
      const path = frame.path;
      frame.path = null;
      const { left, top, across, down } = placing(frame);
      docs.lasso = path && path.length > 3 ? path.map(([x, y]) => [(x - left) / across, (y - top) / down]) : null;
      showChosen();
    },
  };
}

// The document nearest to the pointer, within a few pixels; -1 for none.
function rowAt(frame, event) {
  const box = frame.canvas.getBoundingClientRect();
  const { left, top, across, down } = placing(frame);
  const x = ((event.clientX - box.left - left) / across) * 65535;
  const y = ((event.clientY - box.top - top) / down) * 65535;
  const [wide, high] = [(9 / across) * 65535, (9 / down) * 65535];
  let [best, least] = [-1, 1];
  for (let row = 0; row < docs.n; row += 1) {
    const [dx, dy] = [(docs.x[row] - x) / wide, (docs.y[row] - y) / high];
    const apart = dx * dx + dy * dy;
    if (apart < least && (!docs.chosen || docs.chosen[row])) [best, least] = [row, apart];
  }
  return best;
}

function documentTip(frame, event) {
  const row = rowAt(frame, event);
  frame.canvas.style.cursor = row >= 0 ? "pointer" : "";
  if (row < 0) return null;
  const words = docs.words.map((held) => data.terms[held[row]]).filter(Boolean).join(", ");
  return [docs.texts[row], words, `${docs.topic[row]} ${shortName(topics[docs.topic[row]])}: ${percent(docs.share[row] / 255)}`, docs.period[row] >= 0 && time ? time.periods[docs.period[row]] : ""];
}
