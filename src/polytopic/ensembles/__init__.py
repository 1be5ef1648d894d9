"""Many fits of one model: a consensus of seeds, and how many topics a corpus has."""

from __future__ import annotations

from polytopic.ensembles.agreeing import Consensus, consensus
from polytopic.ensembles.choosing import TopicNumbers, choose_topics

__all__ = ["Consensus", "TopicNumbers", "choose_topics", "consensus"]
