// Small helpers. Text reaches the page by textContent only, never as markup.

const data = JSON.parse(document.getElementById("data").textContent);
const base = data.topics; // as they are in the run
const topics = []; // as they are shown: with the edits of this page made
for (const topic of base) {
  topic.words = topic.words.map(([word, p]) => [data.terms[word], p, data.corpus[word], word]);
  for (const entry of topic.documents) entry.words = topic.words; // which its marked pieces count
}
const byId = (id) => document.getElementById(id);

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined) continue;
    if (key === "class") made.className = value;
    else if (key === "style") for (const [k, v] of Object.entries(value)) made.style.setProperty(k, v);
    else if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

const svgSpace = "http://www.w3.org/2000/svg";

function svg(name, attributes = {}, ...children) {
  const made = document.createElementNS(svgSpace, name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

// The page's words in its language: "{n} document | {n} documents" has a form for one and for more.
function say(key, values = {}) {
  const forms = data.words[key].split(" | ");
  const form = forms.length > 1 && values.n !== 1 ? forms[1] : forms[0];
  return form.replace(/\{(\w+)\}/g, (_, name) => (name === "n" ? whole(values.n) : values[name]));
}

function decimals(value, digits = 2) {
  const shown = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return value.toLocaleString(data.language, shown).replace("-", "−");
}

function whole(value) {
  return value.toLocaleString(data.language);
}

function percent(share) {
  const value = share * 100;
  if (value > 0 && value < 0.05) return say("percent", { value: `<${decimals(0.1, 1)}` });
  return say("percent", { value: decimals(value, value < 9.95 ? 1 : 0) });
}

// Whether a topic needs a look before it is believed.
function suspect(topic) {
  return topic.flags.length > 0 || topic.verdict?.rating === "junk";
}

// What a topic is called: its name, or the words that tell it from the others.
function shortName(topic) {
  return topic.name || topic.label.join(" · ");
}

function debounced(wait, act) {
  let timer = 0;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...given), wait);
  };
}

const pen = document.createElement("canvas").getContext("2d");

function textWidth(text, size, family = "--sans") {
  pen.font = `${size}px ${getComputedStyle(document.documentElement).getPropertyValue(family)}`;
  return pen.measureText(text).width;
}

// As much of a text as fits a width, whole letters only.
function clipped(text, width, size) {
  if (textWidth(text, size) <= width) return text;
  const letters = [...text];
  let low = 0;
  let high = letters.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (textWidth(`${letters.slice(0, middle).join("")}…`, size) <= width) low = middle;
    else high = middle - 1;
  }
  return low ? `${letters.slice(0, low).join("")}…` : "";
}

// A text in lines of that width, broken at spaces, so many at most; the last is clipped.
function wrapped(text, width, size, most) {
  const lines = [];
  let rest = text;
  while (rest && lines.length < most - 1 && textWidth(rest, size) > width) {
    const words = rest.split(" ");
    let n = words.length;
    while (n > 1 && textWidth(words.slice(0, n).join(" "), size) > width) n -= 1;
    lines.push(clipped(words.slice(0, n).join(" "), width, size));
    rest = words.slice(n).join(" ");
  }
  return rest ? [...lines, clipped(rest, width, size)] : lines;
}
