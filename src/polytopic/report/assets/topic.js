// The page of one topic: words with bars, cloud, neighbours, labels, trend, documents.

function topicPage(topic, order) {
  const page = element("article", { style: { "--topic": topic.color } });
  page.append(topicNavigation(topic, order), topicTitle(topic), topicFacts(topic), topicBody(topic));
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
    { class: "topic-nav", "aria-label": "Topics" },
    element("a", { href: "#overview" }, "← All topics"),
    element("span", { class: "spacer" }),
    step(-1, "‹ previous"),
    step(1, "next ›")
  );
}

function topicTitle(topic) {
  return element(
    "h2",
    { class: "topic-title", tabindex: "-1" },
    element("span", { class: "dot" }),
    element("span", { class: "which" }, `Topic ${topic.id}`),
    element("span", { class: "what" }, shortName(topic, 4) || "no words")
  );
}

function topicFacts(topic) {
  const fact = (name, value) => element("div", {}, element("dt", {}, name), element("dd", {}, value));
  const facts = element("dl", { class: "topic-facts" }, fact("Share of tokens", percent(topic.share)));
  if (topic.npmi !== null) facts.append(fact("Coherence (NPMI)", decimals(topic.npmi)));
  facts.append(fact("Largest topic of", topic.leads === 1 ? "1 document" : `${whole(topic.leads)} documents`));
  for (const flag of topic.flags) facts.append(element("div", {}, element("span", { class: "flag" }, flag)));
  return facts;
}

function topicBody(topic) {
  const side = element("div", { class: "side" }, element("h3", {}, "Cloud"), wordCloud(topic));
  if (topic.trend.length > 1) side.append(element("h3", {}, "Share of tokens over time"), ...trend(topic));
  if (topic.labels.length) side.append(element("h3", {}, "Largest in the labels"), labelBars(topic));
  if (topic.near.length) side.append(element("h3", {}, "Nearest topics"), neighbours(topic));
  return element(
    "div",
    { class: "topic-body" },
    element("div", {}, element("h3", {}, "Most probable words"), wordBars(topic), wordKey()),
    side
  );
}

function bar(term, value, fraction, mark) {
  const track = element("span", { class: "track" });
  track.append(element("span", { class: "fill", style: { width: `${(100 * fraction).toFixed(2)}%` } }));
  if (mark !== null) {
    track.append(element("span", { class: "corpus", style: { left: `${Math.min(100, 100 * mark).toFixed(2)}%` } }));
  }
  return element(
    "li",
    {},
    element("span", { class: "term", title: term, dir: "auto" }, term),
    track,
    element("span", { class: "value" }, value)
  );
}

function wordBars(topic) {
  const words = topic.words.slice(0, 25);
  const largest = words.length ? words[0][1] : 1;
  const weight = (value) => (value >= 0.0995 ? value.toFixed(2) : value.toFixed(value >= 0.00995 ? 3 : 4)).slice(1);
  const rows = words.map(([term, value, corpus]) => bar(term, weight(value), value / largest, corpus / largest));
  return element("ol", { class: "bars" }, ...rows);
}

function wordKey() {
  return element(
    "p",
    { class: "key" },
    "Bar: probability of the word in the topic. ",
    element("i"),
    "its share of the whole corpus."
  );
}

function labelBars(topic) {
  const largest = topic.labels[0][1];
  const rows = topic.labels.map(([name, share]) => bar(name, percent(share), share / largest, null));
  return element("ol", { class: "bars" }, ...rows);
}

function neighbours(topic) {
  const links = topic.near.map(([id, distance]) => {
    const other = topics[id];
    return element(
      "a",
      { href: `#topic-${id}` },
      element("span", { class: "id" }, String(id)),
      element("span", { class: "dot", style: { "--topic": other.color } }),
      element("span", { class: "words" }, shortName(other, 5)),
      element("span", { class: "far", title: "Jensen-Shannon distance, 0 to 1" }, decimals(distance))
    );
  });
  return element("div", { class: "chips" }, ...links);
}

function trend(topic) {
  const largest = Math.max(...topic.trend, 1e-9);
  const n = topic.trend.length;
  const points = topic.trend.map((share, i) => `${((560 * i) / (n - 1)).toFixed(1)},${(96 - (90 * share) / largest).toFixed(1)}`);
  const picture = svg(
    "svg",
    { class: "trend", viewBox: "0 0 560 98", preserveAspectRatio: "none", role: "img" },
    svg("polygon", { class: "area", points: `0,98 ${points.join(" ")} 560,98` }),
    svg("polyline", { class: "line", points: points.join(" ") })
  );
  const highest = topic.trend.indexOf(largest);
  const peak = highest >= 0 ? `highest ${percent(largest)}, ${data.periods[highest]}` : "";
  picture.setAttribute("aria-label", `Share of tokens over time, ${peak}`);
  const scale = element(
    "div",
    { class: "trend-scale" },
    element("span", {}, data.periods[0]),
    element("span", {}, peak),
    element("span", {}, data.periods[n - 1])
  );
  return [picture, scale];
}

function documentList(topic) {
  const list = element("section", { class: "documents" }, element("h3", {}, "Representative documents"));
  if (!topic.documents.length) {
    list.append(element("p", { class: "empty" }, "No document holds this topic."));
  }
  for (const entry of topic.documents) list.append(documentCard(entry));
  return list;
}

function documentCard(entry) {
  const meta = element("div", { class: "meta" }, element("b", {}, percent(entry.share)));
  meta.append(
    element("div", { class: "meter" }, element("i", { style: { width: `${(100 * entry.share).toFixed(1)}%` } }))
  );
  for (const line of [entry.label, entry.date, entry.id === "" ? "" : `document ${entry.id}`]) {
    if (line) meta.append(element("div", { dir: "auto" }, line));
  }
  meta.append(element("div", {}, entry.tokens === 1 ? "1 term" : `${whole(entry.tokens)} terms`));
  const text = element("p", { class: "text", dir: "auto" });
  for (const piece of entry.pieces) {
    if (typeof piece === "string") text.append(piece);
    else text.append(element("mark", { class: piece[1] < 6 ? "strong" : null }, piece[0]));
  }
  return element("div", { class: "document" }, meta, text);
}
