"""Runs from Python: the same bits as the command line's, what one may ask of a run, and what is
refused, in one line each."""

import dataclasses
import inspect
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import numgan
from numgan import Adam, BatchNorm, Dense, InputError, LeakyReLU, Network, checkpoint
from numgan.cli import main
from numgan.data import dataset
from numgan.run import loop, python, train_command
from numgan.run.config import Config
from tests.frames import Frame

SMALL = {"steps": 20, "batch": 8, "hidden": (4,), "latent": 1}
ARGUMENTS = "--steps 20 --batch 8 --hidden 4 --latent 1 --quiet".split()
QUIET = {**SMALL, "quiet": True}
ROWS = np.random.default_rng(0).normal([5, -2, 100], [1, 2, 30], (60, 3))
KINDS = np.array(["cat", "dog", "eel"] * 20)


@pytest.fixture(scope="module", autouse=True)
def in_short():
    """Few frames, and no pictures and no measures that nobody looks at."""
    with pytest.MonkeyPatch.context() as patch:
        for name, times in (("FRAMES", 2), ("METRICS", 1), ("SAVES", 2)):
            patch.setattr(loop, name, times)
        for module in (train_command, python):
            patch.setattr(module, "draw", lambda run: [])
        unmeasured = SimpleNamespace(doubt=lambda: "")
        patch.setattr(train_command, "summarize", lambda run: unmeasured)
        yield


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def ring():
    return numgan.train("ring", **QUIET)


WHOLE = [(7 * i) % 61 for i in range(60)]  # whole numbers that number no rows


def frame(**more):
    return Frame({"a": ROWS[:, 0].tolist(), "n": WHOLE, **more})


def bits(run):
    training = run.training
    return [x.tobytes() for x in (training.theta_d, training.theta_g, training.theta_bar)]


def table(run):
    return np.array(run.rows, dtype="float64").tobytes()


def stored(folder):
    arrays, _ = checkpoint.load(Path(folder) / "checkpoint.npz")
    return [arrays[name].tobytes() for name in ("theta_d", "theta_g", "theta_bar")]


# ── the same run as the command line's ────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "options", "choices"),
    [
        ("ring", ["--seed", "3"], {"seed": 3}),
        ("grid", ["--penalty", "none", "--learning-rate", "1e-3"], {"penalty": None, "lr": 1e-3}),
        ("gaussian", ["--mean=-1", "--std", "2"], {"mean": -1.0, "std": np.float64(2)}),
        (
            "digits",
            ["--conditional", "--objective", "WGAN"],
            {"conditional": True, "objective": "WGAN"},
        ),
    ],
)
def test_same_seed_same_bits_as_the_command(name, options, choices):
    run = numgan.train(name, **QUIET, **choices)
    assert os.listdir() == []  # without out nothing is written
    assert main(["train", name, "--out", "run", *ARGUMENTS, *options]) == 0
    assert bits(run) == stored("run")
    loaded = numgan.load("run")
    assert loaded.config == run.config and table(loaded) == table(run)
    assert np.array_equal(loaded.sample(5, seed=2), run.sample(5, seed=2))


def test_out_leaves_the_folder_of_the_command():
    numgan.train("ring", out="here", **QUIET)
    assert main(["train", "ring", "--out", "there", *ARGUMENTS]) == 0
    for name in ("config.json", "metrics.csv", "checkpoint.npz"):
        assert Path("here", name).read_bytes() == Path("there", name).read_bytes()
    with pytest.raises(InputError, match="here holds another run"):
        numgan.train("ring", out="here", **QUIET)


def test_every_field_of_the_configuration_is_a_keyword():
    for function in (numgan.train, numgan.start, numgan.iterations):
        keywords = inspect.signature(function).parameters
        for field in dataclasses.fields(Config):
            assert field.name in keywords
            assert field.name == "dataset" or f"    {field.name}: " in function.__doc__


