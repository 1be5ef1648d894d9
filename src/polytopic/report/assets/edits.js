// Edits of the topics, by the rules of `polytopic edit`: numbers in an edit are those before it.

const EDITED = { rename: "name", note: "note" };
const LONGEST = { rename: 200, note: 10000 };
const BLANKS = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/g; // as Python splits
const HALVES = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const KINDS = ["rename", "note", "hide", "show", "merge", "order"];

// Why an edit is not made: a sentence of the page.
class Refusal extends Error {}

function refuse(key, values) {
  throw new Refusal(say(key, values));
}

// A name on one line, or a note, of whole letters and no more than a page can show.
function cleaned(kind, text) {
  if (typeof text !== "string") refuse("refused_other");
  const mended = text.replace(HALVES, "\ufffd");
  const edge = new RegExp(`^${BLANKS.source}|${BLANKS.source}$`, "g");
  const tidy = kind === "note" ? mended.replace(edge, "") : mended.replace(BLANKS, " ").trim();
  const n = [...tidy].length;
  if (n > LONGEST[kind]) refuse("refused_long", { n, most: whole(LONGEST[kind]) });
  return tidy;
}

// The topics of the run before any edit of this page: what each is made of, and what it is called.
function asWritten() {
  return base.map(({ id, name, note, hidden }) => ({ members: [id], name, note, hidden }));
}

function known(list, id) {
  if (!Number.isInteger(id) || !list[id]) refuse("refused_other");
  return list[id];
}

function apart(ids) {
  if (!Array.isArray(ids) || new Set(ids).size !== ids.length) refuse("refused_other");
  return ids;
}

// The topics after one edit; a Refusal where it does not fit them.
function edited(before, edit) {
  if (!edit || !Object.keys(edit).length || !Object.keys(edit).every((kind) => KINDS.includes(kind))) refuse("refused_other");
  let after = before.map((topic) => ({ ...topic }));
  for (const [kind, field] of Object.entries(EDITED)) {
    for (const [id, text] of Object.entries(edit[kind] ?? {})) known(after, Number(id))[field] = cleaned(kind, text);
  }
  for (const id of apart(edit.hide ?? [])) known(after, id).hidden = true;
  for (const id of apart(edit.show ?? [])) known(after, id).hidden = false;
  if (after.every((topic) => topic.hidden)) refuse("refused_hide");
  if (edit.merge) after = merged(after, edit.merge);
  if (edit.order) {
    const first = new Set(apart(edit.order));
    after = [...edit.order.map((id) => known(after, id)), ...after.filter((_, id) => !first.has(id))];
  }
  return after;
}

// Each group becomes one topic, with the least number of its group and the first name in it.
function merged(before, groups) {
  const all = apart(groups.flat());
  if (groups.some((group) => group.length < 2)) refuse("refused_other");
  if (before.length - all.length + groups.length < 2) refuse("refused_merge");
  const after = [...before];
  const gone = new Set();
  for (const group of groups) {
    const ids = [...group].sort((a, b) => a - b);
    const joined = ids.map((id) => known(before, id));
    after[ids[0]] = {
      members: joined.flatMap((topic) => topic.members),
      name: joined.map((topic) => topic.name).find((name) => name) ?? "",
      note: joined.map((topic) => topic.note).filter((note) => note).join("\n"),
      hidden: joined.every((topic) => topic.hidden),
    };
    for (const id of ids.slice(1)) gone.add(id);
  }
  return after.filter((_, id) => !gone.has(id));
}

function replayed(log) {
  return log.reduce(edited, asWritten());
}

// ---- the log, and where it is kept ----

const STORE = `polytopic-edits-${data.run.id}`;
const editing = { log: [], undone: [], topics: asWritten(), kept: true, unread: false };

function readStore() {
  try {
    return localStorage.getItem(STORE);
  } catch {
    editing.kept = false;
    return null;
  }
}

function writeStore() {
  try {
    if (editing.log.length || editing.undone.length) localStorage.setItem(STORE, JSON.stringify({ log: editing.log, undone: editing.undone }));
    else localStorage.removeItem(STORE);
    editing.kept = true;
  } catch {
    editing.kept = false;
  }
}

// Takes up what the browser kept; what does not fit these topics is left out, and told.
function takeUp(text) {
  try {
    const { log, undone } = text ? JSON.parse(text) : { log: [], undone: [] };
    Object.assign(editing, { topics: replayed(log), log, undone: Array.isArray(undone) ? undone : [], unread: false });
  } catch {
    Object.assign(editing, { topics: asWritten(), log: [], undone: [], unread: true });
  }
}

// What `polytopic edit RUN FILE` reads.
function editsRecord() {
  const { program, format, topics: of, after } = data.run;
  return { program, format, topics: of, after, edits: editing.log };
}
