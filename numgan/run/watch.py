"""What is shown of a run as it trains."""

from __future__ import annotations

from collections.abc import Callable

from numgan.progress import Progress
from numgan.run.run import Run


def watcher(run: Run, bar: Progress) -> Callable[[dict[str, float]], None]:
    """A function to call after each iteration; it shows V, the mean D on data and samples, and the
    last value of the metric.
    """
    shown: dict[str, str] = {}

    def watch(row: dict[str, float]) -> None:
        if row:
            shown.update(
                {
                    "V": f"{row['V']:.3f}",
                    "D(x)": f"{row['D_real']:.2f}",
                    "D(G)": f"{row['D_fake']:.2f}",
                }
            )
            if row[run.metric] == row[run.metric]:
                shown[run.metric] = f"{row[run.metric]:.4g}"
        bar.advance(", ".join(f"{name} {value}" for name, value in shown.items()) if row else "")

    return watch
