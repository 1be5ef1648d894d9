// The words of a topic by relevance: lambda log p(w|t) + (1 - lambda) log(p(w|t) / p(w)).

const LISTED = 25;
const FLATTENED = 4; // where the longest bar is so many times the fifth, the scale is that of roots
const reading = { lambda: data.lambda, coloured: false };

function relevance([, p, corpus], lambda) {
  return lambda * Math.log(p) + (1 - lambda) * Math.log(p / Math.max(corpus, 1e-12));
}

function byRelevance(topic, lambda) {
  const scored = topic.words.filter((word) => word[2] > 0 || lambda === 1);
  return scored.sort((a, b) => relevance(b, lambda) - relevance(a, lambda) || b[1] - a[1]).slice(0, LISTED);
}

function wordSection(topic) {
  const bars = element("ol", { class: "bars words" });
  const key = element("p", { class: "key" });
  const value = element("output", { for: "lambda" });
  const slider = element("input", {
    type: "range", id: "lambda", min: "0", max: "1", step: "0.1", value: String(reading.lambda),
    "aria-describedby": "lambda-told",
  });
  const show = () => {
    reading.lambda = Number(slider.value);
    value.textContent = decimals(reading.lambda, 1);
    slider.setAttribute("aria-valuetext", `λ = ${decimals(reading.lambda, 1)}`);
    fillBars(topic, bars, key);
  };
  slider.addEventListener("input", show);
  show();
  const scale = element("div", { class: "lambda" },
    element("label", { for: "lambda" }, say("relevance")), slider, value,
    element("span", { class: "ends", id: "lambda-told" }, element("span", {}, say("lambda_low")), element("span", {}, say("lambda_high"))));
  return element("div", { class: "word-list" }, element("h3", {}, say("words_heading")), scale, bars, key);
}

function fillBars(topic, bars, key) {
  const words = byRelevance(topic, reading.lambda);
  const highest = Math.max(...words.map((word) => word[1]), 1e-12);
  const fifth = [...words].sort((a, b) => b[1] - a[1])[4];
  const rooted = fifth !== undefined && highest > FLATTENED * fifth[1];
  const length = (value) => Math.min(1, rooted ? Math.sqrt(value / highest) : value / highest);
  bars.replaceChildren(...words.map((word) => wordBar(word, length)));
  key.replaceChildren(
    element("i", { class: "of-topic" }), say("bar_topic"), " ", element("i", { class: "of-corpus" }), say("bar_corpus"),
    rooted ? ` ${say("root_scale")}` : "");
}

function wordBar([term, p, corpus, index], length) {
  const track = element("span", { class: "track", "aria-hidden": "true" },
    element("span", { class: "corpus", style: { width: `${(100 * length(corpus)).toFixed(2)}%` } }),
    element("span", { class: "fill", style: { width: `${(100 * length(p)).toFixed(2)}%` } }));
  const times = corpus > 0 ? `, ${say("times_corpus", { times: decimals(p / corpus, p / corpus < 9.95 ? 1 : 0) })}` : "";
  return element("li", {},
    element("a", { class: "term", href: `#word-${index}`, dir: "auto", title: term }, term), track,
    element("span", { class: "value", title: percent(p) + times }, probability(p)));
}

function probability(p) {
  return percent(p).replace("<", "< ");
}

// The page of a word: the topics it stands for and the documents on this page that hold it.
function wordPage(index) {
  const term = data.terms[index];
  const found = data.found[index];
  const page = element("article", {},
    element("nav", { class: "topic-nav", "aria-label": say("topics") },
      element("a", { href: "#overview" }, `← ${say("all_topics")}`)),
    element("h2", { class: "topic-title", tabindex: "-1" }, element("span", { class: "which" }, say("word")), element("span", { class: "what", dir: "auto" }, term)),
    element("p", { class: "note" }, say("word_share", { share: percent(data.corpus[index]), n: data.counts[index] })));
  page.append(element("h3", {}, say("word_topics")), wordTopics(found));
  page.append(wordDocuments(index, term));
  return page;
}

function wordTopics(found) {
  const most = Math.max(...found.map(([, share]) => share), 1e-9);
  return element("ol", { class: "bars" }, ...found.map(([id, share]) => {
    const topic = topics[id];
    return element("li", { style: { "--topic": topic.color } },
      element("a", { class: "term", href: `#topic-${id}` }, `${id} ${shortName(topic)}`),
      element("span", { class: "track", "aria-hidden": "true" }, element("span", { class: "fill", style: { width: `${((100 * share) / most).toFixed(2)}%` } })),
      element("span", { class: "value" }, percent(share)));
  }));
}

function wordDocuments(index, term) {
  const seen = new Map();
  for (const topic of topics) {
    for (const entry of topic.documents) {
      const holds = entry.pieces.some((piece) => typeof piece !== "string" && entry.words[piece[1]]?.[3] === index);
      const known = seen.get(entry.row);
      if (holds && !(known && known.entry.share >= entry.share)) seen.set(entry.row, { entry, topic });
    }
  }
  const cards = [...seen.values()].slice(0, 12).map(({ entry, topic }) => {
    const card = documentCard(entry, (piece) => entry.words[piece[1]]?.[3] === index);
    card.style.setProperty("--topic", topic.color);
    return card;
  });
  return element("section", { class: "documents" }, element("h3", {}, say("word_documents", { term })),
    ...(cards.length ? cards : [element("p", { class: "empty" }, say("word_no_documents"))]));
}
