"""Mutants of small valid files through every reader: each is read, or refused in one line.

``python -m lab fuzz list`` names the targets; ``python -m lab fuzz csv -n 100000`` tries one,
``all`` tries every one. ``--crashers FOLDER`` keeps the first input of each kind of failure, and
``--case NUMBER`` tries one again with its whole traceback. ``--guided SECONDS`` lets atheris, where
it is installed, look for inputs that reach new code.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from lab.fuzzing.running import make_case, make_seeds, run_target
from lab.fuzzing.target import Target, write_content
from lab.outcome import Outcome
from lab.targets import all_targets

DESCRIPTION = "mutated files through every reader"
SHORT = [["all", "-n", "100"]]


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", help='a target, "all", or "list"')
    parser.add_argument("-n", type=int, default=10_000, help="mutants a target")
    parser.add_argument("--seed", type=int, default=0, help="another seed gives other mutants")
    parser.add_argument("--start", type=int, default=0, help="the first mutant's number")
    parser.add_argument("--crashers", type=Path, help="keep the first of each kind of failure here")
    parser.add_argument("--case", type=int, help="try this one alone, and show its traceback")
    parser.add_argument("--guided", type=float, metavar="SECONDS", help="let atheris guide")


def run(options: argparse.Namespace) -> Outcome:
    targets = all_targets()
    if options.target == "list":
        print("\n".join(targets))
        return Outcome("fuzz")
    if options.target != "all" and options.target not in targets:
        raise SystemExit(f'fuzz: no target "{options.target}". There are: {", ".join(targets)}.')
    chosen = list(targets.values()) if options.target == "all" else [targets[options.target]]
    if options.case is not None:
        return _one(chosen[0], options.case, options.seed)
    if options.guided is not None:
        from lab.fuzzing.guiding import run_guided

        return _together([run_guided(t, options.guided, options.crashers) for t in chosen])
    outcomes = []
    for target in chosen:
        outcome = run_target(
            target,
            -(-options.n // target.divided),
            seed=options.seed,
            start=options.start,
            keep=options.crashers,
        )
        outcomes.append(outcome)
        if len(chosen) > 1:
            print(outcome.sentence(), flush=True)
    return _together(outcomes)


def _one(target: Target, number: int, seed: int) -> Outcome:
    target.warm()
    content = make_case(target, make_seeds(target), number, seed)
    with tempfile.TemporaryDirectory() as folder:
        print(repr(target.read(write_content(content, Path(folder)))))
    return Outcome(f"fuzz {target.name}", 1)


def _together(outcomes: list[Outcome]) -> Outcome:
    if len(outcomes) == 1:
        return outcomes[0]
    whole = Outcome("fuzz", sum(outcome.tried for outcome in outcomes))
    for outcome in outcomes:
        whole.failures += outcome.failures
        whole.facts[outcome.name] = f"{outcome.tried:,} tried, {len(outcome.failures):,} failed"
    return whole
