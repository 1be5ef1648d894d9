// A text typed in the page: read as the model reads, its topics inferred as `transform` does.

const LIKE_MARKUP = /[<>&@=%]|https?:|www\.|\bRT\b|^\s*[\w-]+:|^--/m; // what the model's cleaning may change
const SWEEPS = 100;
const TOLERANCE = 0.01; // of the tokens, moved by a sweep
const AT_A_TIME = 4; // terms that see the same totals
const LEAST_WEIGHT = 2 ** -100;
const MOST_LETTERS = 20000;
const typed = { ready: null, terms: new Map(), phrases: new Map(), longest: 1 };

async function loadTyped() {
  const { terms, arrays, entries, rules, weight_step: weightStep } = data.typed;
  const [names, buffer] = await Promise.all([unpacked(terms), unpacked(arrays)]);
  JSON.parse(new TextDecoder().decode(names)).forEach((term, index) => typed.terms.set(term, index));
  const n = typed.terms.size;
  const held = new Uint16Array(buffer, 0, n);
  typed.topics = new Uint16Array(buffer, 2 * n, entries);
  typed.steps = new Uint16Array(buffer, 2 * (n + entries), entries);
  typed.weights = weightStep ? new Uint16Array(buffer, 2 * (n + 2 * entries), n) : null;
  typed.starts = new Uint32Array(n + 1);
  held.forEach((count, term) => (typed.starts[term + 1] = typed.starts[term] + count));
  for (const phrase of rules.phrases) typed.phrases.set(phrase.join(" "), phrase.join("_"));
  typed.longest = Math.max(1, ...rules.phrases.map((phrase) => phrase.length));
}

// ---- reading ----

const within = (ranges, code) => {
  let [low, high] = [0, ranges.length / 2 - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (code < ranges[2 * middle]) high = middle - 1;
    else if (code > ranges[2 * middle + 1]) low = middle + 1;
    else return true;
  }
  return false;
};

// The text as its words are spelt: composed, folded, lower-cased, with plain apostrophes.
function spelt(text) {
  const { lowercase, dotless, dropped, folded: folds, viramas } = data.typed.rules;
  let made = text.normalize("NFC").replace(new RegExp(`(?<![${viramas}])\u200d`, "gu"), "");
  made = [...made].map((letter) => {
    const code = letter.codePointAt(0);
    return code < 128 ? letter : within(dropped, code) ? "" : within(folds, code) ? letter.normalize("NFKC") : letter;
  }).join("").normalize("NFC");
  if (lowercase) {
    if (dotless) made = made.replaceAll("İ", "i").replaceAll("I", "ı");
    made = made.toLowerCase().replaceAll("i\u0307", "i");
  }
  return made.replace(/[\u2019\u02bc\uff07]/g, "'").replaceAll("\u00ad", "");
}

// The words of a text that is spelt so: [word, start], in order.
function wordsOf(text) {
  const { elided, possessive, shortest } = data.typed.rules;
  const letter = "[\\p{L}\\p{M}\\p{Nd}\\p{Nl}]";
  const joiner = elided ? "[\u200c\u200d]" : "['\u200c\u200d]";
  const whole = possessive ? text.replace(new RegExp(`(?<=${letter})'[sS](?!${letter}|${joiner}${letter})`, "gu"), "  ") : text;
  const found = whole.matchAll(new RegExp(`${letter}+(?:${joiner}${letter}+)*`, "gu"));
  return [...found].filter(([word]) => [...word].length >= shortest && /\p{L}/u.test(word)).map((match) => [match[0], match.index]);
}

// Terms of a text: [number or -1, start, end]; known phrases are joined, leftmost and longest first.
function termsOf(text) {
  const words = wordsOf(text);
  const found = [];
  for (let i = 0; i < words.length; i += 1) {
    let n = 1;
    let term = words[i][0];
    for (let size = Math.min(typed.longest, words.length - i); size > 1; size -= 1) {
      const phrase = typed.phrases.get(words.slice(i, i + size).map(([word]) => word).join(" "));
      if (phrase === undefined) continue;
      [n, term] = [size, phrase];
      break;
    }
    const [last, start] = words[i + n - 1];
    found.push([typed.terms.get(term) ?? -1, words[i][1], start + last.length]);
    i += n - 1;
  }
  return found;
}

// ---- inference ----

// p(word | topic) of a term, of every topic.
function rowOf(term) {
  const row = Float64Array.from(data.typed.floor);
  for (let i = typed.starts[term]; i < typed.starts[term + 1]; i += 1) row[typed.topics[i]] = Math.exp(data.typed.low + data.typed.step * typed.steps[i]);
  return row;
}

// What a token of a term counts for.
const weightOf = (term) => (typed.weights ? data.typed.weight_step * typed.weights[term] : 1);