def test_epochs_and_batches_are_those_of_the_command():
    run = numgan.start(ROWS, epochs=3, hidden=(4,))
    assert (run.config.batch, run.config.steps) == (32, 5)  # 48 of 60 rows to train on: ⌈3·48/32⌉


def test_images_and_laws_have_no_frame(ring):
    with pytest.raises(InputError, match="a frame is for rows of your own"):
        ring.frame(3)


def test_samples_are_those_of_the_command(ring):
    ring.save("run")
    assert main(["sample", "run", "-n", "7", "--seed", "5", "-o", "s.npy"]) == 0
    assert np.array_equal(np.load("s.npy"), ring.sample(7, seed=5))
    ring.folder = None


# ── driving it ────────────────────────────────────────────────────────────────────────────────────


def test_an_iterator_steps_and_parts_give_the_same_bits(ring):
    steps = [run.training.iterations for run in numgan.iterations("ring", **SMALL)]
    assert steps == list(range(1, 21))
    by_hand = numgan.start("ring", **SMALL)
    for _ in range(20):
        by_hand.step()
    parts = numgan.start("ring", **SMALL).more(7, quiet=True).more(13, quiet=True)
    assert bits(by_hand) == bits(parts) == bits(ring)
    assert table(by_hand) == table(parts) == table(ring) and not parts.ends
    with pytest.raises(InputError, match=r"step 20: run.more\(n\) goes on"):
        by_hand.step()


def test_a_callback_sees_each_iteration_and_changes_nothing(ring):
    seen = []
    run = numgan.train("ring", callback=lambda run: seen.append(run.sample(1)), **QUIET)
    assert len(seen) == 20 and bits(run) == bits(ring)


def test_more_beyond_the_end_is_saved_and_goes_on():
    run = numgan.train("ring", out="run", **QUIET)
    run.more(15, quiet=True)
    assert (run.training.iterations, run.config.steps, run.ends) == (35, 35, [(20, 20)])
    # linear from 1 at 0 to 0 at 35
    assert run.training.optimizer_g.eta(20) == pytest.approx(1e-3 * 15 / 35, rel=1e-12)
    loaded = numgan.load("run")
    assert bits(loaded) == bits(run) and table(loaded) == table(run) and loaded.ends == run.ends
    assert main(["train", "--out", "run", "--resume", "--quiet"]) == 0
    run.training.optimizer_g.eta = 1e-4  # by hand: it stays
    assert run.more(5, quiet=True).training.optimizer_g.eta(37) == 1e-4
    assert numgan.load("run").more(3, quiet=True).training.iterations == 43


def test_a_kill_between_the_two_files_of_a_longer_run_loses_nothing():
    run = numgan.train("ring", out="run", **QUIET)
    before = Path("run/config.json").read_bytes()
    run.more(5, quiet=True)
    Path("run/config.json").write_bytes(before)
    assert numgan.load("run").config.steps == 25


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ends", [[30, 40]]),
        ("ends", [[5]]),
        ("ends", 7),
        ("ends", [[9, 3]]),
        ("by_hand", [1]),
        ("by_hand", [1, -1]),
        ("by_hand", [True, 0]),
        ("by_hand", [3, 0]),
    ],
)
def test_what_a_checkpoint_says_of_ends_and_steps_by_hand_is_checked(ring, name, value):
    ring.save("run")
    ring.folder = None
    arrays, about = checkpoint.load(Path("run/checkpoint.npz"))
    checkpoint.save(Path("run/checkpoint.npz"), arrays, about | {name: value})
    with pytest.raises(InputError, match="checkpoint.npz: "):
        numgan.load("run")


