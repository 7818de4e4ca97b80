"""A race of rules at equal gradient evaluations:
    python -m tests.benchmarks.rules ring --evaluations 10000 --seeds 3 [--out FOLDER] [ROW …]

An evaluation is one gradient of both players on a minibatch. Products with the Jacobian count as
what they cost beside it (PRODUCTS, measured on the ring's networks). A pilot of PILOT iterations
counts them; the run has as many iterations as the budget allows, and the learning rate falls to 0
over them; θ̄, which is measured, averages over their last tenth. Networks are SMALL, so that a row
takes seconds of a core. Runs that the folder already holds are read from it. The table is in
Markdown.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

import numgan
from numgan.dynamics import GAME_RULES, GameField, Jacobian
from numgan.dynamics.jacobian import Transposed
from numgan.errors import InputError
from numgan.run.finite import Diverged

PILOT, PACED = 20, 60
SMALL = {"hidden": (64, 64), "batch": 128}
PRODUCTS = {  # in gradients
    (GameField, "gradients"): 1,
    (GameField, "cross"): 1,
    (Jacobian, "__matmul__"): 2,
    (Jacobian, "coupled"): 2,
    (Transposed, "__matmul__"): 5,
    (Transposed, "coupled"): 2,
}
# plain steps, in a zero-sum game: in the non-saturating one its linear system stalls
PLAIN = {"optimizer": "sgd", "lr": 0.1, "objective": "minimax"}
PAIRED = {"objective": "paired", "penalty": "r1,r2", "weight": (0.03, 0.03), "every": 4}

ROWS: dict[str, dict[str, Any]] = {
    "alternating": {},
    **{name: {"rule": name} for name, row in GAME_RULES.items() if not row.plain},
    "alternating, minimax, sgd": PLAIN,
    "competitive, minimax, sgd": {"rule": "competitive", **PLAIN},
    "alternating, paired, r1 + r2": PAIRED,
    "extragradient, paired, r1 + r2": {"rule": "extragradient", **PAIRED},
}
SHOWN = ("modes", "high quality", "reverse KL", "‖v‖", "iterations", "seconds of a core")


@contextmanager
def counted(total: list[float]) -> Iterator[None]:
    """Add to total[0] what is evaluated inside."""

    def tick(function: Any, cost: int) -> Any:
        def counting(*arguments: Any) -> Any:
            total[0] += cost
            return function(*arguments)

        return counting

    patches = [
        patch.object(kind, name, tick(getattr(kind, name), cost))
        for (kind, name), cost in PRODUCTS.items()
    ]
    for one in patches:
        one.start()
    try:
        yield
    finally:
        for one in patches:
            one.stop()


def cost(dataset: str, choices: dict[str, Any]) -> float:
    """Evaluations an iteration. An iteration of Algorithm 1 has one gradient of each player."""
    if "rule" not in choices:
        return 1.0
    if choices["rule"] == "past-extragradient":  # the one at w is for the record alone
        return 1.0
    total = [0.0]
    with counted(total):
        numgan.train(dataset, steps=PILOT, schedule="constant", quiet=True, **choices)
    return total[0] / PILOT


def pace(dataset: str, choices: dict[str, Any]) -> float:
    """Seconds of a core that an iteration takes, from PACED of them: a run's own time would depend
    on what else the machine does."""
    run = numgan.start(dataset, steps=10 * PACED, **choices)
    start = time.process_time()
    for _ in range(PACED):
        run.training.iteration()
    return (time.process_time() - start) / PACED


def length_of_field(run: Any, m: int = 4096) -> float:
    """‖v‖ where the players are, on m data and m samples, in double precision."""
    rng, training = np.random.default_rng([run.config.seed, 6]), run.training
    x = run.pairs.sample(m, rng).astype("float64")
    z = training.latents(m, rng).astype("float64")
    w = np.concatenate([training.theta_d, training.theta_g]).astype("float64")
    return float(np.linalg.norm(GameField(training.game, x, z)(w)))


def one(dataset: str, name: str, seed: int, evaluations: int, folder: Path) -> dict[str, float]:
    """The final numbers of a run; a run that diverged, or whose system is not solved, has why."""
    kept = folder / f"{dataset}-{evaluations}-{name.replace(' ', '')}-{seed}.json"
    if not kept.exists():
        choices = {**SMALL, **ROWS[name]}
        try:
            steps = int(evaluations / cost(dataset, choices))
            # θ̄ averages over the last tenth of a run, however few iterations that is
            choices["ema"] = max(0.0, 1 - 10 / steps)
            run = numgan.train(dataset, steps=steps, seed=seed, quiet=True, **choices)
        except (InputError, Diverged) as error:
            kept.write_text(json.dumps({"why": str(error)}))
            return {}
        told = {key: e.value for key, e in run.summary().metrics.items()}
        more = {"‖v‖": length_of_field(run), "iterations": steps}
        kept.write_text(json.dumps(told | more))
    return json.loads(kept.read_text())


def cell(values: list[float]) -> str:
    """mean ± standard error, to the digits that the error allows."""
    mean = float(np.mean(values))
    error = float(np.std(values, ddof=1)) / np.sqrt(len(values)) if len(values) > 1 else 0.0
    digits = max(0, 1 - int(np.floor(np.log10(error)))) if error else 0
    return f"{mean:.{digits}f} ± {error:.{digits}f}" if error else f"{mean:g}"


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("dataset")
    arguments.add_argument("rows", nargs="*", metavar="ROW", help="; ".join(ROWS))
    arguments.add_argument("--evaluations", type=int, default=10_000)
    arguments.add_argument("--seeds", type=int, default=3)
    arguments.add_argument("--out", type=Path, default=None)
    options = arguments.parse_args()
    folder = options.out or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    names = options.rows or list(ROWS)
    for seed in range(options.seeds):
        for name in names:
            one(options.dataset, name, seed, options.evaluations, folder)
    print("| rule | " + " | ".join(SHOWN) + " |\n|" + " --- |" * (len(SHOWN) + 1))
    for name in names:
        found = [
            one(options.dataset, name, seed, options.evaluations, folder)
            for seed in range(options.seeds)
        ]
        ended = [run for run in found if len(run) > 1]
        text = [cell([run[key] for run in ended]) if ended else "–" for key in SHOWN[:-1]]
        each = pace(options.dataset, {**SMALL, **ROWS[name]})
        text.append(f"{each * ended[0]['iterations']:.0f}" if ended else "–")
        lost = "" if len(ended) == len(found) else f" ({len(ended)} of {len(found)} came to an end)"
        print(f"| {name}{lost} | " + " | ".join(text) + " |", flush=True)
