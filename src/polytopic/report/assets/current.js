// The topics as they are shown now: those of the run with the page's edits made.

const WRITTEN = { time: data.time && { ...data.time }, labels: data.labels, tree: withKeys(data.tree), found: data.found };
const numbers = new Map(); // from the number of a topic in the run to its number now

// Unseen letters that steer a line are written out, as the run's own names are.
const UNSEEN = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;

function visible(text) {
  return text.replace(UNSEEN, (letter) => {
    const code = letter.codePointAt(0).toString(16);
    return code.length < 3 ? `\\x${code.padStart(2, "0")}` : code.length < 5 ? `\\u${code.padStart(4, "0")}` : `\\U${code.padStart(8, "0")}`;
  });
}

function rebuild() {
  numbers.clear();
  topics.length = 0;
  editing.topics.forEach((entry, id) => {
    for (const member of entry.members) numbers.set(member, id);
    topics.push({ ...joined(entry.members.map((member) => base[member])), id, members: entry.members, name: visible(entry.name), note: visible(entry.note), hidden: entry.hidden });
  });
  for (const topic of topics) {
    topic.near = nearOf(topic);
    if (topic.like.length && topic.members.length === 1) topic.flags = [...topic.flags.slice(0, -1), say("flag_like", { topics: likeOf(topic) })];
  }
  if (data.time) Object.assign(data.time, timeNow());
  data.labels = WRITTEN.labels.map(labelsNow);
  rebuildTree();
  data.found = WRITTEN.found.map(foundNow);
}

function likeOf(topic) {
  const now = [...new Set(topic.like.map((id) => numbers.get(id)))].filter((id) => id !== topic.id);
  const listed = now.slice(0, 3).join(", ");
  return now.length > 3 ? `${listed} ${say("and_more", { n: now.length - 3 })}` : listed;
}

const sum = (values) => values.reduce((total, value) => total + value, 0);

// One topic of several: words weigh by tokens, shares add up. What only the documents tell is left out.
function joined(members) {
  if (members.length === 1) return { ...members[0], spot: data.map.places[members[0].id] };
  const words = mixedWords(members);
  const over = (field) => members[0][field].map((_, i) => members.map((member) => member[field][i]));
  const largest = members.reduce((best, member) => (member.share > best.share ? member : best));
  return {
    words, label: labelOf(words), color: largest.color, share: sum(members.map((member) => member.share)),
    npmi: null, flags: [], like: [], badge: "", leads: sum(members.map((member) => member.leads)),
    near: members.flatMap((member) => member.near), documents: joinedDocuments(members), labels: joinedLabels(members),
    trend: over("trend").map(sum), error: over("error").map((errors) => Math.hypot(...errors)), spot: joinedSpot(members),
  };
}

function mixedWords(members) {
  const total = sum(members.map((member) => member.share)) || 1;
  const held = members.map((member) => new Map(member.words.map((word) => [word[3], word[1]])));
  const mixed = [...new Set(held.flatMap((words) => [...words.keys()]))].map((word) => {
    const p = sum(members.map((member, i) => member.share * (held[i].get(word) ?? unlisted(member, word))));
    return [data.terms[word], p / total, data.corpus[word], word];
  });
  return mixed.sort((a, b) => b[1] - a[1]);
}

// p(word | topic) of a word that the page does not list for it, by Bayes's rule from p(topic | word).
function unlisted(member, word) {
  const [, share] = WRITTEN.found[word].find(([id]) => id === member.id) ?? [0, 0];
  return member.share > 0 ? (share * data.corpus[word]) / member.share : 0;
}

// The three most relevant words that begin differently.
function labelOf(words) {
  const label = [];
  for (const [term] of byRelevance({ words }, data.lambda)) {
    if (label.length < 3 && !label.some((other) => other.slice(0, 5) === term.slice(0, 5))) label.push(term);
  }
  return label;
}

function joinedDocuments(members) {
  const seen = new Map();
  for (const entry of members.flatMap((member) => member.documents)) {
    const before = seen.get(entry.row);
    seen.set(entry.row, before ? { ...before, share: before.share + entry.share } : entry);
  }
  return [...seen.values()].sort((a, b) => b.share - a.share).slice(0, Math.max(...members.map((member) => member.documents.length)));
}

// Values of a label that the page knows of every member; the average of each is its share by its lift.
function joinedLabels(members) {
  return members[0].labels.flatMap(({ name }) => {
    const known = members.map((member) => new Map((member.labels.find((column) => column.name === name)?.shares ?? []).map((bar) => [bar[0], bar])));
    const values = [...known[0].keys()].filter((value) => known.every((bars) => bars.has(value)));
    const shares = values.map((value) => {
      const bars = known.map((found) => found.get(value));
      return [value, sum(bars.map((bar) => bar[1])), sum(bars.map((bar) => bar[1])) / (sum(bars.map((bar) => bar[1] / (bar[2] || 1))) || 1)];
    });
    return shares.length ? [{ name, shares: shares.sort((a, b) => b[1] - a[1]) }] : [];
  });
}

function joinedSpot(members) {
  const spots = members.map(({ id, share }) => ({ at: data.map.places[id], weight: share || 1e-9 }));
  const total = sum(spots.map((spot) => spot.weight));
  const mean = (axis) => sum(spots.map((spot) => spot.at[axis] * spot.weight)) / total;
  return [mean(0), mean(1), Math.hypot(...spots.map((spot) => spot.at[2]))];
}

function nearOf(topic) {
  const least = new Map();
  for (const [member, distance] of topic.near) {
    const id = numbers.get(member);
    if (id !== topic.id && !topics[id].hidden && !(least.get(id) <= distance)) least.set(id, distance);
  }
  return [...least].sort((a, b) => a[1] - b[1]).slice(0, 5);
}

// ---- figures ----

// Numbers of shown topics now, each once, in the order in which the run names them.
const shownNow = (ids) => [...new Set(ids.map((id) => numbers.get(id)))].filter((id) => !topics[id].hidden);

function timeNow() {
  const { risers, fallers, changing, average, start, end } = WRITTEN.time;
  const over = (shares) => topics.map((topic) => sum(topic.members.map((member) => shares[member])));
  const both = new Set(shownNow(risers).filter((id) => shownNow(fallers).includes(id))); // what rose and fell is steady
  const clear = (ids) => shownNow(ids).filter((id) => !both.has(id));
  return { risers: clear(risers), fallers: clear(fallers), changing: shownNow(changing), average: over(average), start: over(start), end: over(end) };
}

// The topics all of whose members the figure holds.
function labelsNow(column) {
  const row = new Map(column.topics.map((id, place) => [id, place]));
  const held = shownNow(column.topics).filter((id) => topics[id].members.every((member) => row.has(member)));
  const rows = held.map((id) => topics[id].members.map((member) => row.get(member)));
  return {
    ...column, topics: held,
    average: rows.map((places) => sum(places.map((place) => column.average[place]))),
    shares: rows.map((places) => column.groups.map((_, c) => sum(places.map((place) => column.shares[place][c])))),
  };
}

function foundNow(found) {
  const shares = new Map();
  for (const [member, share] of found) shares.set(numbers.get(member), (shares.get(numbers.get(member)) ?? 0) + share);
  return [...shares].sort((a, b) => b[1] - a[1]);
}
