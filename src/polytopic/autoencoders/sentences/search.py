"""From a code to words: greedy, by sampling, or by beam search."""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from polytopic.autoencoders.sentences.module import SentenceDecoder
from polytopic.autoencoders.sentences.words import END

__all__ = ["beam", "draw"]


def draw(
    decoder: SentenceDecoder, h: Tensor, longest: int, *, temperature: float,
    generator: Generator | None, forbidden: Tensor,
) -> list[list[int]]:  # fmt: skip
    """Words until the end of each sentence, at most ``longest``.

    ``generator``: None takes the likeliest word at each step, else each word is drawn from
    p^(1 / temperature). ``forbidden``: numbers of words never taken.
    """
    state, cell = decoder.begin(h)
    words = torch.full((len(h),), END, device=h.device)
    taken = []
    over = torch.zeros(len(h), dtype=torch.bool, device=h.device)
    for _ in range(longest):
        logs, state, cell = decoder.follow(h, words, state, cell)
        logs[:, forbidden] = -torch.inf
        if generator is None:
            words = logs.argmax(1)
        else:
            shares = torch.softmax(logs / temperature, 1)
            words = torch.multinomial(shares, 1, generator=generator).squeeze(1)
        words = words.masked_fill(over, END)
        over = over | (words == END)
        taken.append(words)
        if bool(over.all()):
            break
    return [_until_end(row) for row in torch.stack(taken, 1).tolist()]


def beam(
    decoder: SentenceDecoder, h: Tensor, longest: int, *, width: int, forbidden: Tensor
) -> tuple[list[int], float]:
    """The likeliest sentence found for one code, h of shape (1, E), and its log p(x | h).

    The ``width`` best beginnings are kept at each step; log p is not divided by the length. A
    beginning of ``longest`` words must end. With a width of V^T the search is exhaustive.
    """
    state, cell = decoder.begin(h)
    scores = h.new_zeros(1)
    beginnings: list[list[int]] = [[]]
    best: tuple[list[int], float] = ([], -torch.inf)
    for length in range(longest + 1):
        words = torch.tensor([b[-1] if b else END for b in beginnings], device=h.device)
        logs, state, cell = decoder.follow(h.expand(len(words), -1), words, state, cell)
        logs[:, forbidden] = -torch.inf
        totals = scores.unsqueeze(1) + logs
        top = int(totals[:, END].argmax())
        if float(totals[top, END]) > best[1]:
            best = (beginnings[top], float(totals[top, END]))
        totals[:, END] = -torch.inf
        scores, places = totals.flatten().topk(min(width, totals.numel()))
        alive = scores > best[1]
        if length == longest or not bool(alive.any()):
            break
        scores, places = scores[alive], places[alive]
        parents, nexts = places // totals.shape[1], places % totals.shape[1]
        state, cell = state[parents], cell[parents]
        pairs = zip(parents.tolist(), nexts.tolist(), strict=True)
        beginnings = [[*beginnings[parent], word] for parent, word in pairs]
    return best


def _until_end(words: list[int]) -> list[int]:
    return words[: words.index(END)] if END in words else words
