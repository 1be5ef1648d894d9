"""Names of topics without a language model: to be read beside the newsgroup that leads each topic.

    python benchmarks/topic_names.py                        # the default model on 20ng-5k, K = 50
    python benchmarks/topic_names.py --by vectors --save model/

Prints a line of JSON a topic: its name, first words, the newsgroup that has most of the topic's
tokens with its share, and whether a word of the name is one of the newsgroup's own name. What a
reader would accept beyond that is for a reader to say: RESULTS.md has a reading.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from pathlib import Path

import numpy as np
from _corpora import DATA, load_split

import polytopic as pt

GROUPS = (
    "alt.atheism", "comp.graphics", "comp.os.ms-windows.misc", "comp.sys.ibm.pc.hardware",
    "comp.sys.mac.hardware", "comp.windows.x", "misc.forsale", "rec.autos", "rec.motorcycles",
    "rec.sport.baseball", "rec.sport.hockey", "sci.crypt", "sci.electronics", "sci.med",
    "sci.space", "soc.religion.christian", "talk.politics.guns", "talk.politics.mideast",
    "talk.politics.misc", "talk.religion.misc",
)  # fmt: skip
"""In the order of the labels."""

SPELT = {
    "autos": ["auto", "car"], "med": ["medic"], "crypt": ["crypt"], "forsale": ["sale"],
    "mideast": ["mideast", "israel", "arab", "armenia", "turk"], "mac": ["mac", "apple"],
    "motorcycles": ["motorcycle", "bike"], "pc": ["pc"], "x": ["x11", "x window"],
    "christian": ["christ"], "politics": ["politic"], "guns": ["gun"], "atheism": ["athei"],
    "religion": ["religio"], "graphics": ["graphic"], "electronics": ["electronic"],
}  # fmt: skip
"""What a word of a newsgroup's name begins with in running text; others are as they are."""


def named_alike(name: str, group: str) -> bool:
    """Whether a word of the topic's name is one of the newsgroup's name."""
    parts = [part for part in group.replace("-", ".").split(".") if part not in ("misc", "sys")]
    begins = [begin for part in parts[1:] for begin in SPELT.get(part, [part])]
    return any(word.startswith(b) for word in name.replace(",", "").split() for b in begins)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("-k", type=int, default=50)
    parser.add_argument("--by", default="words", choices=("words", "c-tf-idf", "vectors"))
    parser.add_argument("--model", default="dirichlet-vae")
    parser.add_argument("--save", type=Path, help="folder of the model: read if it is there")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    split = load_split("20ng-5k", arguments.data)
    if arguments.save is not None and arguments.save.exists():
        model = pt.load(arguments.save)
    else:
        kind = pt.registry.load_class(pt.registry.find(arguments.model))
        model = kind(n_topics=arguments.k, random_state=0).fit(split.train, terms=split.terms)
        if arguments.save is not None:
            model.save(arguments.save)
    result = model.result(split.train)
    begun = time.perf_counter()
    names = result.name_topics(arguments.by).names
    seconds = time.perf_counter() - begun
    lengths = np.asarray(split.train.sum(axis=1)).ravel()
    tokens = np.zeros((len(GROUPS), result.n_topics))
    np.add.at(tokens, split.train_labels, result.doc_topic * lengths[:, None])
    alike = 0
    for topic, name in enumerate(names):
        group = int(tokens[:, topic].argmax())
        found = named_alike(name, GROUPS[group])
        alike += found
        share = tokens[group, topic] / tokens[:, topic].sum()
        line = {
            "topic": topic, "name": name, "words": " ".join(result.top_words(8)[topic]),
            "group": GROUPS[group], "share": round(float(share), 2), "word_of_group": found,
        }  # fmt: skip
        print(json.dumps(line))
    print(json.dumps({"topics": len(names), "word_of_group": alike, "seconds": round(seconds, 2)}))


if __name__ == "__main__":
    main()
