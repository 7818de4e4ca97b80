"""What a run records and says of its own convergence (E38, E61, E62)."""

from __future__ import annotations

import numpy as np
import pytest

import numgan
from numgan import checkpoint
from numgan.run.convergence import COLUMNS, says_gap, says_norm, says_own, says_path
from numgan.run.loop import CHECKPOINT, resume

SMALL = {"steps": 40, "hidden": (8,), "batch": 16, "quiet": True}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "ring"
    return numgan.train("ring", spectrum=20, out=folder, penalty="r1", **SMALL)


def test_measuring_changes_nothing_and_repeats(run):
    """The same numbers twice; a run that was looked at has the bits of one that was not."""
    first, second = run.convergence(), run.convergence()
    assert str(first) == str(second)
    other = numgan.train("ring", penalty="r1", **SMALL)
    assert np.array_equal(other.training.theta_g, run.training.theta_g)
    assert other.training.rng.bit_generator.state == run.training.rng.bit_generator.state


def test_the_path_begins_where_the_run_began(run):
    """E61 at α = 0 is the field at the seed's first θ: its length is that of a run at step 0."""
    path = run.convergence().path
    assert path.alphas[0] == 0 and path.norms[0] > 0
    untrained = numgan.start("ring", hidden=(8,), batch=16)
    assert untrained.convergence().path is None


def test_what_is_recorded_is_saved_and_goes_on(run):
    """A row at steps 0, 20 and 40, in the checkpoint and after resuming."""
    stored = checkpoint.load(run.folder / CHECKPOINT)[0]["progress"]
    assert stored.shape == (3, len(COLUMNS)) and np.isfinite(stored).all()
    assert np.array_equal(resume(run.folder).progress, stored)
    assert stored[-1] == pytest.approx(run.convergence().measured.row())
    assert (run.folder / "spectrum.png").stat().st_size > 0


def test_a_checkpoint_from_before_there_was_a_record_goes_on(run, tmp_path):
    """Its rows are nan."""
    arrays, about = checkpoint.load(run.folder / CHECKPOINT)
    del arrays["progress"]
    (tmp_path / "config.json").write_bytes((run.folder / "config.json").read_bytes())
    checkpoint.save(tmp_path / CHECKPOINT, arrays, about)
    progress = np.array(resume(tmp_path).progress)
    assert progress.shape == (3, len(COLUMNS)) and np.isnan(progress).all()


def test_every_number_has_a_sentence_that_follows_it():
    """What is said turns with the number."""
    assert "not told from 0" in says_norm(0.1, 0.09) and "still move" in says_norm(1.0, 0.09)
    assert "no Nash" in says_own("D", np.array([-1.0, 0.5]))
    assert "is at an optimum" in says_own("D", np.array([-1.0, -0.5]))
    assert "gain at least that" in says_gap("G", 0.5, 0.1)
    assert "gain nothing" in says_gap("G", 0.1, 0.1)
    assert says_path(0.5, -0.5).startswith("+ to −") and "away" in says_path(-0.1, 0.1)
    assert "onward" in says_path(0.1, 0.2) and "back" in says_path(-0.1, -0.2)
