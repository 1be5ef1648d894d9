// Topics over the values of each column of labels: how many times the average share.

function labelFigures() {
  data.labels.forEach((column, place) => {
    const rows = () => [
      ["topic", "name", column.name, "documents", "share", "lift"],
      ...column.topics.flatMap((id, r) => column.groups.map((group, c) =>
        [id, shortName(topics[id]), group, column.documents[c], column.shares[r][c], column.shares[r][c] / (column.average[r] || 1e-9)])),
    ];
    figure(`labels-${place}`, { title: column.heading, caption: liftKey(), draw: (width) => labelHeat(column, width), rows, told: labelsTold(column) });
  });
}

// For each value the topic that stands out in it, for who hears the page.
function labelsTold(column) {
  const told = column.groups.slice(0, 12).map((group, c) => {
    const above = column.topics.map((_, r) => column.shares[r][c] - column.average[r]);
    const r = above.indexOf(Math.max(...above));
    if (r < 0) return "";
    return `${column.name} ${group}: ${shortName(topics[column.topics[r]])} ${percent(column.shares[r][c])}, ${timesAverage(column.shares[r][c] / Math.max(column.average[r], 1e-9))}.`;
  });
  return told.join(" ");
}

function labelHeat(column, width) {
  const lift = (r, c) => column.shares[r][c] / Math.max(column.average[r], 1e-9);
  return heatMap(width, {
    rows: column.topics.map((id) => ({ topic: id, text: `${id} ${shortName(topics[id])}` })),
    columns: column.groups,
    colour: (r, c) => liftColour(lift(r, c)),
    tip: (r, c) => [
      `${column.topics[r]} ${shortName(topics[column.topics[r]])}`,
      `${column.name}: ${column.groups[c]}`,
      `${percent(column.shares[r][c])}, ${timesAverage(lift(r, c))}`,
      say("n_documents", { n: column.documents[c] }),
    ],
    open: (id) => (location.hash = `topic-${id}`),
  });
}

function trainingFigures() {
  data.training.forEach((curve, place) => {
    const rows = () => [
      [curve.step, "series", curve.title],
      ...curve.series.flatMap((one) => one.points.map(([x, y]) => [x, one.name, y])),
    ];
    const caption = element("span", {}, curve.title, ...(curve.series.length > 1 ? curve.series.map(seriesKey) : []));
    figure(`training-${place}`, { title: curve.title, caption, rows, told: curve.told, draw: (width) => lineChart(Math.min(width, 420), { series: curve.series, xTitle: curve.step }) });
  });
}

// The measures over the number of topics, where several were tried.
function numberFigures() {
  if (!data.numbers) return;
  const { numbers: marks, range: shade, panels } = data.numbers;
  panels.forEach(({ title, points, spans, told }, place) => {
    const rows = () => [[say("topics"), title], ...points];
    const draw = (width) => lineChart(Math.min(width, 420), { series: [{ name: title, points }], xTitle: say("topics"), marks, spans, shade });
    figure(`numbers-${place}`, { title, caption: title, rows, told, draw });
  });
}

function seriesKey(one, place) {
  return element("span", { class: `series-key series-${place % 5}` }, one.name);
}
