"""`numgan trace --lang zh`: every text has its Chinese one, and a page of it fits a terminal."""

import io
import re
from dataclasses import replace

import pytest

import numgan.trace.means
import numgan.trace.penalty
from numgan import OBJECTIVES
from numgan.cli import main
from numgan.costs import COSTS
from numgan.layers import LAYERS
from numgan.objectives import smoothed
from numgan.optimizers import OPTIMIZERS
from numgan.penalties import PENALTIES
from numgan.trace import html, language, record, text
from numgan.trace.opening import opening
from numgan.trace.source import of_layer
from numgan.trace.stage import ending
from numgan.trace.walk import legend
from tests.lab.test_play import do, session
from tests.trace.test_recorded import GAMES, wrong
from tests.trace.test_trace import BATCH_NORM, IMAGES, SMOOTH, conditional, tiny

say = language.speaker("zh")
PLAIN = text.painter(io.StringIO())
PASSES = "forward backward gradient rforward rbackward rgradient".split()

# what is written with letters in Chinese too: functions and symbols of formulas, names of things
SYMBOLS = """log exp min max tanh mean std conv softmax GP float logit arXiv HWC shape free
    numgan study derivation zh md Training iteration minimax ring gaussian
    D G E L N I O H W C K kbd Esc Tab init he glorot alpha seed"""
KEPT = {
    *SYMBOLS.split(),
    *OBJECTIVES,
    *(word for name in (*PENALTIES, *COSTS, *OPTIMIZERS) for word in name.split("-")),
    *(kind.__name__ for kind in (*LAYERS, *OPTIMIZERS.values())),
    *"gamma beta mean var dgamma dbeta dmean dvar".split(),
}
WORD = re.compile(r"[A-Za-z]{2,}")
GRADIENT = re.compile(r"R?d[A-Za-z]|R[A-Za-z]|[zx]G|[mn]ax")  # dW; letters side by side


def left_in_english(said):
    """The English words in a text."""
    words = WORD.findall(said.replace("P_data", ""))
    return [w for w in words if w not in KEPT and not GRADIENT.fullmatch(w)]


def texts(stage):
    """Everything that a stage says in English."""
    yield from (stage.title, stage.part, stage.heading, *stage.says)
    yield from (line.formula for line in stage.lines if not line.is_code)
    for array in stage.arrays:
        yield from (array.name, array.what)
    for check in stage.all_checks:
        yield from (check.name, check.by)
    yield from (cell for row in stage.table for cell in row)


def trainings():
    """The trainings whose traces say everything that a trace can say."""
    yield from (tiny(objective) for objective in OBJECTIVES)
    yield from (tiny(penalty=penalty, **SMOOTH) for penalty in PENALTIES.values())
    yield from (tiny("nonsaturating", optimizer) for optimizer in OPTIMIZERS)
    yield tiny(data="digits", penalty=PENALTIES["r1"], **IMAGES)
    yield conditional()
    yield tiny(D=BATCH_NORM, k=2)
    yield tiny("wasserstein", clip=0.2, average=0.9)
    several = tiny("paired", "adam", 2, "ring", penalty=PENALTIES["r1"] + PENALTIES["wgan-gp"])
    several.every = 2
    for cost in (*COSTS.values(), COSTS["transport"] + COSTS["decay"]):
        several.game = replace(several.game, cost=cost)
        yield several
    own = tiny()
    own.game = replace(own.game, objective=smoothed(own.game.objective, 0.1))
    yield own


def test_every_text_of_a_trace_is_in_chinese(monkeypatch):
    for module in (numgan.trace.means, numgan.trace.penalty):  # the numbers do not matter here
        monkeypatch.setattr(module, "complex_step", lambda f: 0.0)
    said = {each for training in trainings() for stage in record(training) for each in texts(stage)}
    assert len(said) > 500
    missing = sorted(each for each in said if left_in_english(say(each)))
    assert not missing, f"numgan/trace/zh.md has no row for {missing}"


@pytest.mark.parametrize("kind", LAYERS)
def test_every_layer_is_described_in_chinese(kind):
    layer = kind.examples()[0][0]
    lines = [of_layer(layer, does) for does in PASSES]
    said = [legend(layer), *(line.formula for line in lines if not line.is_code)]
    missing = [each for each in said if left_in_english(say(each))]
    assert not missing, f"numgan/trace/zh.md has no row for {missing} of {kind.__name__}"


LONG = 12 * "long-name-"  # a folder's


