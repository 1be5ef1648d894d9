"""The laboratory: experiments that try to break the package, and count how often they did.

``python -m lab list`` names the experiments, ``python -m lab NAME --help`` tells their options, and
``python -m lab short`` runs the short form of each, as continuous integration does. An experiment
prints "NAME: N tried, M failed", what failed, and with ``--json FILE`` writes the same as JSON.

Where to put what
-----------------
``experiments/NAME.py``
    One experiment: ``DESCRIPTION``, ``arguments(parser)``, ``run(options) -> Outcome`` and
    ``SHORT``, the arguments of its short form (a list of argument lists; seconds, not minutes).
``targets/*.py``
    What ``fuzz`` reads: each file has a list ``TARGETS`` of :class:`lab.fuzzing.target.Target`.
``fuzzing/``
    How mutants are made, and how one is tried in a process of its own that may die.
``breaking/``
    Commands on tiny data, a process forked for each try, and hooks at every event of a file:
    what ``kill`` and ``disk`` share.
``outcome.py``
    What an experiment gives back.
"""
