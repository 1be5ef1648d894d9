"""The list of models: one row each, from which the CLI, the docs and the common tests are fed.

The rows hold text only, so that listing the models imports neither torch nor numba. Other packages
add rows of their own by an entry point; see :mod:`polytopic.entries`.
"""

from __future__ import annotations

import importlib.util
import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING

from polytopic.entries import Entry, added_class, every_entry
from polytopic.errors import InputError, MissingExtraError
from polytopic.extras import require

if TYPE_CHECKING:
    from polytopic.parameters import Parameter

__all__ = [
    "DEFAULT_TOPIC_MODEL",
    "MODELS",
    "Entry",
    "find",
    "load_class",
    "models",
    "models_with",
    "parameters_of",
]


MODELS: tuple[Entry, ...] = (
    Entry(
        name="lda",
        class_name="LDA",
        module="polytopic.topics.lda.lda",
        family="topics",
        summary="latent Dirichlet allocation: exact sampler or online variational Bayes",
        source="Blei, Ng & Jordan, JMLR 3, 2003; Magnusson et al., JCGS 2018; Hoffman et al., 2010",
    ),
    Entry(
        name="embedding-lda",
        class_name="EmbeddingLDA",
        module="polytopic.topics.lda.embedding_lda",
        family="topics",
        summary="LDA whose topic prior is log-linear in word vectors, for few or short documents",
        source="Mimno & McCallum, UAI 2008; Petterson et al., NeurIPS 2010",
    ),
    Entry(
        name="nmf",
        class_name="NMF",
        module="polytopic.topics.nmf.nmf",
        family="topics",
        summary="non-negative factors of tf-idf, by squares or divergence: the plain baseline",
        source="Lee & Seung, Nature 401, 1999; NIPS 2000; Cichocki & Phan, IEICE E92-A, 2009",
    ),
    Entry(
        name="hdp",
        class_name="HDP",
        module="polytopic.topics.lda.hdp",
        family="topics",
        summary="hierarchical Dirichlet process: LDA that finds its number of topics",
        source="Teh, Jordan, Beal & Blei, JASA 101, 2006; Terenin et al., EMNLP 2020",
    ),
    Entry(
        name="cluster-tm",
        class_name="ClusterTM",
        module="polytopic.topics.clusters.cluster_tm",
        family="topics",
        summary="clusters of document embeddings, described by class tf-idf",
        source="Grootendorst, arXiv:2203.05794, 2022; Sia, Dalmia & Mielke, EMNLP 2020",
    ),
    Entry(
        name="prodlda",
        class_name="ProdLDA",
        module="polytopic.topics.vae.prodlda",
        family="topics",
        extra="torch",
        summary="logistic-normal variational autoencoder, topics as a product of experts",
        source="Srivastava & Sutton, ICLR 2017, arXiv:1703.01488",
    ),
    Entry(
        name="dirichlet-vae",
        class_name="DirichletVAE",
        module="polytopic.topics.vae.dirichlet_vae",
        family="topics",
        extra="torch",
        summary="Dirichlet variational autoencoder with implicit gradients",
        source="Burkhardt & Kramer, JMLR 20(131), 2019; Figurnov et al., NeurIPS 2018",
    ),
    Entry(
        name="nvdm",
        class_name="NVDM",
        module="polytopic.topics.vae.nvdm",
        family="topics",
        extra="torch",
        summary="documents as Gaussian vectors, a softmax over their terms",
        source="Miao, Yu & Blunsom, ICML 2016, arXiv:1511.06038",
    ),
    Entry(
        name="gsm",
        class_name="GSM",
        module="polytopic.topics.vae.gsm",
        family="topics",
        extra="torch",
        summary="topic proportions as the softmax of a Gaussian, a mixture of topics",
        source="Miao, Grefenstette & Blunsom, ICML 2017, arXiv:1706.00359",
    ),
    Entry(
        name="neural-lda",
        class_name="NeuralLDA",
        module="polytopic.topics.vae.neural_lda",
        family="topics",
        extra="torch",
        summary="LDA's likelihood with an inference network",
        source="Srivastava & Sutton, ICLR 2017, arXiv:1703.01488",
    ),
    Entry(
        name="weibull-vae",
        class_name="WeibullVAE",
        module="polytopic.topics.vae.weibull_vae",
        family="topics",
        extra="torch",
        summary="Weibull variational autoencoder with a Gamma prior",
        source="Zhang, Chen, Guo & Zhou, ICLR 2018, arXiv:1803.01328",
    ),
    Entry(
        name="stick-breaking-vae",
        class_name="StickBreakingVAE",
        module="polytopic.topics.vae.stick_breaking_vae",
        family="topics",
        extra="torch",
        summary="stick-breaking variational autoencoder: a Dirichlet process, cut off",
        source="Nalisnick & Smyth, ICLR 2017, arXiv:1605.06197",
    ),
    Entry(
        name="etm",
        class_name="ETM",
        module="polytopic.topics.vae.etm",
        family="topics",
        extra="torch",
        summary="topics as vectors among word vectors",
        source="Dieng, Ruiz & Blei, TACL 2020, arXiv:1907.04907",
    ),
    Entry(
        name="ecrtm",
        class_name="ECRTM",
        module="polytopic.topics.vae.ecrtm",
        family="topics",
        extra="torch",
        summary="topics as centres of clusters of words, by optimal transport",
        source="Wu, Dong, Nguyen & Luu, ICML 2023, arXiv:2306.04217",
    ),
    Entry(
        name="combined-tm",
        class_name="CombinedTM",
        module="polytopic.topics.vae.combined_tm",
        family="topics",
        extra="torch",
        summary="counts and document embeddings at the encoder",
        source="Bianchi, Terragni & Hovy, ACL 2021, arXiv:2004.03974",
    ),
    Entry(
        name="zero-shot-tm",
        class_name="ZeroShotTM",
        module="polytopic.topics.vae.zero_shot_tm",
        family="topics",
        extra="torch",
        summary="document embeddings alone at the encoder",
        source="Bianchi et al., EACL 2021, arXiv:2004.07737",
    ),
    Entry(
        name="fastopic",
        class_name="FASTopic",
        module="polytopic.topics.transport.fastopic",
        family="topics",
        extra="torch",
        summary="transport among the embeddings of documents, topics and words",
        source="Wu, Nguyen, Zhang, Wang & Luu, NeurIPS 2024, arXiv:2405.17978",
    ),
    Entry(
        name="scholar",
        class_name="Scholar",
        module="polytopic.topics.vae.scholar",
        family="topics",
        extra="torch",
        summary="topics of documents with covariates and labels",
        source="Card, Tan & Smith, ACL 2018, arXiv:1705.09296",
    ),
    Entry(
        name="autoencoder",
        class_name="Autoencoder",
        module="polytopic.autoencoders.rows.ae",
        family="autoencoders",
        extra="torch",
        summary="rows of counts or real numbers through a narrow middle and back",
        source="Hinton & Salakhutdinov, Science 313, 2006; Baldi & Hornik, Neural Networks 2, 1989",
    ),
    Entry(
        name="denoising-autoencoder",
        class_name="DenoisingAutoencoder",
        module="polytopic.autoencoders.rows.ae",
        family="autoencoders",
        extra="torch",
        summary="restores rows that were spoilt: masked, noisy, or short of words",
        source="Vincent, Larochelle, Bengio & Manzagol, ICML 2008; JMLR 11, 2010",
    ),
    Entry(
        name="vae",
        class_name="VAE",
        module="polytopic.autoencoders.rows.vae",
        family="autoencoders",
        extra="torch",
        summary="rows as Gaussians over vectors with a standard normal prior",
        source="Kingma & Welling, ICLR 2014, arXiv:1312.6114; Burda et al., ICLR 2016",
    ),
    Entry(
        name="ntm",
        class_name="NTM",
        module="polytopic.topics.ntm.ntm",
        family="topics",
        summary="terms, as sums of word vectors, and documents scored by topics, by ranking",
        source="Cao, Li, Liu, Li & Ji, AAAI 2015",
    ),
    Entry(
        name="supervised-ntm",
        class_name="SupervisedNTM",
        module="polytopic.topics.ntm.supervised",
        family="topics",
        summary="NTM's topics led by documents' classes or numbers, which it foretells",
        source="Cao, Li, Liu, Li & Ji, AAAI 2015",
    ),
    Entry(
        name="sentence-vae",
        class_name="SentenceVAE",
        module="polytopic.autoencoders.sentences.sentence_vae",
        family="sentences",
        extra="torch",
        summary="sentences as Gaussians over vectors, said again word by word",
        source="Bowman et al., CoNLL 2016, arXiv:1511.06349",
    ),
    Entry(
        name="skipgram",
        class_name="SkipGram",
        module="polytopic.embeddings.skipgram",
        family="vectors",
        summary="word vectors: a word and its neighbours predict one another",
        source="Mikolov et al., NeurIPS 2013; arXiv:1301.3781",
    ),
    Entry(
        name="cbow",
        class_name="CBOW",
        module="polytopic.embeddings.cbow",
        family="vectors",
        summary="word vectors: the neighbours of a word, taken together, predict it",
        source="Mikolov et al., ICLR 2013, arXiv:1301.3781",
    ),
    Entry(
        name="fasttext",
        class_name="FastText",
        module="polytopic.embeddings.subwords.fasttext",
        family="vectors",
        summary="word vectors as means of character n-grams, for words that were never seen too",
        source="Bojanowski et al., TACL 2017, arXiv:1607.04606",
    ),
    Entry(
        name="doc2vec",
        class_name="Doc2Vec",
        module="polytopic.embeddings.documents.doc2vec",
        family="documents",
        summary="vectors of documents that predict their words",
        source="Le & Mikolov, ICML 2014, arXiv:1405.4053",
    ),
    Entry(
        name="fasttext-classifier",
        class_name="FastTextClassifier",
        module="polytopic.embeddings.subwords.classifier",
        family="classifiers",
        summary="labels of texts by the mean of rows of words and n-grams",
        source="Joulin et al., EACL 2017, arXiv:1607.01759",
    ),
    Entry(
        name="glove",
        class_name="GloVe",
        module="polytopic.embeddings.glove",
        family="vectors",
        summary="word vectors: dot products fitted to logarithms of co-occurrence counts",
        source="Pennington, Socher & Manning, EMNLP 2014",
    ),
    Entry(
        name="node-embedding",
        class_name="NodeEmbedding",
        module="polytopic.graphs.nodes",
        family="nodes",
        summary="source and target vectors of the nodes of a directed graph, from walks or edges",
        source="Tang et al., WWW 2015; Zhou et al., AAAI 2017; Khosla et al., ECML 2019",
    ),
    Entry(
        name="hope",
        class_name="HOPE",
        module="polytopic.graphs.hope",
        family="nodes",
        summary="source and target vectors of nodes as factors of a high-order proximity",
        source="Ou et al., KDD 2016",
    ),
    Entry(
        name="app",
        class_name="APP",
        module="polytopic.graphs.app",
        family="nodes",
        summary="source and target vectors of nodes from the ends of walks with restart",
        source="Zhou et al., AAAI 2017",
    ),
)

