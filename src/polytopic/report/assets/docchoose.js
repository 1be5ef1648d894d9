// Choosing documents: search, lasso and dates, and what the chosen ones are about.

async function documentFigure() {
  if (!data.documents || !byId("figure-documents")) return;
  docs.ready = loadDocuments();
  await docs.ready;
  const { shown, all } = data.documents;
  figure("documents", {
    title: say("docs_heading"), caption: documentTools(), draw: drawDocuments, rows: documentRows,
    tools: zoomButtons("documents"), told: docsTold(),
  });
  byId("docs-shown").textContent = shown < all ? say("docs_shown", { shown: whole(shown), all: whole(all) }) : "";
  byId("docs-shown").append(" ", servedLink("documents", {}, say("all_documents")));
  if (time) byId("docs-dates").replaceChildren(dateChoice());
  drawFigures();
  showChosen();
}

function docsTold() {
  const largest = docs.places.map((place, id) => ({ id, n: place ? place.n : 0 })).sort((a, b) => b.n - a.n).slice(0, 8);
  return largest.map(({ id, n }) => `${shortName(topics[id])}: ${say("n_documents", { n })}.`).join(" ");
}

function documentRows() {
  const rows = [["document", "x", "y", "topic", "name", "share", "period", "text"]];
  for (let row = 0; row < docs.n; row += 1) {
    if (docs.chosen && !docs.chosen[row]) continue;
    const topic = docs.topic[row];
    rows.push([row, docs.x[row] / 65535, docs.y[row] / 65535, topic, shortName(topics[topic]), docs.share[row] / 255, time && docs.period[row] >= 0 ? time.periods[docs.period[row]] : "", docs.texts[row]]);
  }
  return rows;
}

function documentTools() {
  const search = element("input", { type: "search", id: "docs-search", placeholder: say("docs_search"), "aria-label": say("docs_search"), autocomplete: "off", spellcheck: "false" });
  search.addEventListener("input", debounced(120, () => {
    docs.query = search.value;
    showChosen();
  }));
  const lasso = element("button", { type: "button", id: "lasso", "aria-pressed": "false" }, say("lasso"));
  lasso.addEventListener("click", () => {
    const pressed = lasso.getAttribute("aria-pressed") !== "true";
    lasso.setAttribute("aria-pressed", String(pressed));
    figures.get("documents").picture.classList.toggle("lassoing", pressed);
    figures.get("documents").moves.pan(0, 0);
  });
  const clear = element("button", { type: "button", id: "docs-clear" }, say("clear"));
  clear.addEventListener("click", clearChoice);
  return element("span", { class: "tools" }, search, lasso, clear);
}

function clearChoice() {
  Object.assign(docs, { lasso: null, query: "", from: 0, to: time ? time.periods.length - 1 : 0 });
  byId("docs-search").value = "";
  for (const [id, value] of [["docs-from", docs.from], ["docs-to", docs.to]]) if (byId(id)) byId(id).value = value;
  showChosen();
}

// A histogram of the documents by period over two sliders that bound the dates.
function dateChoice() {
  const last = time.periods.length - 1;
  const slider = (id, value, key) => element("input", { type: "range", id, min: 0, max: last, value, "aria-label": say(key), oninput: moved });
  function moved() {
    docs.from = Math.min(Number(byId("docs-from").value), Number(byId("docs-to").value));
    docs.to = Math.max(Number(byId("docs-from").value), Number(byId("docs-to").value));
    soon();
  }
  const soon = debounced(60, showChosen);
  return element("div", { class: "date-choice" }, element("div", { id: "docs-histogram", "aria-hidden": "true" }),
    element("div", { class: "sliders" }, slider("docs-from", 0, "from_period"), slider("docs-to", last, "to_period")),
    element("output", { id: "docs-span", for: "docs-from docs-to" }));
}

function histogram(found) {
  const [width, height] = [600, 44];
  const totals = new Uint32Array(time.periods.length);
  for (const period of docs.period) if (period >= 0) totals[period] += 1;
  const most = Math.max(...totals, 1);
  const step = width / totals.length;
  const bars = [...totals].flatMap((n, i) => [[n, "all"], [found.periods[i], "chosen"]].map(([count, kind]) => {
    const tall = (count / most) * height;
    return svg("rect", { class: `bar-${kind}`, x: (i * step).toFixed(2), y: (height - tall).toFixed(2), width: Math.max(step - 1, 0.5).toFixed(2), height: tall.toFixed(2) });
  }));
  return svg("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none" }, ...bars);
}

function showChosen() {
  choose();
  const found = countsOfChosen();
  const frame = figures.get("documents").frame;
  if (frame) paint(frame);
  if (time) {
    byId("docs-histogram").replaceChildren(histogram(found));
    byId("docs-span").textContent = `${time.periods[docs.from]} – ${time.periods[docs.to]}`;
  }
  byId("docs-chosen").replaceChildren(...(docs.chosen ? chosenParts(found) : []));
}

function chosenParts(found) {
  const told = element("p", { class: "note", role: "status" }, say("docs_chosen", { n: found.n, all: whole(docs.n) }));
  if (!found.n) return [told];
  const words = wordsOfChosen(found).map(([word, count]) =>
    element("li", {}, element("a", { href: `#word-${word}`, dir: "auto" }, data.terms[word]), ` ${whole(count)}`));
  const most = [...found.topics].map((n, id) => [id, n]).filter(([id, n]) => n && !topics[id].hidden).sort((a, b) => b[1] - a[1]).slice(0, 6);
  const bars = most.map(([id, n]) => element("li", { style: { "--topic": topics[id].color } },
    element("a", { class: "term", href: `#topic-${id}` }, `${id} ${shortName(topics[id])}`),
    element("span", { class: "track", "aria-hidden": "true" }, element("span", { class: "fill", style: { width: `${((100 * n) / most[0][1]).toFixed(1)}%` } })),
    element("span", { class: "value" }, percent(n / found.n))));
  const texts = found.rows.map((row) => element("li", { dir: "auto", style: { "--topic": topics[docs.topic[row]].color } },
    element("span", { class: "dot" }), " ", docs.texts[row]));
  return [told, element("div", { class: "chosen-parts" },
    element("div", {}, element("h3", {}, say("chosen_words")), element("ul", { class: "word-chips" }, ...words)),
    element("div", {}, element("h3", {}, say("chosen_topics")), element("ol", { class: "bars" }, ...bars)),
    element("div", {}, element("h3", {}, say("chosen_texts")), element("ul", { class: "chosen-texts" }, ...texts)))];
}