@pytest.mark.parametrize("objective", ["nonsaturating", "relativistic"])
@pytest.mark.parametrize("half", ["step_d", "step_g"])
def test_steps_of_one_player_move_that_player_alone_and_can_be_saved(half, objective):
    run = numgan.start(ROWS, objective=objective, **SMALL)
    d, g, _ = bits(run)
    getattr(run, half)()
    assert (bits(run)[0] != d, bits(run)[1] != g) == (half == "step_d", half == "step_g")
    assert run.training.iterations == 0
    run.save("run")
    loaded = numgan.load("run")
    assert loaded.by_hand == run.by_hand and bits(loaded) == bits(run)
    loaded.step(), run.step()
    assert bits(loaded) == bits(run)


@pytest.mark.parametrize("how", ["signal", "exception"])
def test_ctrl_c_returns_the_run_as_it_stands(how, capsys, ring):
    def interrupt(run):
        if run.training.iterations == 7:
            if how == "exception":
                raise KeyboardInterrupt
            signal.raise_signal(signal.SIGINT)

    run = numgan.train("ring", callback=interrupt, **QUIET)
    assert run.training.iterations == 7
    assert "interrupted after step 7: run.more(13) goes on" in capsys.readouterr().err
    assert bits(run.more(13, quiet=True)) == bits(ring)


def test_an_eta_may_be_a_number_or_a_schedule():
    optimizer, theta = Adam(1e-3), np.zeros(1)
    optimizer.eta = 0.5
    optimizer.descend(theta, np.ones(1))
    assert theta == pytest.approx([-0.5])  # Adam's first step is η long
    optimizer.eta = lambda t: 0.25 / t
    assert optimizer.rate() == 0.25
    with pytest.raises(InputError, match="learning rate"):
        optimizer.eta = -1


# ── data of a session ─────────────────────────────────────────────────────────────────────────────


def test_an_array_is_the_file_that_holds_it():
    np.save("rows.npy", ROWS)
    run = numgan.train(ROWS, **QUIET)
    assert bits(run) == bits(numgan.train("rows.npy", **QUIET))
    assert bits(run) == bits(numgan.train(data=Path("rows.npy"), **QUIET))
    assert run.sample(9).dtype == np.float64 and run.names is None


@pytest.mark.parametrize("library", ["pandas", "polars", None])
def test_a_frame_is_the_table_that_holds_it(library):
    columns = {"a": ROWS[:, 0].tolist(), "n": WHOLE, "kind": KINDS.tolist()}
    given = Frame(columns) if library is None else pytest.importorskip(library).DataFrame(columns)
    lines = [
        "a,n,kind",
        *(f"{a!r},{n},{kind}" for a, n, kind in zip(*columns.values(), strict=True)),
    ]
    Path("rows.csv").write_text("\n".join(lines))
    by_class = {"labels": "kind", "conditional": True, **QUIET}
    run = numgan.train(given, **by_class)
    assert bits(run) == bits(numgan.train("rows.csv", **by_class))
    assert run.names == ("a", "n") and run.data.classes == ("cat", "dog", "eel")
    x = run.sample(30, classes="dog")
    assert np.array_equal(x[:, 1], np.rint(x[:, 1]))  # whole numbers come back whole
    assert not np.array_equal(x, run.sample(30, classes=["eel"] * 30))
    back = run.frame(30, classes="dog")
    assert type(back) is type(given) and list(back.columns) == ["a", "n", "kind"]
    assert back["n"].to_list() == x[:, 1].astype(int).tolist() and set(back["kind"]) == {"dog"}
    of_columns = given[["a", "n"]] if library else frame()
    same = numgan.train(of_columns, labels=given["kind"], conditional=True, **QUIET)
    assert bits(same) == bits(run)  # a column beside the frame, as text or as objects
    run.save("run")
    assert np.array_equal(numgan.load("run").sample(30, classes="dog"), x)
    assert main(["train", "--out", "run", "--resume", "--quiet"]) == 0


