"""Formulas: what latex2mathml says and browsers would draw wrongly is put right."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from importlib.resources import files

import pytest

pytest.importorskip("latex2mathml", reason="the extra numgan[book] is not installed")

from numgan.book.mathml import mathml
from numgan.errors import InputError


def drawn(latex):
    return ET.fromstring(mathml(latex, False))


def tokens(latex):
    """(tag, text) of the identifiers, numbers and operators, in order."""
    return [
        (each.tag, each.text)
        for each in drawn(latex).iter()
        if each.tag in ("mi", "mn", "mo", "mspace")
    ]


def test_an_upright_name_is_one_identifier():
    assert tokens(r"\mathrm{KL}(P)")[0] == ("mi", "KL")


def test_a_function_keeps_its_distance_but_not_from_a_bracket():
    assert tokens(r"p\log q") == [
        ("mi", "p"),
        ("mspace", None),
        ("mi", "log"),
        ("mspace", None),
        ("mi", "q"),
    ]
    assert ("mspace", None) not in tokens(r"\log(q)")


@pytest.mark.parametrize(
    "latex, sign", [(r"x\sim P", "∼"), (r"P\Vert Q", "‖"), (r"\lbrace x", "{"), (r"\pm x", "±")]
)
def test_relations_and_brackets_are_operators(latex, sign):
    assert ("mo", sign) in tokens(latex)


def test_a_minus_after_a_relation_is_a_sign_and_between_two_terms_is_not():
    first, second = (each for each in drawn("x=-y-z").iter("mo") if each.text == "−")
    assert first.get("form") == "prefix" and second.get("form") is None


def test_bars_open_and_close_in_turn_and_one_alone_does_neither():
    assert [each.get("form") for each in drawn("|x|^2+|y|").iter("mo") if each.text == "|"] == [
        "prefix",
        "postfix",
    ] * 2
    assert [each.get("form") for each in drawn("p(k|x)").iter("mo") if each.text == "|"] == [None]


def test_an_unknown_command_of_latex2mathml_is_known_here():
    assert ("mi", "arg") in tokens(r"\arg\max_x f")


@pytest.mark.parametrize("latex", [r"x^", r"\nosuchcommand x", r"\left(x"])
def test_a_formula_that_cannot_be_drawn_is_named(latex):
    with pytest.raises(InputError, match="cannot draw the formula") as told:
        mathml(latex, False)
    assert repr(latex) in str(told.value)


def test_every_element_has_as_many_parts_as_it_needs():
    """Over all formulas of the derivation: a fraction of one part would be drawn as an error."""
    document = files("numgan.study").joinpath("derivation.md").read_text(encoding="utf-8")
    formulas = {
        display or inline
        for display, inline in re.findall(r"\$\$(.+?)\$\$|\$([^$]+)\$", document, re.DOTALL)
    }
    parts = {
        "mfrac": 2,
        "msub": 2,
        "msup": 2,
        "munder": 2,
        "mover": 2,
        "msubsup": 3,
        "munderover": 3,
    }
    for latex in formulas:
        for element in drawn(latex).iter():
            assert len(element) == parts.get(element.tag, len(element)), latex
