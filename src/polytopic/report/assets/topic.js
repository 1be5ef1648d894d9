// The page of one topic: words with bars, cloud, neighbours, labels, trend, documents.

function topicPage(topic, order) {
  const page = element("article", { style: { "--topic": topic.color } });
  page.append(topicNavigation(topic, order), topicTitle(topic), topicFacts(topic), topicEditor(topic), topicBody(topic));
  page.append(documentList(topic));
  return page;
}

function topicNavigation(topic, order) {
  const place = order.indexOf(topic.id);
  const step = (by, words) => {
    const id = order[(place + by + order.length) % order.length];
    return element("a", { href: `#topic-${id}`, rel: by < 0 ? "prev" : "next" }, words);
  };
  return element(
    "nav",
    { class: "topic-nav", "aria-label": say("topics") },
    element("a", { href: "#overview" }, `← ${say("all_topics")}`),
    element("span", { class: "spacer" }),
    step(-1, `‹ ${say("previous")}`),
    step(1, `${say("next")} ›`)
  );
}

function topicTitle(topic) {
  return element(
    "h2",
    { class: "topic-title", tabindex: "-1" },
    element("span", { class: "dot" }),
    element("span", { class: "which" }, say("topic_number", { id: topic.id })),
    element("span", { class: "what", dir: "auto" }, shortName(topic) || say("no_words"))
  );
}

function topicFacts(topic) {
  const fact = (name, value) => element("div", {}, element("dt", {}, name), element("dd", {}, value));
  const facts = element("dl", { class: "topic-facts" }, fact(say("share_of_tokens"), percent(topic.share)));
  if (topic.npmi !== null) facts.append(fact(say("coherence"), decimals(topic.npmi)));
  facts.append(fact(say("largest_topic_of"), say("n_documents", { n: topic.leads })));
  if (topic.verdict) facts.append(fact(say("verdict"), `${say(`verdict_${topic.verdict.rating}`)}: ${topic.verdict.why}`));
  if (topic.flags.length) facts.append(fact(say("look_at"), topic.flags.join(", ")));
  const told = topic.members.length > 1 ? [element("p", { class: "note" }, say("merged_told"))] : [];
  const note = topic.note ? [element("p", { class: "remark", dir: "auto" }, topic.note)] : [];
  return element("div", {}, facts, ...note, ...told);
}

function topicBody(topic) {
  const side = element("div", { class: "side" }, element("h3", {}, say("cloud")), wordCloud(topic));
  if (time && topic.trend.length > 1) side.append(element("h3", {}, say("topic_over_time")), ...trend(topic));
  for (const column of topic.labels) {
    side.append(element("h3", {}, say("largest_in", { column: column.name })), labelBars(column.shares));
  }
  if (topic.near.length) side.append(element("h3", {}, say("nearest")), neighbours(topic));
  return element("div", { class: "topic-body" }, wordSection(topic), side);
}

function labelBars(shares) {
  const largest = shares[0][1] || 1;
  return element("ol", { class: "bars" }, ...shares.map(([name, share, lift]) =>
    element("li", {},
      element("span", { class: "term", title: name, dir: "auto" }, name),
      element("span", { class: "track", "aria-hidden": "true" }, element("span", { class: "fill", style: { width: `${((100 * share) / largest).toFixed(2)}%` } })),
      element("span", { class: "value", title: timesAverage(lift) }, percent(share)))));
}

function neighbours(topic) {
  const links = topic.near.map(([id, distance]) => {
    const other = topics[id];
    return element(
      "a",
      { href: `#topic-${id}` },
      element("span", { class: "id" }, String(id)),
      element("span", { class: "dot", style: { "--topic": other.color } }),
      element("span", { class: "words", dir: "auto" }, shortName(other)),
      element("span", { class: "far", title: say("distance") }, decimals(distance))
    );
  });
  return element("div", { class: "chips" }, ...links);
}

