"""The questions as one HTML file that works offline and saves the answers as JSON."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path

from polytopic.errors import FileMissingError, InputError
from polytopic.io import replacing
from polytopic.judging.questions import Question
from polytopic.report.embedding import content_security_policy, embed_json, embed_script

__all__ = ["write_form"]


def write_form(
    asked: Sequence[Question], path: str | Path, *, title: str = "Judging topics"
) -> Path:
    """Write the form; it makes no request, keeps what is half done, and saves a JSON file.

    What is right does not stand in it.

    Raises
    ------
    InputError, FileMissingError
        If the name does not end in .html, its folder is missing, or it cannot be written.
    """
    target = Path(path)
    if target.suffix != ".html" or target.is_dir():
        raise InputError(f"{target}: cannot be written. Give the form a name in .html.")
    if not target.parent.is_dir():
        raise FileMissingError(f"{target}: there is no folder {target.parent}. Make it first.")
    script = embed_script(_SCRIPT)
    shown = [{"id": q.id, "task": q.task, "words": q.words, "choices": q.choices} for q in asked]
    page = _PAGE.format(
        policy=html.escape(content_security_policy(script)),
        title=html.escape(title),
        data=embed_json(shown),
        script=script,
    )
    try:
        with replacing(target) as partial:
            partial.write_bytes(page.encode("utf-8", "replace"))
    except OSError as error:
        raise InputError(
            f"{target}: cannot be written ({error.strerror or error}). Free some space."
        ) from None
    return target


_SCRIPT = """"use strict";
const data = document.getElementById("data").textContent;
const asked = JSON.parse(data);
const place = document.getElementById("questions");
const told = document.getElementById("told");
let mark = 0;  // of these questions and no others: forms of one folder share what is kept
for (const letter of data) mark = (mark * 31 + letter.codePointAt(0)) >>> 0;
const key = "judging-" + mark.toString(36) + "-" + data.length;
let answers = {};
try { answers = JSON.parse(localStorage.getItem(key) || "{}"); } catch (error) { answers = {}; }

function element(tag, text, more) {
  const made = Object.assign(document.createElement(tag), more || {});
  if (text) made.textContent = text;
  return made;
}

function keep(id, value) {
  if (value === null || value === "") delete answers[id];
  else answers[id] = value;
  try {
    localStorage.setItem(key, JSON.stringify(answers));
  } catch (error) { told.title = "kept in this page alone"; }
  told.textContent = Object.keys(answers).length + " of " + asked.length + " answered";
}

const TEXT = {
  "rating": "Do these words belong to one subject?",
  "word-intrusion": "Which word does not belong to the others?",
  "document-intrusion": "Which document is not about the topic of these words?",
  "label": "Name the topic of these words and documents in a few words.",
  "fit": "How well does the document fit the topic of these words?",
  "rank": "Order the documents: 1 fits the topic best.",
};
const SCALE = {
  "rating": ["no", "in part, or vaguely", "yes"],
  "fit": ["not at all", "a little", "half", "mostly", "fully"],
};

function radios(question, labels) {
  const group = element("div", "", { className: "choices" });
  labels.forEach((text, at) => {
    const line = element("label", "", { dir: "auto" });
    const box = element("input", "", { type: "radio", name: question.id, value: at + 1 });
    box.checked = answers[question.id] === at + 1;
    box.addEventListener("change", () => keep(question.id, at + 1));
    line.append(box, " " + text);
    group.append(line);
  });
  return group;
}

function ranks(question) {
  const group = element("div", "", { className: "choices" });
  const held = answers[question.id] || [];
  const boxes = question.choices.map((text, at) => {
    const line = element("label", "", { dir: "auto" });
    const box = element("input", "", { type: "number", min: 1, max: question.choices.length });
    const found = held.indexOf(at + 1);
    if (found >= 0) box.value = found + 1;
    line.append(box, " " + text);
    group.append(line);
    return box;
  });
  const read = () => {
    const order = boxes.map((box) => Number(box.value));
    const whole = [...order].sort((a, b) => a - b).every((value, at) => value === at + 1);
    keep(question.id, whole ? order.map((_, at) => order.indexOf(at + 1) + 1) : null);
  };
  boxes.forEach((box) => box.addEventListener("change", read));
  return group;
}

asked.forEach((question, at) => {
  const part = element("fieldset");
  part.append(element("legend", (at + 1) + ". " + TEXT[question.task]));
  if (question.words.length) {
    const words = question.words.join(" · ");
    part.append(element("p", words, { className: "words", dir: "auto" }));
  }
  if (question.task === "label") {
    question.choices.forEach((text) => part.append(element("p", text, { dir: "auto" })));
    const held = answers[question.id] || "";
    const box = element("input", "", { type: "text", maxLength: 80, value: held });
    box.setAttribute("aria-label", TEXT.label);
    box.addEventListener("change", () => keep(question.id, box.value.trim()));
    part.append(box);
  } else if (question.task === "rank") part.append(ranks(question));
  else {
    if (question.task === "fit") part.append(element("p", question.choices[0], { dir: "auto" }));
    part.append(radios(question, SCALE[question.task] || question.choices));
  }
  place.append(part);
});
keep("", null);
document.getElementById("save").addEventListener("click", () => {
  const judge = document.getElementById("judge").value.trim();
  const text = JSON.stringify({ judge, answers }, null, 1);
  const name = (judge || "answers").replace(/[^\\p{L}\\p{N}-]+/gu, "_");
  const link = element("a", "", { download: name + ".json" });
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.click();
});
"""

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
<style>
* {{ box-sizing: border-box; }}
html {{ scroll-padding-bottom: 7rem; }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; }}
body {{ padding: 0 1rem 7rem; overflow-wrap: anywhere; }}
fieldset {{ border: 1px solid #bbb; border-radius: .5rem; margin: 1rem 0; min-width: 0; }}
fieldset {{ padding: .8rem; }}
legend {{ float: left; width: 100%; padding: 0; margin-bottom: .5rem; }}
legend + * {{ clear: both; }}
.words {{ font-weight: 600; margin: .3rem 0; }}
.choices label {{ display: grid; grid-template-columns: auto 1fr; gap: .5rem; }}
.choices label {{ padding: .35rem 0; align-items: start; }}
input {{ font: inherit; }}
input[type=radio] {{ width: 1.1rem; height: 1.5rem; margin: 0; }}
input[type=number] {{ width: 3.5rem; }}
fieldset > input[type=text] {{ width: 100%; }}
footer {{ position: fixed; inset: auto 0 0 0; background: #fff; padding: .6rem 1rem; }}
footer {{ border-top: 1px solid #bbb; display: flex; flex-wrap: wrap; gap: .4rem .8rem; }}
footer {{ align-items: center; }}
footer input {{ width: 9rem; }}
button {{ font: inherit; }}
</style>
</head>
<body>
<h1>{title}</h1>
<p>Answer what you can and leave the rest open. Nothing leaves this page until you save the
file and send it.</p>
<div id="questions"></div>
<footer><label>Your name <input id="judge" type="text" maxlength="80"></label>
<button id="save" type="button">Save answers</button>
<span id="told" aria-live="polite"></span></footer>
<script type="application/json" id="data">{data}</script>
<script>{script}</script>
</body>
</html>
"""
