"""Work on several processes or machines: pure tasks from file to file, on an existing engine."""

from polytopic.cluster.addresses import CLUSTER
from polytopic.cluster.crew import Advice, Crew, opened, remove_left

__all__ = ["CLUSTER", "Advice", "Crew", "opened", "remove_left"]
