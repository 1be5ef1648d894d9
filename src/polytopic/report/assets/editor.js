// Editing by hand: the form on a topic's page, and the bar of what was done, taken back and saved.

const bar = byId("edits");

// Makes an edit, or says why not; true where it was made. `stays`: the form is left as it stands.
function commit(edit, stays = false) {
  const member = shownMember();
  try {
    editing.topics = edited(editing.topics, edit);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    tellEdit(error.message, true);
    return false;
  }
  editing.log = [...editing.log, edit];
  editing.undone = [];
  writeStore();
  shownAnew();
  if (!stays) follow(member);
  tellEdit(editTold(edit));
  return true;
}

function undo() {
  if (!editing.log.length) return;
  const last = editing.log.at(-1);
  replace(editing.log.slice(0, -1), [...editing.undone, last], "undone");
}

function redo() {
  const next = editing.undone.at(-1);
  if (next) replace([...editing.log, next], editing.undone.slice(0, -1), "redone");
}

function replace(log, undone, key) {
  const member = shownMember();
  try {
    editing.topics = replayed(log);
  } catch {
    return; // of an edit that fits no longer there is nothing to make
  }
  Object.assign(editing, { log, undone });
  writeStore();
  shownAnew();
  follow(member);
  tellEdit(say(key));
}

// Everything on the page as the topics are now.
function shownAnew() {
  rebuild();
  retell();
  remakeRows();
  showBar();
  if (shown.drawn) {
    for (const make of [topicMap, treeFigure, timeFigures, labelFigures]) make();
    if (docs.byTopic) documentsAnew();
    if (typed.ready) typed.show();
    if (!byId("overview").hidden) drawFigures();
  }
  const { word } = named();
  if (word !== undefined) byId("topic").replaceChildren(wordPage(word));
}

function documentsAnew() {
  topicsOfDocuments();
  const entry = figures.get("documents");
  entry.target.querySelector(".unseen").textContent = docsTold();
  entry.width = 0;
  showChosen();
}

// The number in the run of the topic whose page is open, or null.
const shownMember = () => (shown.topic === null ? null : topics[shown.topic].members[0]);

// The page of a topic by its number in the run, whatever its number is now.
function follow(member) {
  if (member === null) return;
  const id = numbers.get(member);
  if (location.hash !== `#topic-${id}`) location.replace(`#topic-${id}`);
  else redrawTopic();
}

function redrawTopic() {
  const focused = document.activeElement?.id;
  byId("topic").replaceChildren(topicPage(topics[shown.topic], sorted()));
  nameWindow(topics[shown.topic]);
  if (focused) byId(focused)?.focus({ preventScroll: true });
}

// A name or a note leaves the form as it stands, so that the focus moves on as it was about to.
function redrawAround() {
  const fresh = [...topicPage(topics[shown.topic], sorted()).children];
  [...byId("topic").firstElementChild.children].forEach((child, place) => {
    if (!child.matches(".editor")) child.replaceWith(fresh[place]);
  });
  nameWindow(topics[shown.topic]);
}

// ---- the bar ----

function showBar() {
  const { log, undone, kept, unread } = editing;
  bar.hidden = !log.length && !undone.length && !unread;
  const button = (id, key, act, off) => element("button", { type: "button", id, onclick: act, "aria-disabled": off ? "true" : null }, say(key));
  const focused = document.activeElement?.id;
  const wasOpen = bar.querySelector("details")?.open;
  bar.querySelector(".edit-tools").replaceChildren(
    element("b", {}, say("edits_made", { n: log.length })),
    button("undo", "undo", undo, !log.length), button("redo", "redo", redo, !undone.length),
    button("save-edits", "save_edits", saveEdits, !log.length));
  const told = [unread ? say("edits_unread") : "", log.length ? say(kept ? "edits_kept" : "edits_not_kept") : ""];
  bar.querySelector(".edit-kept").textContent = told.filter((line) => line).join(" ");
  const list = log.length ? [editList()] : [];
  if (list.length) list[0].open = wasOpen === true;
  bar.querySelector(".edit-list").replaceChildren(...list);
  showHidden();
  if (focused && byId(focused) !== document.activeElement) byId(focused)?.focus();
}

function tellEdit(text, refused = false) {
  const told = bar.querySelector(".edit-told");
  bar.hidden = false;
  told.textContent = text;
  told.classList.toggle("refused", refused);
}

// Below the list of topics those that are hidden, with the way back.
function showHidden() {
  const place = byId("hidden-topics");
  const hidden = topics.filter((topic) => topic.hidden).map((topic) => element("li", {},
    element("a", { href: `#topic-${topic.id}`, dir: "auto" }, `${topic.id} ${shortName(topic)}`), " ",
    element("button", { type: "button", onclick: () => commit({ show: [topic.id] }) && byId("undo").focus(), "aria-label": `${say("edit_show")}: ${topic.id} ${shortName(topic)}` }, say("edit_show"))));
  const open = place.firstElementChild?.open === true;
  const folded = element("details", { class: "more" }, element("summary", {}, `${say("edits_hidden")} (${whole(hidden.length)})`), element("ul", {}, ...hidden));
  folded.open = open;
  place.replaceChildren(...(hidden.length ? [folded] : []));
}

