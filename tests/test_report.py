"""The page of a run: it stands alone, tells the truth about its run, and does so in the same bytes
every time.
"""

import re
import shlex
from html.parser import HTMLParser

import numpy as np
import pytest

from numgan.cli import main, parser
from numgan.errors import InputError
from numgan.objectives import OBJECTIVES
from numgan.penalties import PENALTIES
from numgan.report.judge import push, shorten
from numgan.report.page import page
from numgan.report.reproduce import chosen, command
from numgan.run import begin, loop
from numgan.run.config import Config
from numgan.run.presets import PRESETS
from numgan.run.train_command import configuration

VOID = {"meta", "img", "input"}


class Page(HTMLParser):
    """The elements of a page, and the text of those with a class or of a kind that is looked for.
    Raises AssertionError where an element is closed that is not open."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.text = [], [], {}
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attributes):
        assert len(attributes) == len(dict(attributes)), f"an attribute of {tag} stands twice"
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open:
            self.text.setdefault(self.open[-1], []).append(data)

    def of(self, name, **attributes):
        return [a for tag, a in self.elements if tag == name and attributes.items() <= a.items()]


def trained(folder, dataset, steps=30, **choices):
    """A short run, as `numgan train` leaves it, with few frames."""
    small = {**PRESETS.get(dataset, {}), "batch": 16, "hidden": (8, 8), "steps": steps, **choices}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "FRAMES", 4)
        patch.setattr(loop, "METRICS", 4)
        run = begin.start(Config(dataset, **small), folder)
        assert loop.proceed(run)
    return run


@pytest.fixture(scope="module", params=["gaussian", "ring", "digits"])
def reported(request, tmp_path_factory):
    """(the run, what its page says)"""
    run = trained(tmp_path_factory.mktemp("runs") / request.param, request.param)
    assert main(["report", str(run.folder)]) == 0
    return run, (run.folder / "report.html").read_text(encoding="utf-8")


def test_the_page_stands_alone(reported):
    """Nothing is fetched: every address is in the page itself, and what refers to an id finds it
    once.
    """
    _, text = reported
    seen = Page(text)
    ids = [a["id"] for _, a in seen.elements if "id" in a]
    assert len(ids) == len(set(ids))
    inside = {"#" + name for name in ids}
    for tag, attributes in seen.elements:
        for name in ("src", "href", "xlink:href", "srcset", "poster", "data", "action"):
            address = attributes.get(name)
            assert (
                address is None or address in inside or address.startswith("data:image/png;base64,")
            ), (tag, name)
    assert set(re.findall(r"url\(([^)]*)\)", text)) <= inside
    assert "http:" not in text and "https:" not in text and "@import" not in text
    assert not seen.of("link") and not seen.of("iframe")
    assert len(text.encode()) < 3e6


def test_the_last_frame_shows_without_javascript_and_every_frame_is_there(reported):
    run, text = reported
    seen = Page(text)
    frames = [a for a in seen.of("img") if "frame" in a.get("class", "").split()]
    assert [a["alt"] for a in frames] == [f"iteration {step}" for step in run.frame_steps]
    assert ["hidden" in a for a in frames] == [True] * (len(frames) - 1) + [False]
    (slider,) = seen.of("input", type="range")  # the keyboard moves it
    assert (slider["min"], slider["max"], slider["value"]) == (
        "0",
        str(len(frames) - 1),
        str(len(frames) - 1),
    )
    assert "hidden" in slider  # of no use without JavaScript


def test_the_page_tells_of_the_run(reported):
    run, text = reported
    seen = Page(text)
    names = ["".join(words) for words in zip(seen.text["h2"], strict=True)]
    judged = ["The discriminator"] if run.data.dim <= 2 else []
    assert names == ["What was reached", "Samples", *judged, "The run", "Configuration", "Networks"]
    words = seen.text["pre"]
    assert reading(words[0]) == run.config
    assert words[1:] == [repr(run.training.game.G), repr(run.training.game.D)]
    assert {"V with averaged G (E29)", *vars(run.config)} <= set(seen.text["th"])
    assert len(seen.of("svg")) == 5 + bool(judged) + (run.data.image_shape is None)
    assert all(a["aria-label"] for a in seen.of("svg"))


def test_the_same_run_the_same_bytes_wherever_it_goes(reported, tmp_path, capsys, monkeypatch):
    """Neither a second time nor the user's own settings of matplotlib change a byte, and the run is
    left as it was.
    """
    import matplotlib

    run, text = reported
    before = (run.folder / "checkpoint.npz").read_bytes()
    monkeypatch.setitem(matplotlib.rcParams, "font.size", 30.0)
    assert main(["report", str(run.folder), "--output", str(tmp_path / "other.html")]) == 0
    assert capsys.readouterr().out.startswith(f"wrote {tmp_path / 'other.html'} (")
    assert (tmp_path / "other.html").read_text(encoding="utf-8") == text
    assert (run.folder / "checkpoint.npz").read_bytes() == before


def test_a_folder_that_is_no_run_and_a_place_that_is_none(tmp_path, capsys):
    assert main(["report", str(tmp_path)]) == 2
    assert main(["report", str(tmp_path / "missing")]) == 2
    trained(tmp_path / "run", "ring", steps=1)
    assert main(["report", str(tmp_path / "run"), "-o", str(tmp_path / "missing" / "a.html")]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert (
        len(lines) == 3
        and "config.json" in lines[0]
        and str(tmp_path / "missing" / "a.html") in lines[2]
    )
    with pytest.raises(InputError):
        loop.resume(tmp_path)


def test_a_run_that_was_stopped_before_its_first_row(tmp_path):
    run = begin.start(Config("ring", **{**PRESETS["ring"], "hidden": (8,)}), tmp_path / "run")
    assert "for 0 of 25,000 iterations" in page(run)


def test_what_is_not_ours_is_escaped(tmp_path):
    """A file may be called anything; here three numbers a row, of which the first two are shown."""
    data = tmp_path / "<script>alert('&amp;')<b>\" $HOME.npy"
    data = tmp_path / data.name.replace("/", "")
    np.save(data, np.random.default_rng(0).standard_normal((100, 3)))
    run = trained(tmp_path / "run", "file", data=str(data))
    seen = Page(page(run))
    assert len(seen.of("script")) == 1 and not seen.of("b")
    assert seen.text["h1"] == [data.name]
    assert reading(seen.text["pre"][0]) == run.config
    assert any("first two of 3 coordinates" in words for words in seen.text["p"])


# ── the command
# ──────────────────────────────────────────────────────────────────────────────────────────────────


def reading(line):
    """The configuration that `numgan train` reads from a command."""
    program, *words = shlex.split(line)
    assert program == "numgan"
    return configuration(parser().parse_args(words))


CHANGES = [
    {"steps": 7},
    {"lr": 1e-300},
    {"lr": 0.1 + 0.2},
    {"lr_d": 5e-5},
    {"beta1": -1e-7},
    {"hidden": (3,)},
    {"hidden": (512, 256, 128)},
    {"activation": "silu", "activation_d": "relu"},
    {"dtype": "float64", "seed": 2**40},
    {
        "objective": "hinge",
        "optimizer": "sgd",
        "schedule": "constant",
        "ema": 0.0,
        "k": 3,
        "latent": 5,
    },
]


@pytest.mark.parametrize("dataset", ["ring", "gaussian", "digits", "fashion-small"])
@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_the_command_gives_the_configuration_back(dataset, change):
    usual = PRESETS.get(dataset, {})
    if usual.get("arch") == "dcgan" and "activation" in change:
        pytest.skip("a DCGAN has activations of its own")
    config = Config(dataset, **{**usual, **change})
    assert reading(command(config)) == config
    assert set(chosen(config)) <= set(change)  # no option that need not be there


def test_commands_as_people_write_them():
    assert command(Config("ring", **PRESETS["ring"])) == "numgan train ring"
    assert (
        command(Config("ring", **{**PRESETS["ring"], "steps": 2000}))
        == "numgan train ring --steps 2000"
    )
    assert (
        command(Config("digits", **PRESETS["digits"], conditional=True))
        == "numgan train digits --conditional"
    )


@pytest.mark.parametrize(
    "path", ["rows.npy", "my rows.csv", "-x.npy", "--steps", 'it\'s; rm $HOME `x` "y" é\n.npy']
)
def test_a_path_survives_the_shell(path):
    config = Config("file", data=path, hidden=(4,))
    assert reading(command(config)) == config


def test_a_choice_that_no_option_can_take_back_is_said_in_other_words():
    """Presets name an activation of D and a penalty; None means G's activation, and the table's
    weight, and none.
    """
    config = Config("fashion", **{**PRESETS["fashion"], "weight": None})
    assert reading(command(config)).weight == PENALTIES["r1"].weight
    config = Config("digits", **{**PRESETS["digits"], "weight": None})
    weights = PENALTIES["r1"].weight, PENALTIES["r2"].weight
    assert reading(command(config)).weight == weights
    config = Config("digits", **{**PRESETS["digits"], "weight": None, "penalty": None, "every": 1})
    assert reading(command(config)) == config and "--penalty none" in command(config)
    config = Config("grid", **{**PRESETS["grid"], "weight": None, "every": 1, "penalty": "dragan"})
    assert reading(command(config)) == config
    config = Config("ring", **{**PRESETS["ring"], "activation_d": None})
    assert reading(command(config)).activation_d == config.activation


# ── the arrows
# ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", OBJECTIVES)
def test_the_arrows_are_minus_the_gradient_of_the_generators_value_at_the_samples(name, tmp_path):
    """E35 against the complex step (E48): no step size, so both are right to the last digits, and
    1e-12 of the largest is some hundreds of roundings in a sum over 8 × 8 hidden units. A kink of
    leaky ReLU or hinge has probability 0."""
    run = trained(tmp_path / "run", "ring", steps=3, objective=name, dtype="float64")
    game, theta_d = run.training.game, run.training.theta_d
    x, samples = run.data.peek(20), run.samples(20, part=1)

    def generator_value(rows):
        a_real = game.D(theta_d, x) if game.objective.relative else None
        return game.objective.generator_value(game.D(theta_d, rows), a_real)

    expected = np.empty_like(samples)
    for at in np.ndindex(samples.shape):
        moved = samples.astype(complex)
        moved[at] += 1e-30j
        expected[at] = -generator_value(moved).imag / 1e-30
    arrows = push(game, theta_d, samples, x)
    assert abs(expected).max() > 0
    np.testing.assert_allclose(arrows, expected, rtol=0, atol=1e-12 * abs(expected).max())


def test_arrows_are_shortened_in_proportion():
    """19 of 20 keep their proportions, none is longer than the reach, no direction changes; no
    gradient, no arrow.
    """
    vectors = np.random.default_rng(0).standard_normal((400, 2)) ** 3
    short = shorten(vectors, 0.1)
    norms, shortened = np.linalg.norm(vectors, axis=1), np.linalg.norm(short, axis=1)
    assert shortened.max() <= 0.1 * (1 + 1e-15)  # one rounding
    ratio = shortened / norms
    assert (ratio >= ratio.max() * (1 - 1e-12)).sum() == 380
    np.testing.assert_allclose(short * norms[:, None], vectors * shortened[:, None], rtol=1e-12)
    assert not shorten(np.zeros((5, 2)), 0.1).any()


def test_a_game_of_another_kind_has_a_page_without_its_optimum(tmp_path, reported):
    """Where a is no log-odds, neither −log 4 nor ½ means anything: the logit itself is drawn."""
    other = page(trained(tmp_path / "run", "ring", steps=2, objective="hinge"))
    assert "logit a(x)" in other and "−log 4" not in other
    assert "logit a(x)" not in reported[1] and "−log 4" in reported[1]


def test_a_discriminator_that_judges_more_than_a_point_is_not_drawn(tmp_path):
    packed = page(trained(tmp_path / "packed", "ring", steps=2, pack=2))
    assert "The discriminator" not in Page(packed).text["h2"]
    conditional = trained(tmp_path / "conditional", "digits", steps=2, conditional=True)
    assert Page(page(conditional)).text["pre"][0] == command(conditional.config)
