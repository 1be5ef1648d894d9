"""polytopic: neural topic models and word vectors in one package.

The public names are loaded on first use, so that importing the package is quick and needs
neither torch nor numba.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

if sys.version_info < (3, 11):  # noqa: UP036 (a clone is on the path of any Python)
    raise ImportError(
        f"polytopic needs Python 3.11 or newer; this is {sys.version.split()[0]} "
        f"({sys.executable}). Make an environment of a newer one: python3.11 -m venv .venv"
    )

from polytopic import forking as _forking  # noqa: F401  (from now on it looks at forks)
from polytopic import late as _late
from polytopic import registry as _registry  # text only: it loads nothing

__version__ = "0.2.0"

_MODULES = {
    "cli": "polytopic.cli",
    "errors": "polytopic.errors",
    "io": "polytopic.io",
    "judging": "polytopic.judging",
    "metrics": "polytopic.metrics",
    "registry": "polytopic.registry",
    "report": "polytopic.report",
    "simplex": "polytopic.simplex",
    "text": "polytopic.text",
    "topics": "polytopic.topics",
}

_NAMES = {
    "Corpus": "polytopic.text",
    "Vocabulary": "polytopic.text",
    "read": "polytopic.text",
    "ShardedCorpus": "polytopic.text",
    "shard": "polytopic.text",
    "TopicResult": "polytopic.result",
    "WordVectors": "polytopic.embeddings.vectors",
    "Phrases": "polytopic.text.phrase_book",
    "Collocations": "polytopic.text.phrases",
    "align_vectors": "polytopic.embeddings.alignment",
    "word_shift": "polytopic.embeddings.shift",
    "ppmi_vectors": "polytopic.embeddings.ppmi",
    "StaticEncoder": "polytopic.embeddings.documents.encoder",
    "SubwordVectors": "polytopic.embeddings.subwords.vectors",
    "Cooccurrence": "polytopic.embeddings.cooccurrence",
    "Graph": "polytopic.graphs.graph",
    "explore": "polytopic.exploring",
    "Comparison": "polytopic.comparing",
    "compare": "polytopic.comparing",
    "Judgement": "polytopic.judging",
    "judge": "polytopic.judging",
    "Consensus": "polytopic.ensembles",
    "consensus": "polytopic.ensembles",
    "TopicNumbers": "polytopic.ensembles",
    "choose_topics": "polytopic.ensembles",
    "update": "polytopic.updating",
    "warm_up": "polytopic.warming",
    "Update": "polytopic.updating",
    "TextCounts": "polytopic.bridges.text_counts",
    "coherence_scorer": "polytopic.bridges.scorers",
    "diversity_scorer": "polytopic.bridges.scorers",
    "perplexity_scorer": "polytopic.bridges.scorers",
    "load": "polytopic.persistence",
    "load_result": "polytopic.runs",
    "PolytopicError": "polytopic.errors",
    "InputError": "polytopic.errors",
    "InputTypeError": "polytopic.errors",
    "FileMissingError": "polytopic.errors",
    "CheckpointError": "polytopic.errors",
    "MethodMissingError": "polytopic.errors",
    "MissingExtraError": "polytopic.errors",
    "NotFittedModelError": "polytopic.errors",
    "CollapseWarning": "polytopic.errors",
    "ConvergenceWarning": "polytopic.errors",
    "EmptyDocumentsWarning": "polytopic.errors",
    "InterruptedFitWarning": "polytopic.errors",
    "NamingWarning": "polytopic.errors",
    "PluginWarning": "polytopic.errors",
    "TrackerWarning": "polytopic.errors",
    "UnseenTermsWarning": "polytopic.errors",
}

_MODELS = tuple(entry.class_name for entry in _registry.MODELS)

_late.bind(
    {
        "polytopic.embeddings.projection.write_figure": "polytopic.report.writing:write_figure",
        "polytopic.result.changed.ChangedRecord.refit": "polytopic.refitting:refit",
        "polytopic.persistence.load_vectors": "polytopic.embeddings.subwords.vectors:load_vectors",
        "polytopic.result.topic_result.TopicResult.report": "polytopic.report:write_report",
        "polytopic.result.topic_result.TopicResult.word_clouds": (
            "polytopic.report.clouds:write_word_clouds"
        ),
        "polytopic.simplex.check_prior": "polytopic.topics.from_vectors.priors:check_prior",
        "polytopic.simplex.from_vectors": "polytopic.topics.from_vectors.vectors:from_vectors",
        "polytopic.simplex.prior": "polytopic.topics.from_vectors.priors:prior",
    }
)

if TYPE_CHECKING:
    from polytopic import metrics as metrics
    from polytopic import simplex as simplex
    from polytopic.autoencoders.rows.ae import Autoencoder as Autoencoder
    from polytopic.autoencoders.rows.ae import DenoisingAutoencoder as DenoisingAutoencoder
    from polytopic.autoencoders.rows.vae import VAE as VAE
    from polytopic.autoencoders.sentences.sentence_vae import SentenceVAE as SentenceVAE
    from polytopic.bridges.scorers import coherence_scorer as coherence_scorer
    from polytopic.bridges.scorers import diversity_scorer as diversity_scorer
    from polytopic.bridges.scorers import perplexity_scorer as perplexity_scorer
    from polytopic.bridges.text_counts import TextCounts as TextCounts
    from polytopic.comparing import Comparison as Comparison
    from polytopic.comparing import compare as compare
    from polytopic.embeddings.alignment import align_vectors as align_vectors
    from polytopic.embeddings.cbow import CBOW as CBOW
    from polytopic.embeddings.cooccurrence import Cooccurrence as Cooccurrence
    from polytopic.embeddings.documents.doc2vec import Doc2Vec as Doc2Vec
    from polytopic.embeddings.documents.encoder import StaticEncoder as StaticEncoder
    from polytopic.embeddings.glove import GloVe as GloVe
    from polytopic.embeddings.ppmi import ppmi_vectors as ppmi_vectors
    from polytopic.embeddings.shift import word_shift as word_shift
    from polytopic.embeddings.skipgram import SkipGram as SkipGram
    from polytopic.embeddings.subwords.classifier import FastTextClassifier as FastTextClassifier
    from polytopic.embeddings.subwords.fasttext import FastText as FastText
    from polytopic.embeddings.subwords.vectors import SubwordVectors as SubwordVectors
    from polytopic.embeddings.vectors import WordVectors as WordVectors
    from polytopic.ensembles import Consensus as Consensus
    from polytopic.ensembles import TopicNumbers as TopicNumbers
    from polytopic.ensembles import choose_topics as choose_topics
    from polytopic.ensembles import consensus as consensus
    from polytopic.errors import InputError as InputError
    from polytopic.errors import PolytopicError as PolytopicError
    from polytopic.exploring import explore as explore
    from polytopic.graphs.app import APP as APP
    from polytopic.graphs.graph import Graph as Graph
    from polytopic.graphs.hope import HOPE as HOPE
    from polytopic.graphs.nodes import NodeEmbedding as NodeEmbedding
    from polytopic.judging import Judgement as Judgement
    from polytopic.judging import judge as judge
    from polytopic.persistence import load as load
    from polytopic.result import TopicResult as TopicResult
    from polytopic.runs import load_result as load_result
    from polytopic.text import Corpus as Corpus
    from polytopic.text import ShardedCorpus as ShardedCorpus
    from polytopic.text import Vocabulary as Vocabulary
    from polytopic.text import read as read
    from polytopic.text import shard as shard
    from polytopic.text.phrase_book import Phrases as Phrases
    from polytopic.text.phrases import Collocations as Collocations
    from polytopic.topics.clusters.cluster_tm import ClusterTM as ClusterTM
    from polytopic.topics.lda.embedding_lda import EmbeddingLDA as EmbeddingLDA
    from polytopic.topics.lda.hdp import HDP as HDP
    from polytopic.topics.lda.lda import LDA as LDA
    from polytopic.topics.nmf.nmf import NMF as NMF
    from polytopic.topics.ntm.ntm import NTM as NTM
    from polytopic.topics.ntm.supervised import SupervisedNTM as SupervisedNTM
    from polytopic.topics.transport.fastopic import FASTopic as FASTopic
    from polytopic.topics.vae.combined_tm import CombinedTM as CombinedTM
    from polytopic.topics.vae.dirichlet_vae import DirichletVAE as DirichletVAE
    from polytopic.topics.vae.ecrtm import ECRTM as ECRTM
    from polytopic.topics.vae.etm import ETM as ETM
    from polytopic.topics.vae.gsm import GSM as GSM
    from polytopic.topics.vae.neural_lda import NeuralLDA as NeuralLDA
    from polytopic.topics.vae.nvdm import NVDM as NVDM
    from polytopic.topics.vae.prodlda import ProdLDA as ProdLDA
    from polytopic.topics.vae.scholar import Scholar as Scholar
    from polytopic.topics.vae.stick_breaking_vae import StickBreakingVAE as StickBreakingVAE
    from polytopic.topics.vae.weibull_vae import WeibullVAE as WeibullVAE
    from polytopic.topics.vae.zero_shot_tm import ZeroShotTM as ZeroShotTM
    from polytopic.updating import Update as Update
    from polytopic.updating import update as update
    from polytopic.warming import warm_up as warm_up

__all__ = ["__version__", *_MODULES, *_NAMES, *_MODELS]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(_MODULES[name])
    if name in _NAMES:
        value = getattr(importlib.import_module(_NAMES[name]), name)
    elif name in _MODELS:
        value = _registry.load_class(_registry.find(name))
    else:
        raise AttributeError(f"module 'polytopic' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
