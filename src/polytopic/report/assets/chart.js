// Parts of charts: round ticks, lines with axes, heat maps. All SVG, coloured by the style sheet.

// Round values from low to high, about n of them.
function ticks(low, high, n = 4) {
  const span = high - low || Math.abs(high) || 1;
  const rough = span / n;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough * 0.999);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(last - first + 1, 0) }, (_, i) => (first + i) * step);
}

function shortNumber(value, digits) {
  return Math.abs(value) >= 1e4 ? `${decimals(value / 1e3, 0)} k` : decimals(value, digits);
}

function label(text, attributes) {
  const made = svg("text", attributes);
  made.textContent = text;
  return made;
}

// Lines over numbers: series of {name, points: [[x, y], ...]}, as many as have a colour. With
// `marks`, the numbers that were tried: a dot at each, by their logarithms; `spans` ([x, low, high])
// are intervals, `shade` ([from, to]) is a range of x.
function lineChart(width, { height = 190, series, xTitle, marks = null, spans = [], shade = null }) {
  const left = 52;
  const box = { left, top: 8, right: width - 12, bottom: height - 34 };
  const all = series.flatMap((one) => one.points);
  const place = marks ? Math.log : (value) => value;
  const across = (marks || all.map((p) => p[0])).map(place);
  const [lowX, highX] = [Math.min(...across), Math.max(...across)];
  const along = [...all.map((p) => p[1]), ...spans.flatMap((span) => span.slice(1))];
  const [lowY, highY] = [Math.min(...along), Math.max(...along)];
  const x = (value) => box.left + ((place(value) - lowX) / (highX - lowX || 1)) * (box.right - box.left);
  const y = (value) => box.bottom - ((value - lowY) / (highY - lowY || 1)) * (box.bottom - box.top);
  const picture = svg("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true" });
  if (shade) picture.append(svg("rect", { class: "range", x: x(shade[0]), y: box.top, width: Math.max(x(shade[1]) - x(shade[0]), 2), height: box.bottom - box.top }));
  const levels = ticks(lowY, highY);
  const digits = Math.max(0, ...levels.map((value) => (String(Number(value.toPrecision(6))).split(".")[1] || "").length));
  for (const value of levels) {
    picture.append(svg("line", { class: "grid", x1: box.left, x2: box.right, y1: y(value), y2: y(value) }));
    picture.append(label(shortNumber(value, digits), { class: "tick", x: box.left - 6, y: y(value) + 4, "text-anchor": "end" }));
  }
  let free = -Infinity; // no number stands on another
  for (const value of marks || ticks(lowX, highX, 5).filter(Number.isInteger)) {
    const half = textWidth(whole(value), 11) / 2;
    if (x(value) - half < free) continue;
    free = x(value) + half + 4;
    picture.append(label(whole(value), { class: "tick", x: x(value), y: box.bottom + 16, "text-anchor": "middle" }));
  }
  picture.append(label(xTitle, { class: "tick", x: (box.left + box.right) / 2, y: height - 4, "text-anchor": "middle" }));
  for (const [at, low, high] of spans) picture.append(svg("line", { class: "span", x1: x(at), x2: x(at), y1: y(low), y2: y(high) }));
  series.forEach((one, number) => {
    const points = one.points.map(([a, b]) => `${x(a).toFixed(1)},${y(b).toFixed(1)}`).join(" ");
    picture.append(svg("polyline", { class: `line series-${number % 5}`, points }));
    if (marks) for (const [a, b] of one.points) picture.append(svg("circle", { class: "tried", cx: x(a), cy: y(b), r: 3 }));
  });
  return picture;
}

// Cells in a grid. rows: [{text, topic}], columns: [text]; colour (null: hatched) and tip of a cell by functions.
function heatMap(width, { rows, columns, colour, tip, open }) {
  const font = 11.5;
  const names = Math.min(Math.max(...rows.map((row) => textWidth(row.text, font))) + 10, width * (width < 500 ? 0.38 : 0.3), 250);
  const widest = Math.min(110, Math.max(...columns.map((text) => textWidth(text, font))));
  const room = (left) => Math.max(7, Math.min(44, (width - left - 4) / columns.length));
  const sloped = widest > room(names) - 3;
  const left = sloped ? Math.max(names, widest * 0.77) : names; // sloped names lean over those of the rows
  const step = room(left);
  const top = sloped ? widest * 0.65 + 16 : 20;
  const high = 21;
  const size = { width: Math.max(width, Math.floor(left + step * columns.length + 4)), height: top + high * rows.length + 4 };
  const picture = svg("svg", { class: "heat", viewBox: `0 0 ${size.width} ${size.height}`, width: size.width, height: size.height, "aria-hidden": "true" });
  const every = Math.ceil((sloped ? font / Math.sin((40 * Math.PI) / 180) : 1) / step); // no name stands on another
  columns.forEach((text, place) => {
    if (place % every) return;
    const x = left + (place + 0.5) * step;
    const turned = sloped ? { x: x + 3, "text-anchor": "end", transform: `rotate(40 ${x.toFixed(1)} ${top - 6})` } : { x, "text-anchor": "middle" };
    picture.append(label(clipped(text, sloped ? 110 : step, font), { class: "tick", y: top - 6, ...turned }));
  });
  rows.forEach((row, r) => {
    const line = svg("g", { class: "heat-row", "data-topic": row.topic });
    line.append(label(clipped(row.text, left - 10, font), { class: "name", x: left - 7, y: top + (r + 0.68) * high, "text-anchor": "end" }));
    columns.forEach((_, c) => {
      const place = { x: left + c * step, y: top + r * high, width: Math.max(step - 1, 1), height: high - 1 };
      const shade = colour(r, c);
      if (!shade) line.append(hatch(place));
      line.append(svg("rect", { ...place, x: place.x.toFixed(2), width: place.width.toFixed(2), ...(shade || { fill: "transparent" }), "data-at": `${r} ${c}` }));
    });
    picture.append(line);
  });
  tipOver(picture, (event) => {
    const spot = event.target.dataset.at;
    return spot ? tip(...spot.split(" ").map(Number)) : null;
  });
  picture.addEventListener("click", (event) => {
    const row = event.target.closest(".heat-row");
    if (row) open(Number(row.dataset.topic));
  });
  return picture;
}

const FAINTER = 0.55; // what is below the average is the most of most tables, and less telling

// Above the average in one colour, below it in another, by the logarithm; `most` is the full colour.
function liftColour(lift, most = 4) {
  const strength = Math.max(-1, Math.min(1, Math.log(Math.max(lift, 1e-9)) / Math.log(most)));
  const [side, part] = strength > 0 ? ["--more", strength] : ["--less", -strength * FAINTER];
  return { style: `fill:color-mix(in oklab, var(${side}) ${(100 * part).toFixed(0)}%, var(--middle))` };
}

function liftKey(most = 4) {
  const steps = [1 / most, 1 / Math.sqrt(most), 1, Math.sqrt(most), most];
  const boxes = steps.map((lift) => {
    const swatch = element("i");
    swatch.style.background = liftColour(lift, most).style.replace("fill:", "");
    return element("span", {}, swatch, lift < 1 ? `1/${whole(1 / lift)}` : whole(lift));
  });
  return element("span", { class: "lift-key" }, say("lift_key"), " ", ...boxes);
}

function timesAverage(lift) {
  return say("times_average", { times: decimals(lift, lift < 9.95 ? 1 : 0) });
}
