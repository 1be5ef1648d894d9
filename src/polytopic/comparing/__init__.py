"""Models compared: models x seeds x corpora, each run once, kept when done, told with intervals."""

from polytopic.comparing.comparison import Comparison
from polytopic.comparing.plans import Plan, read_plan
from polytopic.comparing.running import compare, run_plan

__all__ = ["Comparison", "Plan", "compare", "read_plan", "run_plan"]