@pytest.mark.parametrize(
    "given", [ROWS, ROWS[:, :2].astype("f4"), frame()], ids=["f8", "f4", "frame"]
)
def test_labels_of_their_own_are_kept_with_the_rows(given):
    run = numgan.train(given, labels=KINDS, conditional=True, out="run", **QUIET)
    loaded = numgan.load("run")
    assert loaded.data.classes == ("cat", "dog", "eel") and bits(loaded) == bits(run)
    assert loaded.sample(4).dtype == run.sample(4).dtype
    assert loaded.names == run.names


def test_images_come_back_as_pixels():
    images = np.random.default_rng(0).integers(0, 256, (20, 4, 4), dtype=np.uint8)
    run = numgan.train(images, out="run", **QUIET)
    assert run.sample(3).shape == (3, 4, 4, 1) and run.sample(3).dtype == np.uint8
    assert numgan.load("run").D(images).shape == (20,)


def test_what_was_read_is_told(capsys):
    numgan.train(frame(), **SMALL)
    said = capsys.readouterr().out
    assert "the frame (60 × 2)" in said and "60 rows × 2 columns" in said and "a, n" in said


def test_a_dataset_is_taken_as_it_is(ring):
    data = dataset("ring")
    run = numgan.train(data, **QUIET)
    assert run.data.density is data.density and run.sample(2).shape == (2, 2)
    with pytest.raises(InputError, match="a Dataset of Python's cannot be saved"):
        run.save("run")
    assert os.listdir() == []


def test_rows_that_changed_are_not_saved_as_those_that_were_learned():
    rows = ROWS.copy()
    run = numgan.train(rows, **QUIET)
    before = run.sample(5)
    rows[3] = 0
    assert np.array_equal(run.sample(5), before)
    with pytest.raises(InputError, match="has changed since the run began") as refused:
        run.save("run")
    assert "\n" not in str(refused.value) and os.listdir() == [] and run.folder is None
    rows[3] = ROWS[3]
    Path("run").mkdir()
    Path("run/data.npz").write_bytes(b"of the user's own")
    with pytest.raises(InputError, match="run holds another run"):
        run.save("run")
    assert Path("run/data.npz").read_bytes() == b"of the user's own"
    assert numgan.load(run.save("other")).config.data == os.path.abspath("other/data.npz")


def test_a_normal_distribution_of_ones_own_is_standardised():
    """In the networks' units it is N(0, 1), whatever μ and σ; samples come back as μ + σx."""
    one = numgan.train("gaussian", mean=4, std=0.5, **QUIET)
    other = numgan.train("gaussian", mean=-1, std=1, **QUIET)
    assert bits(one) == bits(other) and bits(one) != bits(numgan.train("gaussian", **QUIET))
    x = (one.sample(9) - 4) / 0.5
    assert x == pytest.approx(other.sample(9) + 1, abs=1e-5)  # float32, values of order 5
    assert one.D(one.sample(9)) == pytest.approx(other.D(other.sample(9)), abs=1e-5)
    real = one.data.original(one.data.sample(40_000, np.random.default_rng(0)))
    # four standard errors: of the mean σ/√n, of the deviation σ/√(2n)
    assert abs(real.mean() - 4) < 4 * 0.5 / 200 and abs(real.std() - 0.5) < 4 * 0.5 / 283


# ── what one may ask of it ────────────────────────────────────────────────────────────────────────


def test_metrics_D_and_logits(ring):
    assert list(ring.metrics) == [*loop.COLUMNS, "high quality"]
    assert all(len(column) == 20 for column in ring.metrics.values())
    x = dataset("ring").sample(50, np.random.default_rng(0))
    assert ring.logit(x) == pytest.approx(ring.logits(x)[:, 0])
    assert ring.D(x) == pytest.approx(1 / (1 + np.exp(-ring.logit(x))))
    own = numgan.train(ROWS, **QUIET)
    encoded = own.data.columns.forward(ROWS, "float32")
    assert own.logit(ROWS) == pytest.approx(own.logits(encoded)[:, 0], abs=1e-5)
    plain = numgan.train(ROWS, columns="plain", **QUIET)
    standard = (ROWS - ROWS.mean(0)) / ROWS.std(0)
    assert plain.logit(ROWS) == pytest.approx(plain.logits(standard.astype("f4"))[:, 0], abs=1e-5)


