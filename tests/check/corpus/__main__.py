"""Play the faults blind through numgan, PyTorch's gradcheck and JAX's check_grads:
    python -m tests.check.corpus [--held-out] [--verbose].

Each checker is given a function and its derivative, wrong or right, and nothing else. It has found
a fault if it rejects the wrong derivative, located it if it blames the wrong arrays and no others,
and named it if its sentence has the cause. A checker that is not installed is left out.
"""

from __future__ import annotations

import sys

from tests.check.corpus import CORPUS, players


def play(faults: list, verbose: bool) -> None:
    """Print a row for each checker, and with `verbose` a line for each fault."""
    print(f"{len(faults)} faults".ljust(24) + "found  located  named  misleading  false alarms")
    for name in ("numgan", "torch", "jax"):
        player = getattr(players, name)
        try:
            __import__(name)
        except ImportError:
            print(f"{name:22}  not installed")
            continue
        count = dict.fromkeys(("found", "located", "named", "misleading", "false"), 0)
        for fault in faults:
            verdict = player(fault, fault.wrong)
            alarm = player(fault, fault.right).found
            wrong = set(fault.arrays or players.names_of(fault))
            named = players.is_named(fault, verdict)
            misleading = players.is_misleading(fault, verdict)
            count["found"] += verdict.found
            count["located"] += verdict.found and verdict.arrays == wrong
            count["named"] += named
            count["misleading"] += misleading
            count["false"] += alarm
            if verbose and name == "numgan" and not (named and verdict.arrays == wrong):
                print(f"  {fault.title}: {'MISLEADING ' * misleading}{verdict.cause}")
                print(f"      {sorted(verdict.arrays)}, expected {sorted(wrong)}")
            if verbose and alarm:
                print(f"  {name} on the corrected twin of: {fault.title}")
        shares = [f"{100 * n / len(faults):.0f} %" for n in count.values()]
        print(name.ljust(22) + "{:>7}{:>9}{:>7}{:>12}{:>14}".format(*shares))


if __name__ == "__main__":
    if "--held-out" in sys.argv:
        from tests.check.corpus.held_out import HELD_OUT

        play(HELD_OUT, "--verbose" in sys.argv)
    else:
        play(CORPUS, "--verbose" in sys.argv)
