"""Word lists of topics epoch by epoch: how topics form, or collapse, as a page to leaf through."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polytopic.errors import FileMissingError, InputError
from polytopic.io import replacing
from polytopic.io.leaving import visible
from polytopic.report.embedding import content_security_policy, embed_json, embed_script

__all__ = ["Picture", "WordFilm"]

_NUMBERS = ("loss", "bound", "log_likelihood", "held_out", "kl", "winning", "evenness")
"""Of a record, what stands above its words."""


@dataclass(frozen=True)
class Picture:
    """The topics after an epoch.

    Attributes
    ----------
    record : dict
        As in ``history_``.
    words : list of K lists of str
        Most probable first.
    distinct : float
        Distinct words over all that are listed: 1 where no two topics share one, and near 1 / K
        where all are the same.
    """

    record: dict[str, Any]
    words: list[list[str]]
    distinct: float


class WordFilm:
    """A tracker that keeps each topic's words after every epoch.

    ``model.fit(corpus)`` with ``trackers=film`` fills it; ``film.write("film.html")`` is a page to
    leaf through, which works offline, ``print(film)`` shows the last words, and
    ``film.text(epoch)`` those of an epoch.

    Parameters
    ----------
    n_words : int
        Of a topic.
    every : int
        Epochs from one picture to the next; the first is always taken.

    Attributes
    ----------
    pictures : list of Picture

    Raises
    ------
    InputError
        If a parameter is no whole number from 1 on.

    >>> film = WordFilm(n_words=1)
    >>> film.see(np.eye(2), {"epoch": 1.0}, ["cell", "bank"])
    >>> film.pictures[0].words
    [['cell'], ['bank']]
    """

    def __init__(self, n_words: int = 8, every: int = 1) -> None:
        for name, value in (("n_words", n_words), ("every", every)):
            if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
                raise InputError(f"{name}: {value!r} given. Give a whole number from 1 on.")
        self.n_words, self.every = int(n_words), int(every)
        self.pictures: list[Picture] = []
        self._seen = 0

    def log(self, values: Mapping[str, Any], step: int) -> None:
        """As trackers have it; what a film keeps comes by :meth:`see`."""

    def see(self, topics: NDArray[Any], record: Mapping[str, Any], terms: Sequence[str]) -> None:
        """Take a picture.

        Parameters
        ----------
        topics : array of shape (K, V)
            Weights of terms; the larger, the more a term is a topic's.
        record : mapping
            The epoch's.
        terms : sequence of V str
        """
        self._seen += 1
        if (self._seen - 1) % self.every:
            return
        best = np.argsort(-np.asarray(topics), axis=1, kind="stable")[:, : self.n_words]
        words = [[str(terms[term]) for term in row] for row in best]
        listed = [word for row in words for word in row]
        distinct = len(set(listed)) / max(1, len(listed))
        self.pictures.append(Picture(dict(record), words, distinct))

    def text(self, picture: int = -1) -> str:
        """The words of a picture, a line a topic; a word that other topics list too has a "+"."""
        self._require_pictures()
        if not -len(self.pictures) <= picture < len(self.pictures):
            raise InputError(f"picture: there are {len(self.pictures)}, and no {picture}.")
        found = self.pictures[picture]
        often = Counter(word for row in found.words for word in row)
        lines = [_told(found)]
        for topic, row in enumerate(found.words):
            marked = " ".join(word + "+" * (often[word] > 1) for word in row)
            lines.append(visible(f"{topic:>4}  {marked}"))
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.text() if self.pictures else "no picture was taken"

    def write(self, path: str | Path) -> Path:
        """Write the film as a page, .html, or as text, .txt; return its path.

        Raises
        ------
        InputError, FileMissingError
            If no picture was taken, the name ends otherwise, or the file cannot be written.
        """
        self._require_pictures()
        target = Path(path)
        if target.suffix not in (".html", ".txt") or target.is_dir():
            raise InputError(f"{target}: cannot be written. Give a name in .html or .txt.")
        if not target.parent.is_dir():
            raise FileMissingError(f"{target}: there is no folder {target.parent}. Make it first.")
        whole = "\n\n".join(self.text(n) for n in range(len(self.pictures))) + "\n"
        payload = _page(self.pictures) if target.suffix == ".html" else whole
        try:
            with replacing(target) as partial:
                partial.write_text(payload, encoding="utf-8")
        except OSError as error:
            raise InputError(f"{target}: cannot be written ({error.strerror or error}).") from None
        return target

    def _require_pictures(self) -> None:
        if not self.pictures:
            raise InputError(
                "film: holds no picture. Give it to a topic model as trackers=film, and fit."
            )


def _told(picture: Picture) -> str:
    """A picture's numbers in a line."""
    record = picture.record
    step = "iteration" if "iteration" in record else "epoch"
    numbers = [f"{n.replace('_', ' ')} {record[n]:.4g}" for n in _NUMBERS if n in record]
    parts = [f"{step} {record.get(step, 0):g}", *numbers, f"distinct words {picture.distinct:.0%}"]
    return ", ".join(parts)