def test_summary_and_plot(ring):
    said = str(ring.summary())
    assert "V with averaged G" in said and "high quality" in said
    figure = ring.plot()
    assert type(figure).__module__.startswith("matplotlib")
    assert figure._repr_png_().startswith(b"\x89PNG")


def test_a_notebook_shows_tables_and_pictures(ring):
    game = ring.training.game
    for thing in (game.G, game, ring.data, ring, ring.summary(), dataset("digits")):
        html = thing._repr_html_()
        assert html.startswith("<table>") and html.count("<table>") == html.count("</table>")
        assert "script" not in html and "src=" not in html.replace('src="data:image/png', "")
        # a picture of what has one, and only of that
        assert ("data:image/png;base64," in html) == (
            thing is ring or "Dataset: 1,797" in repr(thing)
        )
    assert "<td>(N, 4)</td>" in game.G._repr_html_()
    assert repr(ring) == "<Run of ring: 20 of 20 iterations>"
    assert repr(dataset("digits")) == "<Dataset: 1,797 rows of shape (8, 8, 1), 10 classes>"
    assert repr(game) == f"<Game nonsaturating: G {game.G.size:,}, D {game.D.size:,} numbers>"
    own = numgan.start(frame(b=["<i>"] * 60), labels="b", **SMALL)
    assert "<i>" not in own.data._repr_html_() and "&lt;i&gt;" in own.data._repr_html_()


def test_a_report_of_the_checker_is_a_table():
    from numgan.check import check_gradient

    good = check_gradient(lambda w: (w**3).sum(), lambda w: 3 * w**2, np.linspace(-1, 1, 5))
    bad = check_gradient(lambda w: (w**3).sum(), lambda w: 2 * w**2, np.linspace(-1, 1, 5))
    assert "0 failed" in good._repr_html_() and 'class="chosen"' not in good._repr_html_()
    assert 'class="chosen"' in bad._repr_html_() and "FAIL" in repr(bad)


def test_dir_names_what_there_is():
    names = dir(numgan)
    assert {*numgan.__all__, "__version__"} <= set(names) and "HOME" not in names
    assert all(getattr(numgan, name) is not None for name in numgan.__all__)


def test_importing_numgan_imports_no_optional_library():
    heavy = "('matplotlib', 'tqdm', 'pandas', 'polars', 'safetensors', 'numgan.run.python')"
    code = f"import sys, numgan; dir(numgan); print([m for m in {heavy} if m in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def test_a_bar_in_a_notebook_is_that_of_tqdm_auto(monkeypatch):
    from numgan.progress import Progress

    bars = []

    class Bar:
        def __init__(self, **how):
            bars.append(how)

        def update(self):
            pass

        close = update

    monkeypatch.setattr("tqdm.auto.tqdm", Bar)
    with Progress(3, "step", notebook=True) as bar:
        bar.advance()
    assert bars[0]["total"] == 3 and not bars[0]["disable"]


def test_scikit_learns_habit():
    sampler = numgan.GANSampler(**SMALL, seed=1)
    with pytest.raises(InputError, match=r"call fit\(X\) first"):
        sampler.sample()
    same = numgan.GANSampler(**sampler.get_params())
    assert np.array_equal(sampler.fit(ROWS).sample(5), same.fit(ROWS).sample(5))
    assert sampler.set_params(seed=2).fit(ROWS, KINDS).sample(5, classes="eel").shape == (5, 3)


# ── weights elsewhere ─────────────────────────────────────────────────────────────────────────────


