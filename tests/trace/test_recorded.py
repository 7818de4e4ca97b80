"""`numgan trace` as people meet it: the terminal, the page, and bad input."""

import io
import re
import unicodedata
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from numgan import Dense, study
from numgan.cli import main
from numgan.optimizers import OPTIMIZERS
from numgan.penalties import PENALTIES
from numgan.run.begin import start
from numgan.run.config import Config
from numgan.run.loop import proceed
from numgan.trace import formula, html, record, text
from numgan.trace.opening import opening
from numgan.trace.stage import stage_numbers
from tests.trace.test_trace import IMAGES, Halved, tiny

PLAIN = text.painter(io.StringIO())
DERIVATION = Path(study.__file__).with_name("derivation.md")
SYMBOL = r"\\(?:hat|tilde|bar)\{[^}]*\}+(?:_\{?\w+\}?)?|\\[a-zA-Z]+ ?(?:_\{?\w\}?)?"


def wrong():
    return tiny(D=[Dense(1, 3), Halved(), Dense(3, 1)])


GAMES = {
    "tiny": lambda: tiny(k=2),
    "images": lambda: tiny(data="digits", **IMAGES),
    "wrong": wrong,
    "many": lambda: tiny(m=200),
    "relativistic": lambda: tiny("relativistic", penalty=PENALTIES["wgan-gp"]),
    "penalized images": lambda: tiny(data="digits", penalty=PENALTIES["r2"], **IMAGES),
}


@pytest.fixture(scope="module", params=GAMES)
def stages(request):
    return record(GAMES[request.param]())


