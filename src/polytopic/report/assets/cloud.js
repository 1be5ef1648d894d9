// A word cloud: the most probable word in the middle, the others along a spiral around it.

const CLOUD_WIDTH = 560;

function wordCloud(topic) {
  const words = topic.words.slice(0, 42).filter((word) => word[1] > 0);
  const family = getComputedStyle(document.documentElement).getPropertyValue("--serif");
  const largest = words.length ? words[0][1] : 1;
  const placed = [];
  words.forEach(([term, weight], rank) => {
    const size = Math.max(11, 50 * Math.pow(weight / largest, 0.55));
    pen.font = `${size}px ${family}`;
    const measured = pen.measureText(term).width;
    const fitted = Math.min(size, (size * CLOUD_WIDTH * 0.92) / measured);
    const box = { term, rank, size: fitted, width: (measured * fitted) / size + 8, height: fitted * 1.02 };
    const spot = freeSpot(box, placed);
    if (spot) placed.push({ ...box, ...spot });
  });
  return drawCloud(placed, topic);
}

function freeSpot(box, placed) {
  for (let turn = 0; turn < 220; turn += 0.12) {
    const x = 4.4 * turn * Math.cos(turn + box.rank);
    const y = 2.3 * turn * Math.sin(turn + box.rank);
    if (Math.abs(x) + box.width / 2 > CLOUD_WIDTH / 2) continue;
    const hit = placed.some(
      (other) =>
        Math.abs(x - other.x) < (box.width + other.width) / 2 &&
        Math.abs(y - other.y) < (box.height + other.height) / 2
    );
    if (!hit) return { x, y };
  }
  return null;
}

function drawCloud(placed, topic) {
  const reach = Math.max(170, ...placed.map((box) => Math.abs(box.x) + box.width / 2));
  const top = Math.min(0, ...placed.map((box) => box.y - box.height / 2));
  const bottom = Math.max(20, ...placed.map((box) => box.y + box.height / 2));
  const picture = svg("svg", {
    class: "cloud",
    role: "img",
    "aria-label": say("cloud_told", { id: topic.id, words: topic.words.slice(0, 12).map((word) => word[0]).join(", ") }),
    viewBox: `${-reach} ${top} ${2 * reach} ${bottom - top}`,
  });
  for (const box of placed) {
    const text = svg("text", {
      x: box.x.toFixed(1),
      y: (box.y + box.size * 0.3).toFixed(1),
      "text-anchor": "middle",
      "font-size": box.size.toFixed(1),
      class: box.rank < 12 ? "near" : "faint",
    });
    text.textContent = box.term;
    picture.append(text);
  }
  return picture;
}