@pytest.mark.parametrize("game", GAMES)
def test_in_chinese_too_no_line_is_wider_than_80_columns(game):
    training = GAMES[game]()
    stages, before = (
        record(training),
        opening(training, f"Here of runs/字{LONG} at step 3, with m = 3 and in float64"),
    )
    for layer in ("", "D:0"):
        shown = [*text.opening_lines(before, say), *text.stage_texts(stages, PLAIN, layer, say)]
        lines = "\n".join(shown).split("\n")
        assert max(map(text.columns, lines)) <= 80
        assert not [line for line in lines if re.match(r" *[，。；：、）”]", line)]
    # headings fill the line to its end, however wide their characters are
    heads = [line for line in lines if line.startswith("── ")]
    assert heads and {text.columns(line) for line in heads} == {80}


OPENINGS = (
    "",
    "--penalty r1 --dataset ring --k 2",
    "--cost decay --iteration 2",
    "--cost transport --penalty wgan-gp --objective hinge --dataset ring --layer D:0",
)


@pytest.mark.parametrize("options", OPENINGS)
def test_the_terminal_says_nothing_in_english(options, capsys):
    assert main(["trace", "--lang", "zh", *options.split()]) == 0
    said = [line for line in capsys.readouterr().out.split("\n") if not is_code(line)]
    assert not {line: words for line in said if (words := left_in_english(line))}
    assert "算法 1 的一次迭代" in said[0] and "全部相符" in said[-2]


def is_code(line):
    """True for a line of code, a layer with its numbers, and a line with a file's name."""
    return re.match(r" {8}[a-zA-Z(]", line) or re.search(r"\w\(\w+=|\.py:\d+$|\[\d\]\.\w", line)


def test_a_difference_is_told_in_chinese():
    stages = record(wrong())
    told = "\n".join(text.stage_texts(stages, PLAIN, "", say))
    assert "✗ dx" in told and "dx，E48 (3, 3)" in told
    last = [say(line) for line in ending(language.spoken(stages, say))]
    assert last[0].startswith("✗ ") and "不符" in last[0]
    assert re.match(r"第一个是 dx\[.*\]，在第 \d+ 阶段（D\[1\] Halved 反向, 反向通过 D", last[1])


def test_the_page_is_in_chinese_and_its_formulas_name_the_same_arrays():
    training = tiny(average=0.9)
    stages, before = (
        record(training),
        opening(training, "Here of ring at step 3, with m = 3 and in float64"),
    )
    pages = [html.page(stages, before, "", name) for name in language.LANGUAGES]
    assert ['lang="en"' in pages[0], 'lang="zh"' in pages[1]] == [True, True]
    said = re.sub(
        r"<(style|script)>.*?</\1>|<pre.*?</pre>|<code>.*?</code>", "", pages[1], flags=re.S
    )
    attributes = re.findall(r'(?:data-what|data-one|data-many|aria-label)="([^"]*)"', said)
    said = re.sub(r'<span class="where">.*?</span>|<[^>]*>|&\w+;', " ", said)
    said = re.sub(r"P\s+data", "", said)  # an index in MathML
    assert not left_in_english(said) and not left_in_english(" ".join(attributes))
    # the same arrays light up at the same places
    keys = [
        re.findall(r'(?:class="sym"[^>]*|<figure[^>]*) data-a="([^"]*)"', page) for page in pages
    ]
    assert keys[0] == keys[1] and len(keys[0]) > 100


def test_a_name_stays_as_it_is_even_where_it_is_a_word_of_the_trace():
    """A folder may be called average."""
    assert say("Here of average at step 3, with m = 3 and in float64").startswith("这里是 average ")
    assert say("a text of nobody") == "a text of nobody"


def test_each_row_has_the_same_holes_on_both_sides():
    whole, holed = language.rows()
    assert len(whole) + len(holed) > 150
    for pattern, chinese in holed:
        numbers = {f"h{language.NUMBERS[hole]}" for hole in language.HOLE.findall(chinese)}
        assert numbers == set(pattern.groupindex), chinese


def test_another_language_is_refused_in_one_line(capsys):
    assert main(["trace", "--lang", "xx"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "--lang must be one of en, zh, got 'xx'" in error


def test_the_labs_trace_is_in_the_language_of_its_page():
    lab = session("drawn")
    do(lab, "step", player="both")
    said = do(lab, "trace", language="zh")[0]["html"]
    assert "这里是实验室中" in said and "D 在数据上" in said
