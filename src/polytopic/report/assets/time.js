// Topics over time: small multiples of what rose and fell, with intervals, over a strip of counts.

const time = data.time;
const PANEL = { least: 250, height: 104, gap: 22 };

function timeFigures() {
  if (!time) return;
  const chosen = [...time.risers, ...time.fallers];
  const rows = () => timeRows(chosen.length ? chosen : topics.filter((topic) => !topic.hidden).map((topic) => topic.id));
  figure("dates", { title: say("time_heading"), draw: (width) => panels(width), rows, told: timeTold() });
  figure("counts", { title: say("documents_by_time"), caption: `${say("documents_by_time")}: ${say("most_documents", { n: Math.max(...time.documents) })}`, draw: countStrip, rows: () => [[say("period"), "documents"], ...time.periods.map((p, i) => [p, time.documents[i]])] });
  if (byId("figure-dates-all")) {
    figure("dates-all", { title: say("all_over_time"), draw: timeHeat, rows: () => timeRows(time.changing), told: timeTold() });
  }
}

function timeTold() {
  const told = [["risers", time.risers], ["fallers", time.fallers]].filter(([, ids]) => ids.length)
    .map(([key, ids]) => `${say(key)}: ${ids.map((id) => `${id} ${shortName(topics[id])}`).join(", ")}.`);
  return told.join(" ") || `${say("no_change")}.`;
}

function timeRows(ids) {
  const rows = [["topic", "name", "period", "documents", "share", "low", "high"]];
  for (const id of ids) {
    const topic = topics[id];
    time.periods.forEach((period, i) => rows.push([id, shortName(topic), period, time.documents[i], topic.trend[i], low(topic, i), high(topic, i)]));
  }
  return rows;
}

const low = (topic, i) => Math.max(0, topic.trend[i] - 1.96 * topic.error[i]);
const high = (topic, i) => Math.min(1, topic.trend[i] + 1.96 * topic.error[i]);
const many = (i) => time.documents[i] >= time.few;

// Risers in one column and fallers in the other where both fit; under each other where not.
function panels(width) {
  const groups = [[say("risers"), time.risers], [say("fallers"), time.fallers]].filter(([, ids]) => ids.length);
  if (!groups.length) groups.push([say("no_change"), time.changing.slice(0, 6)]);
  const across = width >= 2 * PANEL.least ? 2 : 1;
  const columns = groups.length === 1 ? across : 1;
  const each = (width - PANEL.gap * (across - 1)) / across;
  const picture = svg("svg", { class: "panels", "aria-hidden": "true" });
  let bottom = 0;
  const drawn = (made, at) => svg("g", { transform: `translate(${at[0].toFixed(1)} ${at[1]})` }, panel(made, each, PANEL.height));
  groups.forEach(([heading, ids], place) => {
    const left = groups.length > 1 && across === 2 ? place * (each + PANEL.gap) : 0;
    const top = across === 2 || place === 0 ? 0 : bottom + 14;
    picture.append(label(clipped(heading, groups.length > 1 && across === 2 ? each : width, 12.5), { class: "panel-heading", x: left, y: top + 13 }));
    ids.forEach((id, i) => {
      const x = left + (i % columns) * (each + PANEL.gap);
      const y = top + 24 + Math.floor(i / columns) * (PANEL.height + 12);
      picture.append(drawn(topics[id], [x, y]));
      bottom = Math.max(bottom, y + PANEL.height + 8);
    });
  });
  const closed = closedGroups();
  if (closed.length) picture.append(label(clipped(say("closed_groups"), width, 12.5), { class: "panel-heading", x: 0, y: bottom + 27 }));
  const below = bottom + 38;
  closed.forEach((group, i) => {
    const y = below + Math.floor(i / across) * (PANEL.height + 12);
    picture.append(drawn(group, [(i % across) * (each + PANEL.gap), y]));
    bottom = y + PANEL.height + 8;
  });
  for (const [name, value] of [["viewBox", `0 0 ${width} ${bottom}`], ["width", width], ["height", bottom]]) picture.setAttribute(name, value);
  tipOver(picture, panelTip);
  picture.addEventListener("click", (event) => {
    const found = panelOf(event);
    if (found?.key !== undefined) toggle(found);
    else if (found) location.hash = `topic-${found.id}`;
  });
  return picture;
}

