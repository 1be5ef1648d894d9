# %% [markdown]
# # A first hour
#
# From texts to topics, what they are worth, and a page to send. The texts are the paragraphs of
# this project's own docs (MIT licence), the label of each is its page;
# `pt.read("my.csv", text="body")` reads yours.

# %%
from own_texts import paragraphs

import polytopic as pt

texts, pages = paragraphs()
corpus = pt.Corpus.from_texts(texts, labels=pages)
print(corpus.counts.shape, "paragraphs and terms")

# %% [markdown]
# ## Topics
#
# LDA needs no torch. Ten topics: [how many?](../docs/how-many.md) says how to choose.

# %%
model = pt.LDA(n_topics=10, iterations=200, random_state=0).fit(corpus)
result = model.result(corpus)
for words in result.top_words(8):
    print(" ".join(words))

# %% [markdown]
# ## What are they worth?

# %%
print(result.diagnosis.sentences())
scores = pt.metrics.diversity(result.top_words(25))
print("diversity", round(float(scores), 2))
assert 0 < scores <= 1

# %% [markdown]
# ## A new text, and the page

# %%
shares = model.transform(["Word vectors of skip-gram and the matrix of contexts"])
print(shares.round(2))
assert abs(shares.sum() - 1) < 1e-5
result.report("report.html")
