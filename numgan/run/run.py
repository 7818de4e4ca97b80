"""A run: a training, its records, and the methods that inspect and continue it.

The command line and Python use the same object. The imports of the methods in the second half,
such as matplotlib, stand inside them.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from numgan.backend import Array, generator, to_device, to_host
from numgan.data import Dataset
from numgan.data.smooth import Smoothed
from numgan.errors import InputError
from numgan.game import DiscriminatorStep, GeneratorStep
from numgan.layers.functions import sigmoid
from numgan.network import Network
from numgan.run.build import build, networks, schedules
from numgan.run.config import Config
from numgan.run.inmemory import InMemory
from numgan.run.measure import headline
from numgan.run.options import Whole
from numgan.training import Training

if TYPE_CHECKING:
    from numgan.run.convergence import Convergence
    from numgan.run.summary import Summary

EACH = 10  # samples of each class in the picture of a conditional run
COLUMNS = ("step", "V", "V_g", "D_real", "D_fake", "norm_d", "norm_g")


@dataclass(repr=False, eq=False)
class Run:
    """A training, and what has been written down of it: rows of numbers and frames of samples.

    The training lives on the device; whatever looks at it takes and gives arrays of the host.

        >>> import numgan
        >>> run = numgan.train("gaussian", steps=20, hidden=(4,), quiet=True)
        >>> run
        <Run of gaussian: 20 of 20 iterations>
        >>> run.sample(3).shape, run.D(run.sample(3)).shape, run.metrics["V"].shape
        ((3, 1), (3,), (20,))
        >>> run.more(10, quiet=True)
        <Run of gaussian: 30 of 30 iterations>
    """

    config: Config
    folder: Path | None  # None: in memory alone
    data: Dataset
    device: str = "cpu"
    given: InMemory | None = None  # the data, if no file holds them
    # the data of the game: the data set, or [x | c] if it is conditional
    pairs: Dataset = field(init=False)
    there: Dataset = field(init=False)  # the same on the device, the source of minibatches
    training: Training = field(init=False)
    rows: list[tuple[float, ...]] = field(default_factory=list)
    frames: list[np.ndarray] = field(default_factory=list)
    frame_steps: list[int] = field(default_factory=list)
    saved: int = 0  # the step of the last checkpoint
    # of the programs that wrote the checkpoint, if known
    versions: dict[str, str] = field(default_factory=dict)
    # one every config.spectrum steps, from step 0 on
    spectra: list[np.ndarray] = field(default_factory=list)
    # at the same steps, a row of convergence.COLUMNS
    progress: list[np.ndarray] = field(default_factory=list)
    last: tuple[DiscriminatorStep, GeneratorStep] | None = None  # of the last iteration
    # (i, n): until step i, the run had n steps
    ends: list[tuple[int, int]] = field(default_factory=list)
    by_hand: tuple[int, int] = (0, 0)  # steps of D and of G outside iterations
    # True if settings were changed during the run, so that `config` does not describe all steps
    changed: bool = False

    def __post_init__(self) -> None:
        self.pairs = self.data.conditional() if self.config.conditional else self.data
        source = self.pairs.source.on(self.device)
        if self.config.smooth and self.data.columns is not None and self.data.columns.free:
            rows = source.rows  # type: ignore[union-attr]
            source = Smoothed(rows, source.dtype, self.config.smooth, self.data.columns.free)
        self.there = replace(self.pairs, source=source)
        self.training = build(self.config, self.data, self.there, self.device)
        self.schedules = self.training.optimizer_d.eta, self.training.optimizer_g.eta

    @property
    def metric(self) -> str:
        return headline(self.data)

    def columns(self) -> dict[str, np.ndarray]:
        """The rows so far, one vector for each column; nan where the metric was not measured."""
        table = np.array(self.rows, dtype=np.float64).reshape(len(self.rows), len(COLUMNS) + 1)
        return dict(zip((*COLUMNS, self.metric), table.T, strict=True))

    def latents(self, n: int, part: int) -> np.ndarray:
        """n latents that depend only on the seed and `part`: inspecting a run must not change its
        generator.
        """
        return self.drawn(n, [self.config.seed, part])

    def drawn(self, n: int, seed: Any) -> np.ndarray:
        """n latents of a seed, the same on each device."""
        return to_host(self.training.latents(n, generator(self.device, seed)))

    def generate(self, z: np.ndarray) -> np.ndarray:
        """The averaged generator's output for z: samples, or [x | c] in a conditional run."""
        return self.outside(self.training.game.G, self.training.theta_bar, z)

    def logits(self, x: np.ndarray) -> np.ndarray:
        """D's logits for x, or for [x | c] in a conditional run: a (n, 1)."""
        return self.outside(self.training.game.D, self.training.theta_d, x)

    def outside(self, network: Network, theta: Array, x: np.ndarray) -> np.ndarray:
        """A player's map in evaluation mode, computed on the device; input and output are on the
        host.
        """
        return to_host(network.evaluation().each(theta, to_device(x, self.device)))

    def samples(self, n: int, part: int) -> np.ndarray:
        """n samples of the averaged generator, (n, dim), without their classes."""
        return self.generate(self.latents(n, part))[:, : self.data.dim]

    def asked(self, part: int) -> Callable[[int], np.ndarray] | None:
        """The classes of the n samples of a part, as a function of n; None for a run without
        classes.
        """
        if self.training.classes is None:
            return None
        K = self.training.classes.shape[1]
        return lambda n: self.latents(n, part)[:, -K:].argmax(axis=1)

    def exhibits(self, part: int) -> np.ndarray:
        """The samples for a picture: points, or a sheet of images. A conditional run has one row
        for each class, and the same EACH latents in each row.
        """
        if self.training.classes is None:
            return self.samples(64 if self.data.image_shape else 2500, part)
        K = self.training.classes.shape[1]
        z = np.tile(self.latents(EACH, part), (K, 1))
        z[:, -K:] = np.eye(K).repeat(EACH, axis=0)
        return self.generate(z)[:, : self.data.dim]

    # ── training on ──────────────────────────────────────────────────────────────────────────────

    def schedule(self) -> None:
        """Set the schedules to the configuration's length, except one that was set by hand; and the
        fall of D's noise.
        """
        before, self.schedules = self.schedules, schedules(self.config)
        for optimizer, old, new in zip(
            (self.training.optimizer_d, self.training.optimizer_g),
            before,
            self.schedules,
            strict=True,
        ):
            if optimizer.eta is old:
                optimizer.eta = new
        if self.config.instance_noise:
            game = self.training.game
            _, D = networks(self.config, self.data, game.classes)
            self.training.game = replace(game, D=D)

    def step(self) -> dict[str, float]:
        """One iteration of Algorithm 1: k ascents of D (E31), one descent of G (E32), recorded as
        in `numgan train`. The row of numbers, empty if none was due. Raises InputError at the run's
        end, where the schedule has reached 0.
        """
        from numgan.run.loop import iteration

        if self.training.iterations >= self.config.steps:
            raise InputError(
                f"the run has come to its end, step {self.config.steps}: run.more(n) goes on"
            )
        return iteration(self)

    def step_d(self) -> DiscriminatorStep:
        """One ascent of D alone on fresh x and z (E31); it is not counted as an iteration."""
        self.by_hand = self.by_hand[0] + 1, self.by_hand[1]
        return self.training.discriminator_step()

    def step_g(self) -> GeneratorStep:
        """One descent of G alone on fresh z (E32); it is not counted as an iteration."""
        self.by_hand = self.by_hand[0], self.by_hand[1] + 1
        return self.training.generator_step()

    def more(
        self, n: int, callback: Callable[[Run], Any] | None = None, quiet: bool = False
    ) -> Run:
        """Train n iterations more, and return the run. Within the run's length, these are the
        iterations that it had left. Otherwise the end moves to n steps from now, and η falls to 0
        there along the schedule of the new length, so the bits differ from those of a run planned
        with this length. A run with a folder is saved there. Ctrl-C returns the run at its current
        step.
        """
        from numgan.run.claim import held
        from numgan.run.loop import extend
        from numgan.run.python import drive

        Whole(1).check("n", plain_number(n))
        extend(self, n)
        with nullcontext() if self.folder is None else held(self.folder):
            return drive(self, self.training.iterations + n, callback, quiet)

    def save(self, folder: str | Path | None = None) -> Path:
        """Write a run folder for `numgan train --out FOLDER --resume`, `sample` and `report`, and
        return its path. Without an argument, it is the folder that the run already has. Data from
        memory are written too. From then on the folder belongs to the run, and `more` saves there.

        Raises InputError if the folder holds another run, or if the run's data are a Dataset made
        in Python, or an array or frame that has changed since.
        """
        from numgan.run import begin, loop
        from numgan.run.claim import claimed, held
        from numgan.run.finite import check_whole
        from numgan.run.python import folder_named

        check_whole(self.training, self.last)
        place = self.folder if folder is None else folder_named("folder", folder)
        if place is None:
            raise InputError("the run has no folder yet: name one, as in run.save('runs/mine')")
        if self.folder is not None and place.resolve() == self.folder.resolve():
            with held(self.folder):
                loop.save(self)
            return self.folder
        with claimed(place, self.config.dataset):
            begin.settle(self, place)
        return place

    # ── samples, and what D says ─────────────────────────────────────────────────────────────────

    @property
    def names(self) -> tuple[str, ...] | None:
        """The names of the data's columns, and so of the samples'; None if they have none."""
        return None if self.data.form is None else self.data.form.names

    def sample(self, n: int = 1, seed: int = 0, classes: Any = None) -> np.ndarray:
        """n samples of the averaged generator, (n, dim) or (n, H, W, C), in the units and the type
        of the data, equal to those of `numgan sample -n N --seed SEED`. In a conditional run,
        `classes` is one class for all samples or one for each, as the data name them; by default
        they are drawn with the data's frequencies. Raises InputError for an unknown class or too
        many samples.
        """
        from numgan.run.samples import latents_of

        x = self.generate(latents_of(self, n, seed, classes))[:, : self.data.dim]
        rows = self.data.stored(x)
        return rows.reshape(-1, *self.data.image_shape) if self.data.image_shape else rows

    def frame(self, n: int = 1, seed: int = 0, classes: Any = None) -> Any:
        """The same samples as a frame, of the library of the data's frame, else of pandas. Whole
        numbers and words have their original types; in a conditional run the class is the last
        column. Raises InputError for images, and if the library is missing.
        """
        from numgan.run.samples import frame_of

        return frame_of(self, n, seed, classes)

    def logit(self, x: Any, classes: Any = None) -> np.ndarray:
        """a(x), (n,), in evaluation mode, for x (n, …) in the units of the data; in a conditional
        run with the class of each.
        """
        from numgan.run.samples import judged

        return self.logits(judged(self, x, classes))[:, 0]

    def D(self, x: Any, classes: Any = None) -> np.ndarray:
        """D(x) = σ(a(x)), (n,): D's estimate of the probability that x is data (E18 at the
        optimum).
        """
        return sigmoid(self.logit(x, classes))

    # ── what has come of it ──────────────────────────────────────────────────────────────────────

    @property
    def metrics(self) -> dict[str, np.ndarray]:
        """The records, one vector for each name: step, V, V_g, D_real, D_fake, norm_d, norm_g, and
        the metric of the data, nan where it was not measured.
        """
        return self.columns()

    def summary(self) -> Summary:
        """The game at this step compared with its theoretical optimum, and the metrics, with
        errors.
        """
        from numgan.run.summary import summarize

        return summarize(self)

    def convergence(self) -> Convergence:
        """What the run says of its own convergence at this step, with a sentence to each number:
        ‖v‖, the eigenvalues of the game and of each player alone (E38), the path-angle (E61), the
        duality gap (E62). Takes some hundred gradients, and changes nothing of the run."""
        from numgan.run.convergence import measure_convergence

        return measure_convergence(self)

    def plot(self) -> Any:
        """Samples over data, and the curves of both players: a matplotlib Figure."""
        from numgan.run.picture import plot

        return plot(self)

    def weights(self, player: str = "G_bar") -> dict[str, np.ndarray]:
        """θ of "G", of "D" or of the averaged generator "G_bar", one array for each name, as
        `Network.weights` returns them; on the host.
        """
        players = {"G": "theta_g", "G_bar": "theta_bar", "D": "theta_d"}
        if player not in players:
            raise InputError(f"player must be one of {', '.join(players)}, got {player!r}")
        network = getattr(self.training.game, player[0])
        return network.weights(to_host(getattr(self.training, players[player])).copy())

    @property
    def title(self) -> str:
        """What the run learns: the data set, or the user's file."""
        return Path(self.config.data).name if self.config.data else self.config.dataset

    def __repr__(self) -> str:
        done, steps = self.training.iterations, self.config.steps
        return f"<Run of {self.title}: {done:,} of {steps:,} iterations>"

    def _repr_html_(self) -> str:
        from numgan.html import of_run

        return of_run(self)


def plain_number(value: Any) -> Any:
    """A NumPy number as a Python number; anything else unchanged."""
    return value.item() if isinstance(value, np.generic) else value
