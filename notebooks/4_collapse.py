# %% [markdown]
# # Collapse, made and cured
#
# A KL term that weighs too much silences every document; [the page](../docs/collapse.md) has both
# kinds and what cures them. The documents are planted.

# %%
import warnings

from own_texts import planted

import polytopic as pt

counts = planted()
healthy = pt.ProdLDA(n_topics=4, dim=16, epochs=15, batch_size=50, random_state=0).fit(counts)
columns = ("kl", "active", "evenness")
print({name: round(healthy.history_[-1][name], 2) for name in columns})

# %% [markdown]
# ## Made

# %%
with warnings.catch_warnings():
    warnings.simplefilter("ignore", pt.CollapseWarning)
    silent = pt.ProdLDA(**healthy.get_params() | {"beta": 100}).fit(counts)
print({name: round(silent.history_[-1][name], 3) for name in columns})
print(silent.diagnose().sentences())
assert not silent.diagnose().ok
assert silent.history_[-1]["kl"] < healthy.history_[-1]["kl"] / 10

# %% [markdown]
# ## Cured

# %%
cured = pt.ProdLDA(**silent.get_params() | {"beta": 1.0, "kl_warm_up": 0.5}).fit(counts)
assert cured.diagnose().ok
print({name: round(cured.history_[-1][name], 2) for name in columns})
