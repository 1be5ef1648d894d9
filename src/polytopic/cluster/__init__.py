"""Work on several processes or machines: pure tasks from file to file, on an existing engine."""

from polytopic.cluster.addresses import CLUSTER
from polytopic.cluster.crew import Crew, opened

__all__ = ["CLUSTER", "Crew", "opened"]