// The topic, or the closed group, that a panel is of.
function panelOf(event) {
  const { topic, node } = event.target.closest(".panel")?.dataset ?? {};
  return node !== undefined ? closedGroups().find((group) => String(group.key) === node) : topics[Number(topic)];
}

const panelName = (shownOne) => (shownOne.key === undefined ? `${shownOne.id} ${shortName(shownOne)}` : shownOne.name);

function panelTip(event) {
  const topic = panelOf(event);
  if (!topic) return null;
  const box = event.target.closest(".panel").querySelector(".hit").getBoundingClientRect();
  const i = Math.max(0, Math.min(time.periods.length - 1, Math.floor(((event.clientX - box.left) / box.width) * time.periods.length)));
  return [panelName(topic), ...periodLines(topic, i)];
}

function periodLines(topic, i) {
  const count = say("n_documents", { n: time.documents[i] });
  if (!time.documents[i]) return [time.periods[i], say("no_documents")];
  const between = many(i) ? ` (${percent(low(topic, i))} – ${percent(high(topic, i))})` : ` (${say("few_documents")})`;
  return [time.periods[i], percent(topic.trend[i]) + between, count];
}

// One topic over time: the line of its share within the interval of 95 %.
function panel(topic, width, height, title = true) {
  const n = time.periods.length;
  const box = { left: 0, top: title ? 20 : 14, right: width, bottom: height - 16 };
  const solid = time.periods.map((_, i) => i).filter(many);
  const top = Math.max(...solid.map((i) => high(topic, i)), ...(solid.length ? [] : topic.trend), 1e-6);
  const x = (i) => box.left + ((i + 0.5) / n) * (box.right - box.left);
  const y = (value) => box.bottom - (Math.min(value, top) / top) * (box.bottom - box.top);
  const made = svg("g", { class: "panel", "data-topic": topic.id, "data-node": topic.key, style: `--topic:${topic.color}` });
  if (title) made.append(label(clipped(panelName(topic), width - 60, 12), { class: "panel-title", x: 0, y: 12 }));
  made.append(...unsure(box, n));
  made.append(svg("line", { class: "grid", x1: box.left, x2: box.right, y1: box.bottom, y2: box.bottom }));
  for (const run of runs()) {
    const upper = run.map((i) => `${x(i).toFixed(1)},${y(high(topic, i)).toFixed(1)}`);
    const lower = run.map((i) => `${x(i).toFixed(1)},${y(low(topic, i)).toFixed(1)}`).reverse();
    const line = run.map((i) => `${x(i).toFixed(1)},${y(topic.trend[i]).toFixed(1)}`);
    made.append(svg("polygon", { class: "interval", points: [...upper, ...lower].join(" ") }));
    made.append(run.length > 1
      ? svg("polyline", { class: "line", points: line.join(" ") })
      : svg("circle", { class: "dot-mark", cx: x(run[0]).toFixed(1), cy: y(topic.trend[run[0]]).toFixed(1), r: 2.2 }));
  }
  made.append(label(percent(top), { class: "tick", x: box.right, y: box.top - 4 + (title ? 0 : 8), "text-anchor": "end" }));
  made.append(label(time.periods[0], { class: "tick", x: box.left, y: height - 3 }));
  made.append(label(time.periods[n - 1], { class: "tick", x: box.right, y: height - 3, "text-anchor": "end" }));
  made.append(svg("rect", { class: "hit", x: box.left, y: 0, width: box.right - box.left, height }));
  return made;
}