// theta by CVB0 with the topics held (Asuncion et al. 2009): sweeps over the terms in their order,
// four at a time, until one moves at most a hundredth of the tokens. counts: term to number.
function proportions(counts) {
  const { alpha } = data.typed;
  const terms = [...counts].sort((a, b) => a[0] - b[0]).map(([term, count]) => ({ row: rowOf(term), count: count * weightOf(term), share: null }));
  const size = sum(terms.map((term) => term.count));
  const totals = Float64Array.from(alpha);
  for (let done = 0, before = totals.slice(); done < SWEEPS && terms.length; done += 1, before = totals.slice()) {
    for (let first = 0; first < terms.length; first += AT_A_TIME) shareAnew(terms.slice(first, first + AT_A_TIME), totals, alpha);
    const moved = sum([...totals].map((total, k) => Math.abs(total - before[k]))) / 2;
    if (done > 0 && moved <= TOLERANCE * size) break;
  }
  const whole = sum([...totals]);
  return [...totals].map((total) => total / whole);
}

function shareAnew(group, totals, alpha) {
  const fresh = group.map(({ row, share }) => row.map((p, k) => (share ? Math.max(totals[k] - share[k], alpha[k]) : totals[k]) * p));
  for (const { share, count } of group) if (share) for (let k = 0; k < totals.length; k += 1) totals[k] -= count * share[k];
  for (let k = 0; k < totals.length; k += 1) totals[k] = Math.max(totals[k], alpha[k]);
  group.forEach((term, place) => {
    const weight = sum([...fresh[place]]);
    term.share = fresh[place].map((value) => (weight > LEAST_WEIGHT ? value / weight : 0));
    for (let k = 0; k < totals.length; k += 1) totals[k] += term.count * term.share[k];
  });
}

// ---- what is shown ----

function typedBox() {
  const place = byId("typed");
  if (!place) return;
  const box = element("textarea", { id: "typed-text", rows: "4", maxlength: MOST_LETTERS, dir: "auto", placeholder: say("typed_label"), "aria-label": say("typed_label"), spellcheck: "false" });
  const told = element("p", { class: "note", id: "typed-told", role: "status" });
  const shownParts = element("div", { id: "typed-shown" });
  typed.show = async () => {
    typed.ready ??= loadTyped();
    await typed.ready;
    const { sentence, parts } = readTyped(box.value);
    told.textContent = sentence;
    shownParts.replaceChildren(...parts);
  };
  box.addEventListener("input", debounced(150, typed.show));
  place.replaceChildren(box, told, shownParts);
}

function readTyped(text) {
  if (!text.trim()) return { sentence: "", parts: [] };
  const made = spelt(text);
  const found = termsOf(made);
  const counts = new Map();
  for (const [term] of found) if (term >= 0) counts.set(term, (counts.get(term) ?? 0) + 1);
  const unknown = [...new Set(found.filter(([term]) => term < 0).map(([, start, end]) => made.slice(start, end)))];
  const cleaned = data.typed.rules.cleaned && LIKE_MARKUP.test(text) ? say("typed_markup") : "";
  const untold = unknown.length ? say("typed_unknown", { n: unknown.length, words: unknown.slice(0, 30).join(", ") }) : "";
  if (!counts.size) return { sentence: [say("typed_nothing"), untold].join(" "), parts: [] };
  const theta = proportions(counts);
  const shares = topics.map((topic) => ({ topic, share: sum(topic.members.map((member) => theta[member])) })).filter(({ topic }) => !topic.hidden);
  const largest = shares.sort((a, b) => b.share - a.share).slice(0, 8);
  const sentence = [`${shortName(largest[0].topic)}: ${percent(largest[0].share)}.`, untold, cleaned].filter((line) => line).join(" ");
  return { sentence, parts: [typedBars(largest), typedText(made.length === text.length ? text : made, found, theta)] };
}

function typedBars(largest) {
  return element("ol", { class: "bars" }, ...largest.map(({ topic, share }) => element("li", { style: { "--topic": topic.color } },
    element("a", { class: "term", href: `#topic-${topic.id}`, dir: "auto" }, `${topic.id} ${shortName(topic)}`),
    element("span", { class: "track", "aria-hidden": "true" }, element("span", { class: "fill", style: { width: `${((100 * share) / largest[0].share).toFixed(1)}%` } })),
    element("span", { class: "value", title: String(share) }, percent(share)))));
}

// Each word in the colour of its topic, paler where less sure: theta_k phi_kw over its sum.
function typedText(text, found, theta) {
  const place = element("p", { class: "text coloured", dir: "auto" });
  let at = 0;
  for (const [term, start, end] of found) {
    if (term < 0) continue;
    const joint = Array.from(rowOf(term), (p, k) => p * theta[k]);
    const whole = sum(joint) || 1;
    const best = topics.map((topic) => ({ topic, sure: sum(topic.members.map((member) => joint[member])) / whole })).reduce((a, b) => (b.sure > a.sure ? b : a));
    place.append(text.slice(at, start), topicMark(best.topic, 100 * best.sure, text.slice(start, end)));
    at = end;
  }
  place.append(text.slice(at));
  return place;
}
