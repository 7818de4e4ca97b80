"""A report for people and programs: the page, its pictures, the place, JUnit, GitHub."""

import base64
import io
import re
import sys
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from numgan.check import Finding, Report, check_gradient, check_layer
from numgan.check.ci import github, junit
from numgan.check.finding import Arrays, compare
from numgan.check.means.tolerance import Tolerance
from numgan.check.page import of_report, page
from numgan.check.picture import ABOVE, BELOW, LONG, LOST, ZERO, frame, pictures, png
from numgan.check.place import place_of
from numgan.cli import main

OWN = """import numpy as np
from numgan.layers import Dense
from numgan.objectives import Objective, Term


def loss(W):
    return (W**2).sum()


def dloss(W):
    dW = 2 * W
    dW[1:3, 2] = 0
    return dW


def pair(w):
    if w.sum() > 1e9:
        return 0.0, w
    return (w**3).sum(), w**2


class Mean(Dense):
    def gradient(self, P, cache, dy):
        return cache.T @ dy / len(dy), dy.sum(0)

    def rbackward(self, P, cache, RP, Rcache, dy, Rdy):
        return Rdy @ P[0].T


RIGHT = Term(lambda a: a, lambda a: 1 + 0 * a, lambda a: 0 * a)
WRONG = Term(lambda a: a, lambda a: 2 + 0 * a, lambda a: 0 * a)
odd = Objective("odd", "a", RIGHT, WRONG, RIGHT)
"""
W = np.arange(1.0, 21.0).reshape(4, 5)


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A folder with own.py, from which the command is run."""
    (tmp_path / "own.py").write_text(OWN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield tmp_path
    sys.modules.pop("own.py", None)


class Tags(HTMLParser):
    """The elements of a page; raises for one that is closed in another's place."""

    VOID = ("meta", "img", "br", "image", "path", "rect")

    def __init__(self, text):
        super().__init__()
        self.open, self.seen = [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_startendtag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))


def wrong_gradient():
    def dloss(W):
        dW = 2 * W
        dW[1:3, 2] = 0
        return dW

    return check_gradient(lambda W: (W**2).sum(), dloss, W)


# ── pictures ──────────────────────────────────────────────────────────────────────────────────────


def test_a_failure_keeps_its_arrays_and_a_pass_none():
    report = wrong_gradient()
    (failed,) = [f for f in report.failures if f.arrays is not None and f.arrays.wrong.size > 1]
    expected = np.zeros((4, 5), bool)
    expected[1:3, 2] = True
    np.testing.assert_array_equal(failed.arrays.wrong, expected)
    np.testing.assert_allclose(failed.arrays.numeric, 2 * W, rtol=1e-14)
    assert failed.arrays.worst == failed.index == (2, 2)
    assert all(f.arrays is None for f in report if not f.failed)


def test_the_arrays_are_copies():
    a, n = np.ones(3), np.zeros(3)
    found = compare("f", "dx", "complex step E48", a, n, Tolerance(0, 1e-9, ""))
    a[:] = n[:] = 7.0
    assert found.arrays.analytic.tolist() == [1, 1, 1] and found.arrays.numeric.tolist() == [0] * 3


def pixels(image):
    return np.asarray(Image.open(io.BytesIO(image)))


def test_colours_are_those_of_the_sign_and_grey_is_not_finite():
    got = pixels(png(np.array([[-2.0, 0.0], [2.0, np.nan]]), 2.0))
    assert got.tolist() == [[list(BELOW), list(ZERO)], [list(ABOVE), list(LOST)]]
    half = pixels(png(np.array([[1.0]]), 2.0))[0, 0]
    assert np.abs(half - (np.array(ZERO) + ABOVE) / 2).max() <= 0.5


def test_the_frame_surrounds_exactly_the_wrong_entries():
    wrong = np.zeros((3, 4), bool)
    wrong[1, 1:3] = True
    assert frame(wrong, 10, 10) == "M10 10H30M10 20H30M10 10V20M30 10V20"
    assert frame(np.zeros((3, 4), bool), 10, 10) == ""
    checkers = np.indices((64, 64)).sum(0) % 2 == 0  # 8,000 edges: one rectangle
    assert frame(checkers, 1, 1) == "M0 0H64M0 64H64M0 0V64M64 0V64"


