// The figures: Vega-Lite specs from the page's data, drawn in the page's colours.

const views = {};
const dark = window.matchMedia("(prefers-color-scheme: dark)");

function theme() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const axis = {
    labelColor: colour("--muted"),
    titleColor: colour("--muted"),
    titleFontWeight: 400,
    gridColor: colour("--line"),
    domain: false,
    ticks: false,
    labelPadding: 5,
    labelFontSize: 11,
    titleFontSize: 11,
  };
  return {
    background: "transparent",
    font: colour("--sans"),
    padding: 4,
    view: { stroke: null },
    axis,
    axisBand: { grid: false },
    legend: { labelColor: colour("--muted"), titleColor: colour("--muted"), titleFontWeight: 400, labelFontSize: 11, titleFontSize: 11 },
    title: { color: colour("--ink"), fontSize: 12, fontWeight: 500, anchor: "start", offset: 8 },
    text: { color: colour("--ink") },
    style: { "map-label": { fill: colour("--ink") } },
    range: {
      ramp: [colour("--ramp-low"), colour("--ramp-middle"), colour("--ramp-high")],
      category: [colour("--accent"), colour("--warn"), colour("--good"), colour("--bad"), colour("--muted")],
    },
  };
}

async function drawFigure(name) {
  const target = byId(`figure-${name}`);
  if (!target || !data.figures[name]) return;
  if (views[name]) views[name].finalize();
  const config = theme();
  if (name === "labels" || name === "dates") config.view.fill = config.range.ramp[0];
  const options = { ast: true, actions: false, renderer: "svg", defaultStyle: false, config };
  views[name] = await window.vegaEmbed(target, data.figures[name], options);
  const view = views[name].view;
  view.addEventListener("click", (event, item) => {
    const topic = item && item.datum ? Number(item.datum.topic) : NaN;
    if (Number.isInteger(topic) && topics[topic]) location.hash = `topic-${topic}`;
  });
  if (name === "map") markChosen(shown.topic);
}

function markChosen(topic) {
  if (!views.map) return;
  views.map.view.signal("chosen", topic === null ? -1 : topic).runAsync();
}

async function drawFigures() {
  for (const name of Object.keys(data.figures)) await drawFigure(name);
  document.documentElement.dataset.figures = "drawn";
}
