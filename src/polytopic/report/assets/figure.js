// A figure with its small menu: the picture as PNG or SVG, its data as CSV.

const figures = new Map();

// Registers a figure. `draw(width)` gives an SVG or a canvas; `rows()` its data, headings first.
function figure(name, { title, draw, rows, told = "", caption = "", tools = null }) {
  const target = byId(`figure-${name}`);
  if (!target) return null;
  const holder = element("div", { class: "picture" });
  const head = element("div", { class: "figure-head" }, element("span", {}, caption), tools, figureMenu(name, title));
  target.replaceChildren(head, holder);
  if (told) target.append(element("p", { class: "unseen" }, told));
  const entry = { name, title, target, holder, draw, rows, width: 0, paper: false };
  figures.set(name, entry);
  return entry;
}

function drawEntry(entry, width, paper) {
  Object.assign(entry, { width, paper });
  entry.picture = entry.draw(width);
  entry.holder.replaceChildren(entry.picture);
  const wide = entry.holder.scrollWidth > entry.holder.clientWidth + 1; // then the keyboard scrolls it, too
  for (const [name, value] of [["tabindex", "0"], ["role", "group"], ["aria-label", entry.title]]) {
    if (wide) entry.holder.setAttribute(name, value);
    else entry.holder.removeAttribute(name);
  }
}

const PAPER = 660; // the width of a sheet within its margins, whatever the screen's

// Draws all figures whose width changed, or that go to paper or come back from it. Twice: what is
// drawn may bring a scroll bar, which takes from the width.
function drawFigures() {
  const paper = document.documentElement.dataset.paper === "yes";
  for (const entry of [...figures.values(), ...figures.values()]) {
    if (!entry.target.clientWidth) continue; // not shown
    const most = paper ? parseFloat(getComputedStyle(entry.target).maxWidth) || PAPER : Infinity;
    const width = paper ? Math.min(most, PAPER) : entry.target.clientWidth;
    if (width !== entry.width || paper !== entry.paper) drawEntry(entry, width, paper);
  }
  const awaited = data.documents && !figures.has("documents"); // they are still unpacked
  if (!awaited) document.documentElement.dataset.figures = "drawn";
}

function figureMenu(name, title) {
  const choice = (kind, act) =>
    element("button", { type: "button", "data-kind": kind, onclick: () => close(act) }, say(`save_${kind}`));
  const menu = element(
    "details",
    { class: "menu" },
    element("summary", { "aria-label": say("save_figure", { title }), title: say("save") }, "⋯"),
    element(
      "div",
      {},
      choice("png", () => savePicture(name, "png")),
      choice("svg", () => savePicture(name, "svg")),
      choice("csv", () => saveTable(name))
    )
  );
  const close = (act) => {
    menu.open = false;
    act();
  };
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    event.stopPropagation();
    menu.open = false;
    menu.firstElementChild.focus();
  });
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
  });
  return menu;
}

document.addEventListener("pointerdown", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

function saveBlob(blob, name) {
  const address = URL.createObjectURL(blob);
  const link = element("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}

function fileName(name, ending, of = document.title) {
  const plain = of.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "").slice(0, 60);
  return `${plain || "topics"}-${name}.${ending}`;
}

// A cell that a spreadsheet would read as a formula gets an apostrophe before it.
function cell(value) {
  let text = value === null || value === undefined ? "" : String(value);
  if (/^\s*[=+\-@\t\r\n＝＋－＠]/.test(text) && !/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) text = `'${text}`;
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function tableText(rows) {
  return `\ufeff${rows.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}

function saveTable(name) {
  saveBlob(new Blob([tableText(figures.get(name).rows())], { type: "text/csv" }), fileName(name, "csv"));
}

const PAINTED = ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "fill-opacity", "font-family",
  "font-size", "font-weight", "text-anchor", "paint-order", "stroke-linejoin"];

// A copy that needs no style sheet: what the page's styles say of each element stands on it.
function styledCopy(picture) {
  const copy = picture.cloneNode(true);
  const originals = [picture, ...picture.querySelectorAll("*")];
  const copies = [copy, ...copy.querySelectorAll("*")];
  originals.forEach((original, place) => {
    const style = getComputedStyle(original);
    for (const name of PAINTED) {
      const value = style.getPropertyValue(name);
      copies[place].style.setProperty(name, /^(fill|stroke)$/.test(name) ? plainColour(value) : value);
    }
  });
  const [x, y, width, height] = (picture.getAttribute("viewBox") || "0 0 600 400").split(/\s+/).map(Number);
  copy.setAttribute("xmlns", svgSpace);
  copy.setAttribute("width", width);
  copy.setAttribute("height", height);
  const ground = getComputedStyle(document.body).backgroundColor;
  copy.prepend(svg("rect", { x, y, width, height, style: `fill:${ground}` }));
  return copy;
}

// Colours that drawing programs know: mixtures of CSS become red, green and blue.
const plainColours = new Map();

function plainColour(colour) {
  if (!/^(oklab|oklch|color|lab|lch)\(/.test(colour)) return colour;
  if (!plainColours.has(colour)) {
    const spot = element("canvas", { width: 1, height: 1 }).getContext("2d");
    spot.fillStyle = colour;
    spot.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = spot.getImageData(0, 0, 1, 1).data;
    plainColours.set(colour, `rgba(${red}, ${green}, ${blue}, ${(alpha / 255).toFixed(3)})`);
  }
  return plainColours.get(colour);
}

function svgText(name) {
  const { picture } = figures.get(name);
  const drawn = picture instanceof HTMLCanvasElement ? aroundCanvas(picture) : styledCopy(picture);
  return new XMLSerializer().serializeToString(drawn);
}

function aroundCanvas(canvas) {
  const { width, height } = canvas;
  return svg("svg", { xmlns: svgSpace, viewBox: `0 0 ${width} ${height}`, width, height },
    svg("image", { href: canvas.toDataURL("image/png"), width, height }));
}

async function savePicture(name, kind) {
  if (kind === "svg") {
    saveBlob(new Blob([svgText(name)], { type: "image/svg+xml" }), fileName(name, "svg"));
    return;
  }
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgText(name))}`;
  await image.decode();
  const canvas = element("canvas", { width: 2 * image.naturalWidth, height: 2 * image.naturalHeight });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  canvas.toBlob((blob) => saveBlob(blob, fileName(name, "png")), "image/png");
}