@pytest.mark.parametrize("shape", [(1,), (300,), (3, 1), (2, 100), (5, 7, 300, 3), (1, 1, 1, 1)])
def test_a_picture_of_any_shape_shows_the_worst_entry(shape):
    numeric = np.random.default_rng(0).standard_normal(shape)
    worst = tuple(size - 1 for size in shape)
    analytic, wrong = numeric.copy(), np.zeros(shape, bool)
    analytic[worst], wrong[worst] = np.inf, True
    for name, svg, scale in pictures(Arrays(analytic, numeric, wrong, worst)):
        (data,) = re.findall(r"base64,([^\"]+)", svg)
        image = pixels(base64.b64decode(data))
        assert max(image.shape[:2]) <= LONG and np.isfinite(scale)
        # the wrong entry is the last that is drawn
        assert (image[-1, -1].tolist() == list(LOST)) == (name != "numeric")
        assert "1 of them wrong" in svg and '<path d="M' in svg


# ── the page ──────────────────────────────────────────────────────────────────────────────────────


def test_a_page_needs_no_other_file_and_scrolls_by_keyboard():
    text = page(wrong_gradient(), "<own>")
    tags = Tags(text)
    assert "<own>" not in text and "&lt;own&gt;" in text
    for tag, attrs in tags.seen:
        assert tag not in ("script", "link", "iframe") and "src" not in attrs
        assert attrs.get("href", "data:image/png").startswith("data:image/png")
    regions = [attrs for _, attrs in tags.seen if attrs.get("role") == "region"]
    assert len(regions) == 2 and all(a["tabindex"] == "0" and a["aria-label"] for a in regions)
    pictured = [attrs for tag, attrs in tags.seen if tag == "svg"]
    assert [a["aria-label"].split(":")[0] for a in pictured] == [
        "analytic",
        "numeric",
        "difference",
    ]
    assert "2 of 20 entries are wrong" in text and "order 1" in text
    assert "prefers-color-scheme: dark" in text


def test_a_notebook_shows_the_same_within_a_style_of_its_own():
    report = wrong_gradient()
    html = report._repr_html_()
    assert html in page(report, "own")
    (style,) = re.findall("<style>(.*?)</style>", html, re.DOTALL)
    rules = [rule for rule in style.split("}") if rule.strip()]
    assert all(rule.strip().startswith(".numgan-check") for rule in rules)


def test_text_of_the_user_is_escaped():
    bad = Finding("<b>", "d<x>", "complex step E48", "FAIL", note="<note>", cause="a & <b>")
    unjudged = Finding("g", "<i>", "complex step E48", "not judged", note="<u>")
    html = of_report(Report([bad, unjudged]))
    Tags(html)
    assert not re.search("<(b|x|note|i|u)>", html) and "a &amp; &lt;b&gt;" in html


def test_a_notebook_shows_some_failures_and_counts_the_rest():
    report = Report([Finding("f", f"d{k}", "complex step E48", "FAIL") for k in range(15)])
    html = of_report(report, 10)
    assert html.count("<h3>FAIL") == 10 and "5 more arrays failed" in html


def test_entries_that_were_chosen_are_told_as_such():
    """Of 2,000 entries the wrong one is located: the picture is of that one, at its own index."""
    x = np.linspace(1, 2, 2000)
    wrong = np.where(np.arange(2000) == 1234, 0, 2 * x)
    report = check_gradient(lambda x: (x**2).sum(), lambda x: wrong, x, coordinates=[5, 1234, 7])
    html = of_report(report)
    assert "of the entries that were chosen; 1 of 3 entries are wrong" in html
    assert "worst at [1234]" in html and "chosen [1]" in html


def test_a_wrong_shape_has_no_picture():
    report = check_gradient(lambda x: (x**2).sum(), lambda x: (2 * x)[:, None], np.ones(3))
    html = of_report(report)
    assert report.failures and "<svg" not in html and "expected (3,)" in html