class Page(HTMLParser):
    """What stands in a page, and that every element is closed."""

    def __init__(self, content):
        super().__init__()
        self.open, self.ids, self.links, self.keys, self.text, self.loads = [], [], [], {}, [], []
        self.feed(content)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag not in ("meta", "br"):
            self.open.append(tag)
        self.ids += [given["id"]] if "id" in given else []
        self.links += [given["href"]] if "href" in given else []
        self.loads += [given[name] for name in ("src", "srcset", "data") if name in given]
        if "data-a" in given:
            self.keys.setdefault(given["data-a"], set()).add(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


# ── the terminal
# ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_no_line_is_wider_than_80_columns(stages):
    for layer in ("", "D:0", "D:1", "G:0", "G:4"):
        told = "\n".join(text.stage_texts(stages, PLAIN, layer))
        assert max(map(text.columns, told.split("\n"))) <= 80
        assert "\033" not in told


@pytest.mark.parametrize("game", GAMES)
def test_the_opening_names_every_layer_in_80_columns(game):
    training = GAMES[game]()
    told = list(text.opening_lines(opening(training, "Here a game of " + 30 * "long words ")))
    assert max(map(text.columns, told)) <= 80
    names = [line.split()[0] for line in told if re.match(r"   [DG]\[\d+\] +\(N", line)]
    assert names == [
        f"{player}[{n}]"
        for player, network in (("G", training.game.G), ("D", training.game.D))
        for n in range(len(network.layers))
    ]


def test_a_step_begins_with_a_drawing_of_its_arrays():
    told = "\n".join(text.stage_texts(record(tiny()), PLAIN))
    for line in (
        "   x ──────────D▶ a(x) ───┐       ┌E33▶ da(x) ───┐",
        "                          ├E29▶ Ṽ ┤              ├D▶ ∇Ṽ ─E31▶ θ_d",
        "   z ─G▶ G(z) ─D▶ a(G(z)) ┘       └E33▶ da(G(z)) ┘",
        "   z ─G▶ G(z) ─D▶ a(G(z)) ─E32▶ Ṽ_g ─E33▶ da(G(z)) ─D▶ dG(z) ─G▶ ∇Ṽ_g ─E32▶ θ_g",
    ):
        assert f"\n{line}\n" in told
    # in the order of the iteration, each under the heading of its batch
    headings = re.findall(r"^\[ (.*) \]$", told, re.MULTILINE)
    assert headings[:3] == ["G on the latents", "D on the data", "D on the samples"]


def test_what_makes_an_array_in_the_drawing_comes_before_it(stages):
    numbers, by_key = stage_numbers(stages), {}
    for stage in stages:
        by_key |= {node.key: node for node in stage.graph.nodes} if stage.graph else {}
    assert len(by_key) > 15
    for node in by_key.values():
        assert all(numbers[key] <= numbers[node.key] for key in node.of)


def test_by_default_the_step_is_e31_as_it_is_written(capsys):
    assert main(["trace"]) == 0
    told = capsys.readouterr().out
    assert "θ_d ← θ_d + η∇Ṽ" in told and "t = 1." in told


def test_adam_is_shown_where_its_averages_differ_from_the_gradient(capsys):
    assert main(["trace", "--optimizer", "adam"]) == 0
    told = capsys.readouterr().out
    assert "t = 2, β₁" in told
    steps = re.findall(r"^   step     η m̂/\(√v̂ \+ ε\) +(\S+) +(\S+)$", told, re.MULTILINE)
    lengths = [abs(float(s.replace("−", "-"))) for pair in steps for s in pair]
    # at t = 1 each would be η = 0.01 to eight digits
    assert len(lengths) == 4 and max(abs(length - 0.01) for length in lengths) > 1e-4
    assert main(["trace", "--optimizer", "adam", "--iteration", "1"]) == 0
    assert "t = 1, β₁" in capsys.readouterr().out


def test_columns_count_what_a_terminal_shows():
    assert text.columns("m̂ = x̃") == 5 and text.columns("θ_d′ ✓ −") == 8 and text.columns("字") == 2


def test_a_difference_is_marked_and_the_other_numbers_are_shown():
    told = "\n".join(text.stage_texts(record(wrong()), PLAIN))
    assert "   ✗ dx" in told and "dx by E48 (3, 3)" in told
    assert "✗" not in "\n".join(text.stage_texts(record(tiny()), PLAIN))


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_colours_are_for_terminals_and_no_color_is_respected(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert "\033[" in text.painter(Terminal())("x", "ok")
    assert text.painter(io.StringIO())("x", "ok") == "x"
    monkeypatch.setenv("NO_COLOR", "1")
    assert text.painter(Terminal())("x", "ok") == "x"


def test_a_layer_alone_with_one_entry_written_out(capsys):
    assert main(["trace", "--layer", "d:2"]) == 0
    told = capsys.readouterr().out
    assert set(re.findall(r"── ([DG]\[\d\])", told)) == {"D[2]"}
    sums = re.findall(
        r"dW\[(\d),(\d)\] = Σₙ x\[n,\1\]·dy\[n,\2\] =\s+(.*?) =\s+(\S+)\n", told, re.DOTALL
    )
    assert len(sums) == 1  # over the rows of data and samples
    for *_, products, total in sums:
        value = sum(
            np.prod([float(f.strip("()").replace("−", "-")) for f in product.split("·")])
            for product in " ".join(products.split()).split(" + ")
        )
        # the factors are written with four digits
        assert abs(value - float(total.replace("−", "-"))) < 1e-3


def test_steps_wait_and_q_quits(monkeypatch, capsys):
    answers = iter(["", "", "q"])
    monkeypatch.setattr("builtins.input", lambda prompt: next(answers))
    assert main(["trace", "--step"]) == 0
    told = capsys.readouterr().out
    assert "── 3 ──" in told and "── 4 ──" not in told


def test_the_end_of_the_input_quits_too(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert main(["trace", "--step"]) == 0
    assert "── 2 ──" not in capsys.readouterr().out


def test_all_options_together(capsys):
    options = (
        "--dataset ring --objective nonsaturating --batch 4 --hidden 4,3 --activation silu --k 2 "
        "--seed 7"
    )
    assert main(["trace", *options.split(), "--optimizer", "rmsprop"]) == 0
    told = capsys.readouterr().out
    assert (
        "D step 2 of 2" in told and "SiLU" in told and "RMSProp" in told and "−log D(G(z))" in told
    )


def test_a_penalty_and_its_weight(capsys):
    assert (
        main(["trace", "--penalty", "wgan-gp", "--weight", "0.5", "--objective", "relativistic"])
        == 0
    )
    told = capsys.readouterr().out
    assert "wgan-gp, λ = 0.5" in told and "θ_d ascends Ṽ − GP" in told and "R-pass back" in told


def test_a_remark_is_made_once_and_colours_are_off_in_a_pipe(capsys):
    main(["trace", "--k", "3"])
    told = capsys.readouterr().out
    assert (
        told.count("Affine map") == 1
        and told.count("No dx: data are fixed") == 1
        and "\033" not in told
    )


# ── the page
# ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_page_is_whole_and_needs_nothing_else(stages):
    content = html.page(stages, opening(tiny(), "a < b & c"))
    page = Page(content)
    assert (
        not re.search(r"https?:|//\w|@import|url\(", re.sub(r"//[ ].*", "", content))
        and not page.loads
    )
    assert len(page.ids) == len(set(page.ids))
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert "a < b & c" in "".join(page.text)
    for key, tags in page.keys.items():
        assert f"a-{key}" in page.ids and "figure" in tags


def letters(text):
    """The letters and digits of a formula, wherever they are set: xᵀ is x T, Ṽ_g is V g."""
    plain = unicodedata.normalize("NFKD", text.replace("ˆ", "").replace("ϕ", "φ"))
    return "".join(c for c in plain.replace("Σ", "∑") if c.isalnum())


@pytest.mark.parametrize("extra", [True, False])
def test_the_page_says_what_the_terminal_says(stages, extra, monkeypatch):
    """With MathML, and as text where latex2mathml is absent."""
    if not extra:
        monkeypatch.setattr(formula, "find_spec", lambda name: None)
    elif not formula.available():
        pytest.skip("the extra numgan[book] is not installed")
    content = html.page(stages, opening(tiny(), ""))
    assert ("<math" in content) == extra
    page = Page(content)
    said, bare = "".join(page.text), letters("".join(page.text))
    for stage in stages:
        assert letters(stage.title) in bare
        assert all(letters(line.formula) in bare for line in stage.lines)
        assert all(line.is_code or line.source.code in said for line in stage.lines)
        assert all(
            letters(f"{check.where} = ") in bare and "✓✗"[not check.ok] in said
            for check in stage.all_checks
        )


def named_arrays(line, arrays):
    return [array.name for _, array in formula.split(line.formula, arrays) if array]


def test_a_formula_names_the_arrays_of_its_stage_and_no_others():
    stages = record(tiny())
    back = next(s for s in stages if s.name.startswith("D[2] Dense backward, Back through D"))
    # dW = xᵀ dy, db = Σ dy
    assert named_arrays(back.lines[0], back.arrays) == ["dW", "x", "dy", "db", "dy"]
    step = next(s for s in stages if s.title.startswith("the step of θ_g"))
    # θ_g ← θ_g − η m̂/(√v̂ + ε): before the arrow stands the new one
    assert named_arrays(step.lines[1], step.arrays) == ["new θ_g", "θ_g"]


def test_the_names_in_a_mathml_formula_can_be_lit():
    if not formula.available():
        pytest.skip("the extra numgan[book] is not installed")
    stages = record(tiny())
    back = next(s for s in stages if s.name.startswith("D[2] Dense backward, Back through D"))
    drawn = formula.mathml(back.lines[0].formula, back.arrays)
    keys = re.findall(r'<mrow class="sym" data-a="([^"]+)">', drawn)
    by_name = {array.name: array.key for array in back.arrays}
    assert keys == [by_name[name] for name in ("dW", "x", "dy", "db", "dy")]
    assert "<msup><mrow" in drawn  # xᵀ


# LaTeX that the derivation writes otherwise: it has 1/m before a sum, and f/g as a fraction
OWN = {"mean", "conv", "std", "GP"}


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_derivation_has_every_symbol_of_the_formulas(optimizer):
    """Each letter, with its accent and its index, as it stands in derivation.md."""
    document = re.sub(r"[{}\s]", "", DERIVATION.read_text(encoding="utf-8"))
    games = (
        tiny(optimizer=optimizer),
        # not a relativistic one, whose b and b̃ the derivation lacks: a line of its own has them
        tiny("hinge", optimizer, penalty=PENALTIES["wgan-gp"], clip=0.2),
        tiny("nonsaturating", optimizer, penalty=PENALTIES["r1"], average=0.9),
    )
    for training in games:
        for stage in record(training):
            for line in stage.lines:
                shown = re.sub(r"\\text\{[^}]*\}", " ", formula.latex(line.formula))
                if not line.is_code:
                    for symbol in re.findall(SYMBOL, shown):
                        bare = re.sub(r"[{}\s]", "", symbol)
                        assert bare in document or bare.strip("\\").endswith(tuple(OWN)), symbol
                assert not line.label or f"**{line.label.split(',')[0]} (" in DERIVATION.read_text(
                    encoding="utf-8"
                )


def test_only_symbols_of_the_derivation_name_arrays():
    """Not the u, θ̄ and θ′ that it lacks: words stand in their place."""
    for training in (tiny(), tiny(optimizer="sgd", average=0.9), tiny(optimizer="nesterov")):
        names = {array.name for stage in record(training) for array in stage.arrays}
        assert not {name for name in names if "u" in name or "′" in name or "\u0304" in name}
        assert names >= {"new θ_d", "new θ_g", "∇Ṽ", "∇Ṽ_g"}


def test_the_page_is_written_whole(tmp_path, capsys):
    file = tmp_path / "trace.html"
    assert main(["trace", "--html", str(file), "--layer", "G:0"]) == 0
    told = capsys.readouterr().out
    assert str(file) in told.replace("\n", "") and "all agree" in told
    assert file.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


# ── a run, and bad input
# ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "ring"
    proceed(start(Config("ring", steps=3, hidden=(8,), batch=16), folder))
    return folder


def test_a_run_at_its_saved_step(folder, capsys):
    assert main(["trace", "--run", str(folder), "--batch", "2"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "at step 3" in told and "t = 4, β₁" in told and "all agree" in told


BAD = {
    "--layer D:3": "--layer",
    "--layer X:0": "--layer",
    "--layer D": "--layer",
    "--dataset nosuch": "the data set must be one of",
    "--dataset file": "trace the run with --run FOLDER",
    "--batch 0": "--batch",
    "--k 0": "--k",
    "--iteration 0": "--iteration",
    "--iteration 99999999": "--iteration",
    "--seed -1": "--seed",
    "--hidden 3,x": "--hidden",
    "--hidden 0": "--hidden",
    "--objective nosuch": "--objective",
    "--activation nosuch": "--activation",
    "--optimizer nosuch": "--optimizer",
    "--html no/such/folder.html": "no/such",
    "--penalty nosuch": "--penalty",
    "--weight 2": "--weight",
    "--weight -1 --penalty r1": "--weight",
    "--html a.html --step": "--step",
    "--run no/such/run": "no/such/run",
    "--batch 99999 --dataset digits": "--batch",
}


@pytest.mark.parametrize("options", BAD)
def test_bad_input_is_one_line_and_exit_status_2(options, capsys):
    assert main(["trace", *options.split()]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and BAD[options] in error


def test_choices_of_a_run_cannot_be_changed(folder, capsys):
    for name, value in (("--k", "2"), ("--penalty", "r1"), ("--seed", "0"), ("--iteration", "3")):
        assert main(["trace", "--run", str(folder), name, value]) == 2
        assert f"{name} does not go with --run" in capsys.readouterr().err


def test_a_difference_is_exit_status_1(monkeypatch, capsys):
    monkeypatch.setattr("numgan.trace.command.of_options", lambda options: (wrong(), "wrong"))
    assert main(["trace"]) == 1
    assert "differ" in capsys.readouterr().out