// Runs of neighbouring periods with enough documents: a line does not cross what is not known.
function runs() {
  const found = [];
  time.periods.forEach((_, i) => {
    if (!many(i)) return;
    if (i && many(i - 1)) found[found.length - 1].push(i);
    else found.push([i]);
  });
  return found;
}

// Grey behind periods of few documents, hatched where there are none.
function unsure(box, n) {
  const step = (box.right - box.left) / n;
  return time.documents.flatMap((documents, i) => {
    if (documents >= time.few) return [];
    const place = { x: box.left + i * step, y: box.top, width: step + 0.3, height: box.bottom - box.top };
    if (!documents) return [hatch(place)];
    return [svg("rect", { class: "few", ...place, x: place.x.toFixed(1), width: place.width.toFixed(1) })];
  });
}

// Sloping lines that fill a box. A pattern would do on a screen; in a PDF it is an image for each box.
function hatch({ x, y, width, height }) {
  const lines = [];
  for (let sum = Math.ceil((x + y) / 6) * 6; sum < x + y + width + height; sum += 6) {
    const [from, to] = [Math.max(x, sum - y - height), Math.min(x + width, sum - y)];
    lines.push(`M${from.toFixed(1)},${(sum - from).toFixed(1)}L${to.toFixed(1)},${(sum - to).toFixed(1)}`);
  }
  return svg("path", { class: "hatch", d: lines.join("") });
}

function countStrip(width) {
  const height = 52;
  const box = { left: 0, top: 2, right: width, bottom: height - 16 };
  const most = Math.max(...time.documents, 1);
  const step = (box.right - box.left) / time.documents.length;
  const picture = svg("svg", { class: "strip", viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true" });
  picture.append(...unsure(box, time.documents.length));
  time.documents.forEach((documents, i) => {
    const tall = (documents / most) * (box.bottom - box.top);
    picture.append(svg("rect", { class: "count", x: (i * step).toFixed(1), y: (box.bottom - tall).toFixed(1), width: Math.max(step - 1, 0.6).toFixed(1), height: tall.toFixed(1) }));
  });
  picture.append(label(time.periods[0], { class: "tick", x: 0, y: height - 3 }));
  picture.append(label(time.periods.at(-1), { class: "tick", x: box.right, y: height - 3, "text-anchor": "end" }));
  tipOver(picture, (event) => {
    const area = picture.getBoundingClientRect();
    const i = Math.floor(((event.clientX - area.left) / area.width) * time.documents.length);
    return time.periods[i] ? [time.periods[i], say("n_documents", { n: time.documents[i] })] : null;
  });
  return picture;
}

function timeHeat(width) {
  const ids = time.changing;
  const lift = (r, c) => topics[ids[r]].trend[c] / Math.max(time.average[ids[r]], 1e-9);
  return heatMap(width, {
    rows: ids.map((id) => ({ topic: id, text: `${id} ${shortName(topics[id])}` })),
    columns: time.periods,
    colour: (r, c) => (!time.documents[c] ? null : many(c) ? liftColour(lift(r, c), 3) : { class: "few" }),
    tip: (r, c) => [`${ids[r]} ${shortName(topics[ids[r]])}`, ...periodLines(topics[ids[r]], c)],
    open: (id) => (location.hash = `topic-${id}`),
  });
}

// Over the years of one topic, for its own page.
function trend(topic) {
  const width = 520;
  const height = 130;
  const picture = svg("svg", { class: "panels", viewBox: `0 0 ${width} ${height}`, role: "img" }, panel(topic, width, height, false));
  const known = topic.trend.map((share, i) => [share, i]).filter(([, i]) => many(i));
  const [share, at] = known.reduce((best, one) => (one[0] > best[0] ? one : best), known[0] || [Math.max(...topic.trend), 0]);
  picture.setAttribute("aria-label", say("trend_told", { share: percent(share), period: time.periods[at] }));
  tipOver(picture, panelTip);
  return [picture, element("p", { class: "key" }, say("trend_told", { share: percent(share), period: time.periods[at] }), " ", say("time_key", { n: time.few }))];
}
