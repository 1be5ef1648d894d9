# %% [markdown]
# # A study: models x numbers of topics x seeds, on two corpora
#
# One call a corpus; differences are told with their intervals ([comparing](../docs/comparing.md)).
# The corpora: this project's own docs (MIT licence), and a planted one.

# %%
import numpy as np
from own_texts import paragraphs, planted

import polytopic as pt

texts, pages = paragraphs()
counts = planted()
words = np.array([f"t{term // 8}w{term % 8}" for term in range(counts.shape[1])])
corpora = {
    "docs": pt.Corpus.from_texts(texts, labels=pages, max_terms=1000),
    "planted": pt.Corpus.from_tokens([list(np.repeat(words, row)) for row in counts]),
}

# %%
models = {"lda": {"iterations": 60}, "nmf": {}}
for name, corpus in corpora.items():
    found = pt.compare(models, corpus, n_topics=[4, 8], seeds=3)
    print(name)
    print(found.to_markdown(["npmi_held_out", "npmi", "diversity"]))
    found.write(f"{name}.html")
