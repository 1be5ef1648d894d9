"""The one training loop: schedules, early stopping, checkpoints, progress, interruption."""

from polytopic.training.loop import Outcome, Trainer
from polytopic.training.schedules import one_cycle, warm_up

__all__ = ["Outcome", "Trainer", "one_cycle", "warm_up"]
