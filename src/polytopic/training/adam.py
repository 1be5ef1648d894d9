"""Adam that visits only the rows a batch has touched, where gradients say which."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from polytopic.kernels.compiling import compiled

__all__ = ["RowwiseAdam"]


class RowwiseAdam(torch.optim.Adam):
    """Adam (Kingma & Ba, ICLR 2015); of a sparse gradient's tensor only its rows move.

    A row's moments and weights stay as they are while its gradient is zero, as in torch's
    SparseAdam, so that a step costs what the batch has touched and not what the vocabulary holds.
    Steps are counted for all rows together. Dense gradients go to torch's Adam as they are.
    """

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """One step, after ``closure`` where there is one, whose loss is given back."""
        with torch.enable_grad():
            loss = None if closure is None else closure()
        rows = [
            (group, parameter, parameter.grad)
            for group in self.param_groups
            for parameter in group["params"]
            if parameter.grad is not None and parameter.grad.is_sparse
        ]
        for _, parameter, _ in rows:
            parameter.grad = None
        super().step()
        for group, parameter, gradient in rows:
            parameter.grad = gradient
            self._step_rows(group, parameter, gradient.coalesce())
        return loss

    def _step_rows(self, group: dict[str, Any], parameter: Tensor, gradient: Tensor) -> None:
        state = self.state[parameter]
        if not state:
            state["step"] = torch.zeros((), dtype=torch.float32)
            state["exp_avg"] = torch.zeros_like(parameter)
            state["exp_avg_sq"] = torch.zeros_like(parameter)
        state["step"] += 1
        (first, second), count = group["betas"], float(state["step"])
        move_rows(
            gradient.indices()[0].numpy(),
            gradient.values().numpy(),
            state["exp_avg"].numpy(),
            state["exp_avg_sq"].numpy(),
            parameter.numpy(),
            np.array([first, second], dtype=np.float32),
            np.float32(group["lr"] / (1 - first**count)),
            np.float32((1 - second**count) ** -0.5),
            np.float32(group["eps"]),
        )


@compiled(fastmath=True)
def move_rows(
    rows: NDArray[np.int64],
    change: NDArray[np.float32],
    mean: NDArray[np.float32],
    square: NDArray[np.float32],
    weights: NDArray[np.float32],
    decays: NDArray[np.float32],
    rate: np.float32,
    scale: np.float32,
    epsilon: np.float32,
) -> None:
    """Adam's update of the rows named, shape (U,), whose gradients are ``change``, shape (U, E).

    ``rate`` and ``scale`` hold the corrections of the moments' start at zero.
    """
    first, second = decays[0], decays[1]
    for i in range(len(rows)):
        row = rows[i]
        for e in range(change.shape[1]):
            slope = change[i, e]
            m = mean[row, e] + (np.float32(1) - first) * (slope - mean[row, e])
            s = second * square[row, e] + (np.float32(1) - second) * slope * slope
            mean[row, e], square[row, e] = m, s
            weights[row, e] -= rate * m / (np.sqrt(s) * scale + epsilon)
