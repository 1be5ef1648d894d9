# %% [markdown]
# # From autoencoder to topic model
#
# Each step is one change; [the page](../docs/from-autoencoder-to-topic-model.md) has the argument.
# The documents are planted: four themes, eight terms each.

# %%
import numpy as np
from own_texts import planted

import polytopic as pt

counts = planted()
settings = {"dim": 2, "hidden": 16, "batch_size": 50, "epochs": 15, "random_state": 0}

# %% [markdown]
# ## Copy, repair

# %%
copied = pt.Autoencoder(likelihood="gaussian", **settings)
copied.fit(counts / counts.sum(axis=1, keepdims=True))
print("copied", round(copied.history_[-1]["loss"], 4))
repaired = pt.DenoisingAutoencoder(noise="word-drop", noise_level=0.5, **settings).fit(counts)
print("repaired", round(repaired.history_[-1]["loss"], 4))

# %% [markdown]
# ## A distribution in the middle: there is something to draw from

# %%
vae = pt.VAE(**settings).fit(counts)
means, deviations = vae.posterior(counts)
by_hand = 0.5 * (deviations**2 + means**2 - 1 - 2 * np.log(deviations)).sum(axis=1)
print("nats a document that the code costs:", round(float(by_hand.mean()), 2))
print(vae.sample(2, n_tokens=15, random_state=0))

# %% [markdown]
# ## The middle on the simplex: a topic model

# %%
topics = pt.ProdLDA(n_topics=4, dim=16, epochs=40, batch_size=50, random_state=0).fit(counts)
shares = topics.transform(counts)
assert np.allclose(shares.sum(axis=1), 1, atol=1e-5)
print(topics.diagnose().sentences())
