// The first sentences, told anew where edits change what they say.

const MARK = "\0"; // stands around the number of a topic while a sentence is put together
const MOST_NAMED = 5;
const LARGEST = 3;
const LETTERS = 60; // of a name in a sentence

const sentences = [...document.querySelectorAll(".lead p")].map((place) => ({
  place, kind: place.dataset.kind, nodes: [...place.childNodes],
  links: [...place.querySelectorAll("a")].map((link) => ({ link, topic: Number(link.hash.slice("#topic-".length)) })),
}));
const TELLERS = { largest: tellLargest, changes: tellChanges, suspect: tellSuspects };

function retell() {
  for (const { place, kind, nodes, links } of sentences) {
    place.hidden = false;
    if (!editing.log.length) {
      for (const { link, topic } of links) linkTo(link, topic);
      place.replaceChildren(...nodes);
    } else if (TELLERS[kind]) {
      const text = TELLERS[kind]();
      place.hidden = !text;
      place.replaceChildren(...linked(text));
    } else {
      place.hidden = links.some(({ topic }) => topics[numbers.get(topic)].hidden || topics[numbers.get(topic)].members.length > 1);
      for (const { link, topic } of links) linkTo(link, topic);
    }
  }
}

function linkTo(link, written) {
  const id = numbers.get(written);
  link.href = `#topic-${id}`;
  link.firstElementChild.textContent = nameInSentence(id);
}

function nameInSentence(id) {
  const letters = [...(shortName(topics[id]) || String(id))];
  return letters.length > LETTERS ? `${letters.slice(0, LETTERS).join("")}…` : letters.join("");
}

const marked = (id) => `${MARK}${id}${MARK}`;

function linked(text) {
  return text.split(MARK).map((piece, place) => place % 2
    ? element("a", { href: `#topic-${piece}` }, element("bdi", {}, nameInSentence(piece)))
    : piece);
}

// a, b and c
function listed(entries) {
  const joint = data.language === "zh" ? "" : " ";
  return entries.length < 2 ? entries.join("") : `${entries.slice(0, -1).join(", ")}${joint}${say("and")}${joint}${entries.at(-1)}`;
}

function tellLargest() {
  const order = topics.filter((topic) => !topic.hidden).sort((a, b) => b.share - a.share || a.id - b.id).slice(0, LARGEST);
  const documents = say("n_documents", { n: data.run.documents });
  if (topics.length === 1) return say("told_only", { documents, largest: marked(0) });
  return say("told_largest", {
    documents, topics: say("n_topics", { n: topics.length }), share: percent(sum(order.map((topic) => topic.share))),
    largest: listed(order.map((topic) => `${marked(topic.id)} (${percent(topic.share)})`)),
  });
}

function tellChanges() {
  const [riser, faller] = [time.risers[0], time.fallers[0]];
  const change = (id) => [percent(time.start[id]), percent(time.end[id])];
  const values = { first: time.first, last: time.last };
  if (faller !== undefined) {
    const [before, after] = change(faller);
    Object.assign(values, { faller: marked(faller), from: before, to: after, before, after });
  }
  if (riser !== undefined) {
    const [from, to] = change(riser);
    Object.assign(values, { riser: marked(riser), from, to });
  }
  if (riser !== undefined && faller !== undefined) return say("told_both", values);
  return say(riser !== undefined ? "told_rose" : faller !== undefined ? "told_fell" : "told_steady", values);
}

function tellSuspects() {
  const found = topics.filter((topic) => suspect(topic) && !topic.hidden).map((topic) => topic.id);
  const named = found.slice(0, MOST_NAMED).map(marked);
  const more = found.length - named.length;
  if (!found.length) return "";
  return say("told_suspect", { n: found.length, topics: more ? [...named, say("and_more", { n: more })].join(", ") : listed(named) });
}
