// Small helpers. Text reaches the page by textContent only, never as markup.

const data = JSON.parse(document.getElementById("data").textContent);
const topics = data.topics;
const byId = (id) => document.getElementById(id);

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined) continue;
    if (key === "class") made.className = value;
    else if (key === "style") for (const [k, v] of Object.entries(value)) made.style.setProperty(k, v);
    else made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

const svgSpace = "http://www.w3.org/2000/svg";

function svg(name, attributes = {}, ...children) {
  const made = document.createElementNS(svgSpace, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function percent(share) {
  const value = share * 100;
  if (value > 0 && value < 0.05) return "<0.1 %";
  return `${value.toFixed(value < 9.95 ? 1 : 0)} %`;
}

function decimals(value, digits = 2) {
  return value.toFixed(digits).replace("-", "−");
}

function whole(value) {
  return value.toLocaleString("en-US");
}

function shortName(topic, n = 3) {
  const words = topic.words.slice(0, n).map((word) => word[0]).join(" · ");
  return topic.name ? `${topic.name}: ${words}` : words;
}
