"""`numgan trace` as people meet it: the terminal, the page, and bad input."""

import io
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from numgan import Dense
from numgan.cli import main
from numgan.penalties import PENALTIES
from numgan.run.config import Config
from numgan.run.loop import proceed, start
from numgan.trace import html, record, text
from numgan.trace.opening import opening
from tests.trace.test_trace import IMAGES, Halved, tiny

PLAIN = text.painter(io.StringIO())


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
        r"dW\[(\d),(\d)\] = Σₙ x\[n,\1\]·dy\[n,\2\] =\s+(.*?) = (\S+)\n", told, re.DOTALL
    )
    assert len(sums) == 2
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
    assert "wgan-gp, λ = 0.5" in told and "θ_d ascends Ṽ − R" in told and "R-pass back" in told


def test_a_remark_is_made_once_and_colours_are_off_in_a_pipe(capsys):
    main(["trace", "--k", "3"])
    told = capsys.readouterr().out
    assert (
        told.count("Affine map") == 1
        and told.count("No dx: the data are fixed") == 1
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


def test_the_page_says_what_the_terminal_says(stages):
    said = "".join(Page(html.page(stages, opening(tiny(), ""))).text)
    for stage in stages:
        assert stage.title in said
        assert all(line.formula in said for line in stage.lines)
        assert all(
            line.source.code in said or line.formula in line.source.code for line in stage.lines
        )
        assert all(
            f"{'✓' if check.ok else '✗'} {check.where} = " in said for check in stage.all_checks
        )


def test_a_formula_names_the_arrays_of_its_stage_and_no_others():
    stages = record(tiny())
    back = next(s for s in stages if s.title == "D[2] Dense backward, on the data x")
    named = re.findall(r">([^<]+)</a>", "".join(html.symbols(back.lines[0].formula, back.arrays)))
    assert named == ["dW", "x", "dy", "db", "dy"]  # dW = xᵀ dy, db = Σ dy
    step = next(s for s in stages if s.title.startswith("the step of θ_g"))
    named = re.findall(r">([^<]+)</a>", "".join(html.symbols(step.lines[1].formula, step.arrays)))
    assert named == ["θ_g′", "θ_g", "u"]


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
    assert "at step 3" in told and "Step t = 4" in told and "all agree" in told


BAD = {
    "--layer D:3": "--layer",
    "--layer X:0": "--layer",
    "--layer D": "--layer",
    "--dataset nosuch": "the data set must be one of",
    "--dataset file": "trace the run with --run FOLDER",
    "--batch 0": "--batch",
    "--k 0": "--k",
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
    for name, value in (("--k", "2"), ("--penalty", "r1"), ("--seed", "0")):
        assert main(["trace", "--run", str(folder), name, value]) == 2
        assert f"{name} does not go with --run" in capsys.readouterr().err


def test_a_difference_is_exit_status_1(monkeypatch, capsys):
    monkeypatch.setattr("numgan.trace.command.of_options", lambda options: (wrong(), "wrong"))
    assert main(["trace"]) == 1
    assert "differ" in capsys.readouterr().out