# ── the place ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("target", "shape", "parameter", "line"),
    [
        ("own.py:loss", "4,5", "dW", "    return dW"),
        ("own.py:pair", "3", "dw", "def pair(w):"),  # of two returns
        ("own.py:Mean(3, 2)", "4,3", "dW", "        return cache.T @ dy / len(dy), dy.sum(0)"),
        ("own.py:Mean(3, 2)", "4,3", "Rdx", "        return Rdy @ P[0].T"),
        ("own.py:Mean(3, 2)", "4,3", "dx, dP", "class Mean(Dense):"),
        ("own.py:odd", None, "t'(a)", 'odd = Objective("odd", "a", RIGHT, WRONG, RIGHT)'),
    ],
)
def test_the_place_is_the_line_that_computes_the_array(own, target, shape, parameter, line):
    from numgan.check.user import check_target

    shapes = [tuple(map(int, shape.split(",")))] if shape else []
    report = check_target(target, shapes)
    (place,) = {f.place for f in report.failures if f.parameter == parameter}
    assert place.file == "own.py" and OWN.split("\n")[place.line - 1] == line
    assert place.lines[place.line - place.first] == line
    assert all(f.place is None for f in report if f.verdict == "ok")


def test_a_function_without_source_has_no_place():
    assert place_of(np.sin) is None and place_of(3) is None
    namespace = {}
    exec("def f(): return 1", namespace)
    assert place_of(namespace["f"]) is None


# ── for other programs ────────────────────────────────────────────────────────────────────────────


def test_the_command_writes_all_of_it(own, capsys):
    options = "--html a.html --junit a.xml --json a.json --github".split()
    assert main(["check", "own.py:loss", "--input-shape", "4,5", *options]) == 1
    out = capsys.readouterr().out
    (said,) = [line for line in out.split("\n") if line.startswith("::")]
    assert said.startswith("::error file=own.py,line=13,title=loss · dW::FAIL ")
    assert "%0Alikely cause: " in said
    html = (own / "a.html").read_text(encoding="utf-8")
    Tags(html)
    assert "<mark>   13      return dW</mark>" in html and "<title>numgan check own.py:loss" in html
    assert '"place": "own.py:13"' in (own / "a.json").read_text(encoding="utf-8")
    suite = ElementTree.parse(own / "a.xml").getroot()[0]
    (case,) = suite.findall("testcase[failure]")
    assert case.attrib == {"classname": "loss", "name": "dW", "file": "own.py", "line": "13"}
    assert suite.get("failures") == "1" and int(suite.get("tests")) == len(suite) > 1
    assert "Taylor remainder E49" in case[0].text


def test_junit_has_a_case_for_each_array_and_a_word_for_each_verdict():
    def found(parameter, verdict, note=""):
        return Finding("<f>", parameter, "complex step E48", verdict, note=note)

    findings = [found("a", "ok"), found("a", "skipped"), found("b", "FAIL", "\x00 & é")]
    findings += [found("c", "not judged", "why"), found("d", "kink"), found("e", "skipped")]
    suite = ElementTree.fromstring(junit(Report(findings), "own").encode())[0]
    kinds = {case.get("name"): [child.tag for child in case] for case in suite}
    skipped = ["skipped"]
    assert kinds == {"a": [], "b": ["failure"], "c": ["error"], "d": skipped, "e": skipped}
    counts = [suite.get(key) for key in ("tests", "failures", "errors", "skipped")]
    assert counts == ["5", "1", "1", "2"] and suite[1].get("classname") == "<f>"
    assert suite[1][0].get("message") == "� & é"


def test_github_has_one_line_for_each_array():
    report = wrong_gradient()
    assert github(report).count("\n") == 1 < len(report.failures)
    unjudged = Finding("g", "dx", "complex step E48", "not judged", note="a\nb")
    assert github(Report([unjudged])).startswith("::warning title=g · dx::") and "a%0Ab" in github(
        Report([unjudged])
    )
    assert github(check_layer_of_numgan()) == ""


def check_layer_of_numgan():
    from numgan.layers import Tanh

    return check_layer(Tanh(), (2, 3))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--html", "no/a.html"], "there is no folder"),
        (["--junit", "."], "a folder is there"),
        (["--html", "a", "--junit", "./a"], "--html and --junit both name a: expected two files"),
        (["--html", ""], "expected a path"),
        (["--exercise", "3", "--github"], "go with a check, not an exercise"),
    ],
)
def test_bad_input_is_one_line(own, capsys, options, said):
    target = [] if "--exercise" in options else ["own.py:loss", "--input-shape", "4,5"]
    try:
        status = main(["check", *target, *options])
    except SystemExit as end:
        status = end.code
    err = capsys.readouterr().err
    assert status == 2 and said in err.replace("./a", "a") and "Traceback" not in err
    assert [path.name for path in own.iterdir() if path.name != "__pycache__"] == ["own.py"]