def a_network():
    layers = [Dense(3, 6), LeakyReLU(0.2), BatchNorm(6), Dense(6, 1)]
    net = Network(layers, (3,)).evaluation()
    theta = net.initial(np.random.default_rng(0), "float64")
    theta += 0.1 * np.abs(np.random.default_rng(1).standard_normal(theta.size))
    return net, theta


def test_weights_by_name_give_the_same_logits_in_numpy(ring):
    """D of the run by its weights and three lines of NumPy; and back to θ, to the bit."""
    weights, x = ring.weights("D"), ring.sample(20)
    hidden = x @ weights["0.W"] + weights["0.b"]
    hidden = np.where(hidden > 0, hidden, 0.2 * hidden)
    a = hidden @ weights["2.W"] + weights["2.b"]
    assert a[:, 0] == pytest.approx(ring.logit(x), abs=1e-6)  # float32, sums of four terms
    D = ring.training.game.D
    assert D.theta(weights).tobytes() == ring.training.theta_d.tobytes()
    assert D.theta(weights, "float64").dtype == np.float64
    weights["0.W"][...] = 0  # a copy: the run keeps its own
    assert D.theta(weights).tobytes() != ring.training.theta_d.tobytes()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"0.W": None}, "expected an array (2, 4) for 0.W, got none"),
        ({"0.W": np.ones((4, 2))}, "expected an array (2, 4) for 0.W, got one of shape (4, 2)"),
        ({"9.W": np.ones(1)}, "expected nothing for 9.W, got one of shape (1,)"),
    ],
)
def test_weights_that_do_not_fit(ring, change, says):
    weights = {k: v for k, v in (ring.weights("D") | change).items() if v is not None}
    with pytest.raises(InputError) as refused:
        ring.training.game.D.theta(weights)
    assert says in str(refused.value)


def test_weights_by_safetensors_and_back():
    pytest.importorskip("safetensors")
    net, theta = a_network()
    numgan.save_tensors("net.safetensors", net.weights(theta))
    assert net.theta(numgan.load_tensors("net.safetensors")).tobytes() == theta.tobytes()
    Path("bad.safetensors").write_bytes(b"{}")
    for name in ("bad.safetensors", "none.safetensors"):
        with pytest.raises(InputError, match=name):
            numgan.load_tensors(name)


def test_without_safetensors_a_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "safetensors", None)
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    with pytest.raises(InputError, match=r"pip install 'numgan\[safetensors\]'"):
        numgan.save_tensors("net.safetensors", {})


def test_weights_give_the_same_logits_in_pytorch():
    """float64, sums of six terms: a dozen roundings."""
    torch = pytest.importorskip("torch")
    net, theta = a_network()
    weights = {name: torch.from_numpy(array.copy()) for name, array in net.weights(theta).items()}
    x = np.random.default_rng(2).standard_normal((9, 3))
    y = torch.from_numpy(x) @ weights["0.W"] + weights["0.b"]
    y = torch.nn.functional.leaky_relu(y, 0.2)
    remembered = weights["2.mean"], weights["2.var"], weights["2.gamma"], weights["2.beta"]
    y = torch.nn.functional.batch_norm(y, *remembered, eps=net.layers[2].epsilon)
    y = y @ weights["3.W"] + weights["3.b"]
    assert np.abs(y.numpy() - net(theta, x)).max() < 1e-13


def test_weights_give_the_same_logits_in_jax(ring):
    """The run's D by the file that it writes, read by JAX's own arrays: float32, sums of four."""
    jnp = pytest.importorskip("jax.numpy")
    pytest.importorskip("safetensors")
    from safetensors.flax import load_file

    numgan.save_tensors("D.safetensors", ring.weights("D"))
    weights, x = load_file("D.safetensors"), ring.sample(20)
    y = jnp.asarray(x) @ weights["0.W"] + weights["0.b"]
    y = jnp.where(y > 0, y, 0.2 * y) @ weights["2.W"] + weights["2.b"]
    assert np.asarray(y)[:, 0] == pytest.approx(ring.logit(x), abs=1e-6)


