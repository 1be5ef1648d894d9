# %% [markdown]
# # word2vec, GloVe, and why two matrices
#
# On the paragraphs of this project's own docs (MIT licence): far too few words for good vectors,
# enough to see what each method does. [The measurements](../docs/two-matrices.md) are of 17
# million.

# %%
import re

from own_texts import paragraphs

import polytopic as pt

sentences = [re.findall("[a-z]+", text.lower()) for text in paragraphs()[0]]
print(sum(map(len, sentences)), "words")
settings = {"dim": 20, "epochs": 5, "sample": 0, "random_state": 0}

# %% [markdown]
# ## Skip-gram: one matrix, and two

# %%
losses = {}
for name, given in {"one matrix": {"tied": True}, "two matrices": {}}.items():
    model = pt.SkipGram(**settings, **given).fit(sentences)
    losses[name] = model.history_[-1]["loss"]
    print(name, round(losses[name], 3), model.vectors_.most_similar("topic", n=3))
assert losses["two matrices"] < losses["one matrix"]

# %% [markdown]
# ## GloVe: the counts of pairs, factored

# %%
glove = pt.GloVe(dim=20, epochs=10, random_state=0).fit(sentences)
print(glove.vectors_.most_similar("topic", n=5))
assert glove.history_[-1]["loss"] < glove.history_[0]["loss"]