def _page(pictures: Sequence[Picture]) -> str:
    script = embed_script(_SCRIPT)
    held = [{"told": _told(picture), "words": picture.words} for picture in pictures]
    policy = html.escape(content_security_policy(script))
    return _PAGE.replace("POLICY", policy).replace("DATA", embed_json(held)).replace(
        "SCRIPT", script
    )  # fmt: skip


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="POLICY">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Topics by epoch</title>
<style>
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 1.2em auto; max-width: 60em; padding: 0 1em; }
.bar { display: flex; gap: .8em; align-items: center; }
input { flex: 1; }
table { border-collapse: collapse; width: 100%; }
th { text-align: right; padding-right: .8em; font-weight: normal; opacity: .6; }
td, th { border-bottom: 1px solid #8884; padding-top: .15em; vertical-align: top; }
td span { margin-right: .7em; display: inline-block; }
.fresh { font-weight: 700; }
.shared { color: #b5443c; text-decoration: underline dotted; }
</style></head><body>
<h1>Topics by epoch</h1>
<div class="bar"><button id="play" type="button">Play</button>
<input id="at" type="range" min="0" value="0" step="1" aria-label="picture"></div>
<p id="told" aria-live="polite"></p>
<table><tbody id="topics"></tbody></table>
<p><span class="fresh">Bold</span>: not in the topic's list before.
<span class="shared">Underlined</span>: other topics list it too.</p>
<script type="application/json" id="film">DATA</script>
<script>SCRIPT</script></body></html>
"""

_SCRIPT = """
const film = JSON.parse(document.getElementById('film').textContent);
const at = document.getElementById('at'), play = document.getElementById('play');
let timer = null;
at.max = film.length - 1;
function show() {
  const now = Number(at.value), picture = film[now], before = film[now - 1];
  const often = new Map();
  for (const row of picture.words) for (const w of row) often.set(w, (often.get(w) || 0) + 1);
  document.getElementById('told').textContent = picture.told;
  const body = document.getElementById('topics');
  body.replaceChildren(...picture.words.map((row, topic) => {
    const line = document.createElement('tr'), name = document.createElement('th');
    const cell = document.createElement('td');
    name.textContent = topic; name.scope = 'row';
    for (const word of row) {
      const shown = document.createElement('span');
      shown.textContent = word;
      if (before && !before.words[topic].includes(word)) shown.classList.add('fresh');
      if (often.get(word) > 1) shown.classList.add('shared');
      cell.append(shown);
    }
    line.append(name, cell);
    return line;
  }));
}
function stop() { clearInterval(timer); timer = null; play.textContent = 'Play'; }
at.addEventListener('input', () => { stop(); show(); });
play.addEventListener('click', () => {
  if (timer) { stop(); return; }
  if (Number(at.value) >= film.length - 1) at.value = 0;
  play.textContent = 'Stop';
  show();
  timer = setInterval(() => {
    if (Number(at.value) >= film.length - 1) { stop(); return; }
    at.value = Number(at.value) + 1;
    show();
  }, 700);
});
show();
"""