DEFAULT_TOPIC_MODEL = "dirichlet-vae"


def models(family: str | None = None) -> tuple[Entry, ...]:
    """Every model, or those of a family: the package's own, then those other packages add.

    >>> [entry.name for entry in models("sentences")]
    ['sentence-vae']
    """
    return tuple(e for e in every_entry(MODELS) if family in (None, e.family))


def find(name: str, family: str | None = None) -> Entry:
    """Look a model up by its name (``"prodlda"``) or its class name (``"ProdLDA"``).

    ``family``: look among models of this kind only.

    Raises
    ------
    InputError
        If there is no such model; the message lists those there are.

    >>> find("ProdLDA").name
    'prodlda'
    """
    for entry in every_entry(MODELS):
        if family in (None, entry.family) and name.lower() in entry.names:
            return entry
    names = ", ".join(entry.name for entry in models(family))
    raise InputError(f'model: there is no model "{name}". Choose one of: {names}.')


def load_class(entry: Entry) -> type:
    """Import the class of a row, after checking that the extra it needs is installed.

    Raises
    ------
    MissingExtraError
        If that is not installed.
    InputError
        If a row of another package leads to no estimator.
    """
    if entry.extra is not None:
        try:
            require(entry.extra, entry.class_name)
        except MissingExtraError as error:
            raise MissingExtraError(f"{error}{_others(entry)}") from None
    if entry not in MODELS:
        return added_class(entry)
    loaded = getattr(importlib.import_module(entry.module), entry.class_name)
    assert isinstance(loaded, type)
    return loaded


def _others(entry: Entry) -> str:
    """What serves without the extra of a topic model; nothing is said of other families."""
    if entry.family != "topics":
        return ""
    able = [other.name for other in models("topics") if other.extra is None]
    return f", or take a model without {entry.extra}: {', '.join(able)}"


def parameters_of(entry: Entry) -> Mapping[str, Parameter]:
    """What a model's constructor takes, by name; see :mod:`polytopic.parameters`."""
    from polytopic.parameters import Declared

    loaded = load_class(entry)
    assert issubclass(loaded, Declared)
    return loaded.declared()


def models_with(parameter: str) -> list[str]:
    """Names of the topic models that have a parameter, of those that can be loaded here."""
    able = []
    for entry in models("topics"):
        if entry.extra is not None and importlib.util.find_spec(entry.extra) is None:
            continue
        if parameter in inspect.signature(load_class(entry)).parameters:
            able.append(entry.name)
    return able
