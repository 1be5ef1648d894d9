// The documents of the map: unpacked from the page, and which of them are chosen.

const docs = { ready: null, n: 0, lasso: null, query: "", from: 0, to: 0, chosen: null };
const NO_WORD = 65535;

// Written and read by hand: so Chromium is done before the page counts as loaded, which is when
// a print without a window is made; Blob.stream() and Response wait for other processes.
async function unpacked(text) {
  const stream = new DecompressionStream("deflate");
  const writer = stream.writable.getWriter();
  const written = Promise.all([writer.write(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))), writer.close()]);
  const reader = stream.readable.getReader();
  const parts = [];
  for (let part = await reader.read(); !part.done; part = await reader.read()) parts.push(part.value);
  await written;
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (bytes.set(part, at), at + part.length), 0);
  return bytes.buffer;
}

// x, y, topic, period, words and share of each document, one array after the other.
async function loadDocuments() {
  const { shown: n, words, arrays, texts } = data.documents;
  const [buffer, lines] = await Promise.all([unpacked(arrays), unpacked(texts)]);
  let at = 0;
  const take = (kind, length) => {
    const made = new kind(buffer, at, length);
    at += made.byteLength;
    return made;
  };
  docs.n = n;
  docs.x = take(Uint16Array, n);
  docs.y = take(Uint16Array, n);
  docs.written = take(Uint16Array, n); // their topics in the run
  docs.period = take(Int16Array, n);
  docs.words = Array.from({ length: words }, () => take(Uint16Array, n));
  docs.share = take(Uint8Array, n);
  docs.texts = new TextDecoder().decode(lines).split("\n");
  docs.from = 0;
  docs.to = time ? time.periods.length - 1 : 0;
  topicsOfDocuments();
}

// Documents follow their largest topic into what it became.
function topicsOfDocuments() {
  docs.topic = docs.written.map((topic) => numbers.get(topic));
  docs.byTopic = orderedByTopic();
  docs.places = topics.map((topic) => (topic.hidden ? null : middleOf(topic.id)));
}

// Rows in the order of their topics, so that a colour is set once for each topic.
function orderedByTopic() {
  const starts = new Uint32Array(topics.length + 1);
  for (const topic of docs.topic) starts[topic + 1] += 1;
  for (let k = 0; k < topics.length; k += 1) starts[k + 1] += starts[k];
  const next = starts.slice();
  const rows = new Uint32Array(docs.n);
  docs.topic.forEach((topic, row) => (rows[next[topic]++] = row));
  return { rows, starts };
}

// Where the documents of a topic stand: the median of each axis, and how many they are.
function middleOf(topic) {
  const rows = docs.byTopic.rows.subarray(docs.byTopic.starts[topic], docs.byTopic.starts[topic + 1]);
  const middle = (axis) => Uint16Array.from(rows, (row) => axis[row]).sort()[rows.length >> 1] / 65535;
  return rows.length ? { x: middle(docs.x), y: middle(docs.y), n: rows.length } : null;
}

function lassoed(row) {
  const x = docs.x[row] / 65535;
  const y = docs.y[row] / 65535;
  let inside = false;
  for (let i = 0, j = docs.lasso.length - 1; i < docs.lasso.length; j = i, i += 1) {
    const [ax, ay] = docs.lasso[i];
    const [bx, by] = docs.lasso[j];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

// Terms of the page's table that a search means: those that hold it.
function soughtWords(query) {
  const found = new Set();
  data.terms.forEach((term, index) => {
    if (term.toLowerCase().includes(query)) found.add(index);
  });
  return found;
}

// Which documents the lasso, the search and the dates leave: null where nothing is asked for.
function choose() {
  const dated = time && (docs.from > 0 || docs.to < time.periods.length - 1);
  const query = docs.query.trim().toLowerCase();
  if (!docs.lasso && !query && !dated) {
    docs.chosen = null;
    return;
  }
  const sought = query ? soughtWords(query) : null;
  const holds = (row) => docs.words.some((words) => sought.has(words[row])) || docs.texts[row].toLowerCase().includes(query);
  docs.chosen = new Uint8Array(docs.n);
  for (let row = 0; row < docs.n; row += 1) {
    if (dated && !(docs.period[row] >= docs.from && docs.period[row] <= docs.to)) continue;
    if (docs.lasso && !lassoed(row)) continue;
    if (query && !holds(row)) continue;
    docs.chosen[row] = 1;
  }
}

// Counts over the chosen documents: of topics, of periods, of the words that tell most of each.
function countsOfChosen() {
  const found = {
    n: 0, rows: [], topics: new Uint32Array(topics.length),
    periods: new Uint32Array(time ? time.periods.length : 0), words: new Map(),
  };
  for (let row = 0; row < docs.n; row += 1) {
    if (docs.chosen && !docs.chosen[row]) continue;
    found.n += 1;
    found.topics[docs.topic[row]] += 1;
    if (docs.period[row] >= 0) found.periods[docs.period[row]] += 1;
    if (docs.chosen) for (const words of docs.words) if (words[row] !== NO_WORD) found.words.set(words[row], (found.words.get(words[row]) || 0) + 1);
    if (found.rows.length < 12) found.rows.push(row);
  }
  return found;
}

// Words that the chosen documents have more often than all: count times the logarithm of the ratio.
function wordsOfChosen(found) {
  if (!docs.wordCounts) {
    docs.wordCounts = new Uint32Array(data.terms.length);
    for (const words of docs.words) for (const word of words) if (word !== NO_WORD) docs.wordCounts[word] += 1;
  }
  const score = ([word, count]) => count * Math.log((count / found.n) / (docs.wordCounts[word] / docs.n));
  const most = [...found.words].filter(([, count]) => count > 1 || found.n < 10);
  return most.map((entry) => [...entry, score(entry)]).sort((a, b) => b[2] - a[2] || a[0] - b[0]).slice(0, 20);
}