// What was done, in words.
function editList() {
  return element("details", { class: "more" }, element("summary", {}, say("edits_list")),
    element("p", { class: "note" }, say("edits_how")),
    element("ol", {}, ...editing.log.map((edit) => element("li", { dir: "auto" }, editTold(edit)))),
    element("p", {}, element("button", { type: "button", id: "by-size", onclick: orderBySize }, say("edit_by_size"))));
}

function editTold(edit) {
  const parts = [];
  for (const [id, name] of Object.entries(edit.rename ?? {})) parts.push(name ? say("told_rename", { id, name: visible(name) }) : say("told_unnamed", { id }));
  for (const id of Object.keys(edit.note ?? {})) parts.push(say("told_note", { id }));
  for (const id of edit.hide ?? []) parts.push(say("told_hide", { id }));
  for (const id of edit.show ?? []) parts.push(say("told_show", { id }));
  for (const group of edit.merge ?? []) parts.push(say("told_merge", { topics: listed(group.map(String)) }));
  if (edit.order) parts.push(say("told_order"));
  return parts.join(" ");
}

function orderBySize() {
  commit({ order: [...topics].sort((a, b) => b.share - a.share || a.id - b.id).map((topic) => topic.id) });
}

function saveEdits() {
  if (!editing.log.length) return;
  saveBlob(new Blob([`${JSON.stringify(editsRecord(), null, 1)}\n`], { type: "application/json" }), fileName("edits", "json", title));
  tellEdit(say("edits_how"));
}

// ---- the form of a topic ----

function topicEditor(topic) {
  const field = (id, key, input) => element("div", { class: "field" }, element("label", { for: id }, say(key)), input);
  const name = element("input", { id: "edit-name", type: "text", autocomplete: "off", dir: "auto", value: editing.topics[topic.id].name });
  name.addEventListener("change", () => textEdit("rename", topic.id, name));
  const note = element("textarea", { id: "edit-note", rows: "2", dir: "auto" });
  note.value = editing.topics[topic.id].note;
  note.addEventListener("change", () => textEdit("note", topic.id, note));
  const hide = element("button", { type: "button", id: "edit-hide", onclick: () => commit(topic.hidden ? { show: [topic.id] } : { hide: [topic.id] }) }, say(topic.hidden ? "edit_show" : "edit_hide"));
  const form = element("details", { class: "editor more" }, element("summary", {}, say("edit_topic")),
    field("edit-name", "edit_name", name), field("edit-note", "edit_note", note),
    ...(topics.length > 1 ? [mergeField(topic, field), moveField(topic, field)] : []), element("p", {}, hide));
  form.open = editing.open === true;
  form.addEventListener("toggle", () => (editing.open = form.open));
  return form;
}

// A refused text stays in its field, to be mended.
function textEdit(kind, id, input) {
  let text;
  try {
    text = cleaned(kind, input.value);
  } catch (error) {
    tellEdit(error.message, true);
    input.setAttribute("aria-invalid", "true");
    return;
  }
  input.removeAttribute("aria-invalid");
  if (text !== editing.topics[id][EDITED[kind]] && commit({ [kind]: { [id]: text } }, true)) {
    input.value = text;
    redrawAround();
  }
}

function mergeField(topic, field) {
  const near = new Set(topic.near.map(([id]) => id));
  const others = [...near, ...topics.map((other) => other.id).filter((id) => id !== topic.id && !near.has(id))];
  const choice = element("select", { id: "edit-with" }, element("option", { value: "" }, say("edit_choose")),
    ...others.map((id) => element("option", { value: String(id) }, `${id} ${[...shortName(topics[id])].slice(0, 60).join("")}`)));
  const act = () => {
    if (choice.value === "") return choice.focus();
    const made = commit({ merge: [[topic.id, Number(choice.value)].sort((a, b) => a - b)] });
    if (made) byId("topic").querySelector("h2").focus({ preventScroll: true });
  };
  return element("div", { class: "field" }, field("edit-with", "edit_merge", choice), element("button", { type: "button", id: "edit-merge", onclick: act }, say("edit_merge_do")));
}

function moveField(topic, field) {
  const last = topics.length - 1;
  const place = element("input", { id: "edit-place", type: "number", min: "0", max: String(last), step: "1", value: String(topic.id) });
  const act = () => {
    const to = Math.min(last, Math.max(0, Math.round(Number(place.value))));
    const ids = topics.map((other) => other.id).filter((id) => id !== topic.id);
    ids.splice(to, 0, topic.id);
    if (to !== topic.id) commit({ order: ids.slice(0, Math.max(to, topic.id) + 1) });
  };
  return element("div", { class: "field" }, field("edit-place", "edit_place", place), element("button", { type: "button", id: "edit-move", onclick: act }, say("edit_move")));
}

// ---- the page's own life ----

window.addEventListener("storage", (event) => {
  if (event.key !== STORE) return; // another window edits the same run
  const member = shownMember();
  takeUp(event.newValue);
  shownAnew();
  follow(member);
});
window.addEventListener("pagehide", () => document.activeElement?.blur()); // what is being typed is an edit, too
window.addEventListener("beforeunload", (event) => {
  if (editing.log.length && !editing.kept) event.preventDefault();
});