# ── bad input ─────────────────────────────────────────────────────────────────────────────────────

HOLED = ROWS.copy()
HOLED[4, 1] = np.nan
REFUSED = {
    "a list": (lambda: numgan.train(ROWS.tolist()), "numpy.array(rows) makes an array"),
    "a tuple": (lambda: numgan.train((1, 2)), "data are a tuple: expected the name"),
    "a masked array": (lambda: numgan.train(np.ma.masked_invalid(HOLED)), "array.filled(value)"),
    "a number": (lambda: numgan.train(5), "data are a int: expected the name"),
    "nothing": (lambda: numgan.train(), "name a data set, one of gaussian"),
    "objects": (
        lambda: numgan.train(ROWS.astype(object)),
        "the array (60 × 3) holds object values",
    ),
    "nan": (lambda: numgan.train(HOLED), "the array (60 × 3), row 5, column 2: nan"),
    "no rows": (lambda: numgan.train(ROWS[:0]), "is empty, of shape (0, 3)"),
    "one row": (
        lambda: numgan.train(ROWS[:1]),
        "the array (1 × 3) has 1 rows: expected at least 6",
    ),
    "five axes": (
        lambda: numgan.train(np.ones((9, 1, 1, 1, 1))),
        "expected rows (R, dim) or images",
    ),
    "mixed types": (lambda: numgan.train(frame(b=[1.5, "x", 2] * 20)), "column 3 (b): 'x'"),
    "missing": (
        lambda: numgan.train(frame(b=[1.5, None, 2] * 20)),
        "column 3 (b): 20 missing values",
    ),
    "columns that collide": (
        lambda: numgan.train(Frame({"1": [1.0] * 9, 1: [2.0] * 9})),
        "has two columns '1': give each a name of its own",
    ),
    "labels beside labels": (
        lambda: numgan.train(frame(**{"class": KINDS}), labels=KINDS),
        "has a column 'class' and labels beside it",
    ),
    "labels of other rows": (
        lambda: numgan.train(ROWS, labels=KINDS[:9]),
        "expected a label for each of 60 rows",
    ),
    "missing rows": (
        lambda: numgan.train(Frame({"a": [1.5, None, 2.0] * 20})),
        "column 1 (a): 20 missing values",
    ),
    "missing labels": (
        lambda: numgan.train(ROWS, labels=["cat", float("nan"), None] * 20),
        "labels: 40 missing values in 60 rows: fill them",
    ),
    "a number as labels": (lambda: numgan.train(ROWS, labels=3), "labels are"),
    "no such label": (lambda: numgan.train(frame(), labels="b"), "has the columns a, n"),
    "labels of a name": (lambda: numgan.train("ring", labels=KINDS), "labels that are an array"),
    "an option of files": (
        lambda: numgan.train(frame(), separator=";"),
        "--separator says nothing",
    ),
    "given twice": (lambda: numgan.train(ROWS, data=ROWS), "given twice"),
    "unknown keyword": (
        lambda: numgan.train("ring", step=9),
        "no keyword 'step', did you mean steps?",
    ),
    "two names of one": (
        lambda: numgan.train("ring", lr=1, eta=2),
        "lr is given twice, as eta too",
    ),
    "unknown name": (lambda: numgan.train("rng"), "unknown data set 'rng', did you mean ring?"),
    "no such file": (lambda: numgan.train("rows.csv"), "no such file"),
    "of a bad value": (lambda: numgan.train("ring", hidden="8,x"), "--hidden cannot be '8,x'"),
    "a batch of -1": (lambda: numgan.train("ring", batch=-1), "--batch must be a whole number"),
    "a mean of ring": (lambda: numgan.train("ring", mean=1.0), "--mean and --std are of gaussian"),
    "a std of 0": (
        lambda: numgan.train("gaussian", std=0),
        "--std must be a finite number above 0",
    ),
    "another precision": (
        lambda: numgan.train(dataset("ring"), dtype="float64"),
        "the Dataset is float32, and the run float64",
    ),
    "no callback": (
        lambda: numgan.train("ring", callback=3, **SMALL),
        "callback must be a function",
    ),
    "no folder": (lambda: numgan.train("ring", out=""), "out must be the path of a folder"),
    "no run": (lambda: numgan.load("nothing"), "cannot read nothing"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_bad_input_is_an_input_error_of_one_line(kind):
    call, says = REFUSED[kind]
    with pytest.raises(ValueError) as refused:
        call()
    assert type(refused.value) is InputError
    assert says in str(refused.value) and "\n" not in str(refused.value)
    assert os.listdir() == []


ASKED = {
    "-1": (lambda run: run.sample(-1), "n must be a whole number of at least 1, got -1"),
    "2.5": (lambda run: run.sample(2.5), "n must be a whole number"),
    "a seed": (lambda run: run.sample(1, seed=-1), "seed must be a whole number"),
    "too many": (lambda run: run.sample(10**14), "of memory at least"),
    "a missing class": (
        lambda run: run.sample(2, classes="cow"),
        "must be one of cat, dog, eel, got",
    ),
    "few classes": (lambda run: run.sample(3, classes=["cat", "dog"]), "2 classes for 3 samples"),
    "D without": (lambda run: run.D(ROWS), "give the classes of x"),
    "D of words": (lambda run: run.D(["a"], classes="cat"), "D judges numbers of shape (n, 3)"),
    "D of others": (
        lambda run: run.D(ROWS[:, :2], classes="cat"),
        "D judges numbers of shape (n, 3)",
    ),
    "D of nan": (lambda run: run.D(HOLED, classes="cat"), "x, row 5, column 2: nan"),
    "more": (lambda run: run.more(0), "n must be a whole number of at least 1"),
    "a player": (lambda run: run.weights("E"), "player must be one of G, G_bar, D"),
    "no place": (lambda run: run.save(), "the run has no folder yet"),
}


@pytest.fixture(scope="module")
def by_class():
    return numgan.train(ROWS, labels=KINDS, conditional=True, **QUIET)


@pytest.mark.parametrize("kind", ASKED)
def test_what_cannot_be_asked_of_a_run(kind, by_class):
    call, says = ASKED[kind]
    with pytest.raises(InputError) as refused:
        call(by_class)
    assert says in str(refused.value) and "\n" not in str(refused.value)


def test_classes_of_a_run_without_them(ring):
    with pytest.raises(InputError, match="classes is for conditional runs"):
        ring.sample(2, classes="cat")
    with pytest.raises(InputError, match="classes is for conditional runs"):
        ring.D(ring.sample(2), classes="cat")


def test_a_configuration_of_before_has_no_mean_and_no_std(ring):
    """A folder that is older than the two fields still loads."""
    ring.save("run")
    ring.folder = None
    fields = json.loads(Path("run/config.json").read_text())
    del fields["mean"], fields["std"]
    Path("run/config.json").write_text(json.dumps(fields))
    arrays, about = checkpoint.load(Path("run/checkpoint.npz"))
    del about["config"]["mean"], about["config"]["std"]
    checkpoint.save(Path("run/checkpoint.npz"), arrays, about)
    assert bits(numgan.load("run")) == bits(ring)


def test_the_demo_runs():
    """As a reader starts it, but short, and with every warning an error."""
    demo = Path(__file__).parents[1] / "demos" / "from_python.py"
    own = {"PYTHONWARNINGS": "error", "PYTHONUTF8": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, str(demo), "--quick"],
        env=os.environ | own,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("InputError: ") == 5 and "did you mean ring?" in done.stdout
    assert done.stdout.count("True") == 2 and "False" not in done.stdout
    assert os.listdir() == []