function documentList(topic) {
  const list = element("section", { class: "documents" }, element("h3", {}, say("representative")));
  list.append(topic.documents.length
    ? element("p", { class: "note" }, say("representative_told"))
    : element("p", { class: "empty" }, say("no_document_holds")));
  if (topic.documents.some((entry) => entry.colours.length)) list.append(colourChoice(topic, list));
  for (const entry of topic.documents) list.append(documentCard(entry));
  if (topic.leads) list.append(servedLink("documents", { topic: topic.id }, say("all_of_topic", { n: topic.leads })));
  return list;
}

// Where the page is served from its run, a link to documents that it does not hold; else nothing.
function servedLink(place, asked, words) {
  const version = document.documentElement.dataset.served;
  if (!version) return "";
  return element("a", { class: "served-link", href: `/${place}?${new URLSearchParams({ ...asked, v: version })}` }, words);
}

// Whether every word stands in the colour of its own topic; the choice stays from topic to topic.
function colourChoice(topic, list) {
  const box = element("input", { type: "checkbox", id: "colour-words" });
  box.checked = reading.coloured === true;
  box.addEventListener("change", () => {
    reading.coloured = box.checked;
    const cards = list.querySelectorAll(".document");
    topic.documents.forEach((entry, place) => cards[place].replaceWith(documentCard(entry)));
    told.hidden = !box.checked;
  });
  const told = element("span", { class: "note" }, say("colour_told"));
  told.hidden = !box.checked;
  return element("p", { class: "colour-choice" }, box, " ", element("label", { for: "colour-words" }, say("colour_words")), " ", told);
}

// A passage whose words have the colours of their topics, paler where less sure.
function colouredText(entry) {
  const letters = [...entry.pieces.map((piece) => (typeof piece === "string" ? piece : piece[0])).join("")];
  const text = element("p", { class: "text coloured", dir: "auto" });
  let at = 0;
  for (let i = 0; i < entry.colours.length; i += 4) {
    const [start, length, written, sure] = entry.colours.slice(i, i + 4);
    const id = numbers.get(written);
    text.append(letters.slice(at, start).join(""));
    text.append(topicMark(topics[id], sure, letters.slice(start, start + length).join("")));
    at = start + length;
  }
  text.append(letters.slice(at).join(""));
  return text;
}

// A word in the colour of its topic, paler where less sure (per cent).
function topicMark(topic, sure, word) {
  const title = `${topic.id} ${shortName(topic)}: ${say("sure", { share: percent(sure / 100) })}`;
  return element("mark", { title, "data-topic": topic.id, style: { "--topic": topic.color, "--sure": `${Math.round(8 + 0.42 * sure)}%` } }, word);
}

// `strong` tells which marked pieces stand out; by default the first words of the topic.
function documentCard(entry, strong = (piece) => piece[1] < 6) {
  const meta = element("div", { class: "meta" }, element("b", {}, percent(entry.share)));
  meta.append(
    element("div", { class: "meter", "aria-hidden": "true" }, element("i", { style: { width: `${(100 * entry.share).toFixed(1)}%` } }))
  );
  const which = entry.id === "" ? "" : say("document_id", { id: entry.id });
  for (const line of [...entry.labels, entry.date, which]) {
    if (line) meta.append(element("div", { dir: "auto" }, line));
  }
  if (entry.url) meta.append(element("div", { class: "address" }, webLink(entry)));
  meta.append(element("div", {}, say("n_terms", { n: entry.tokens })), servedLink("document", { row: entry.row }, say("row_number", { row: entry.row })));
  return element("div", { class: "document" }, meta, reading.coloured ? colouredText(entry) : markedText(entry, strong));
}

// The address of a document: a link of the web, opened by a click alone; whatever else as text.
function webLink({ url, link }) {
  const text = element("bdi", {}, url.replace(/^https?:\/\//i, ""));
  if (!/^https?:\/\//i.test(link)) return element("bdi", {}, url);
  return element("a", { href: link, target: "_blank", rel: "noopener noreferrer", title: url }, text);
}

function markedText(entry, strong) {
  const text = element("p", { class: "text", dir: "auto" });
  for (const piece of entry.pieces) {
    if (typeof piece === "string") text.append(piece);
    else text.append(element("mark", { class: strong(piece) ? "strong" : null }, piece[0]));
  }
  return text;
}
