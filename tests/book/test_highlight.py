"""The colours of Python: each piece has its class, and no letter is lost."""

# ruff: noqa: E402 (without the extra a file is skipped before it is imported)

import pytest

for needed in ("latex2mathml", "markdown_it", "mdit_py_plugins"):
    pytest.importorskip(needed, reason="the extra numgan[book] is not installed")

from numgan.book.highlight import colour_lines


@pytest.mark.parametrize(
    "text, pieces",
    [
        ("class A(B):  # E1", [("k", "class"), ("f", "A"), ("c", "# E1")]),
        ("    @property", [("a", "    @property")]),
        ("W = a @ b", []),
        ("if x.sum() in range(3):", [("k", "if"), ("b", "range"), ("m", "3")]),
        ("y = 1e-8 + 0x1F + 2.5j + x1", [("m", "1e-8"), ("m", "0x1F"), ("m", "2.5j")]),
        ('s = rb\'#\' + "it\'s \\"one\\""', [("s", "rb'#'"), ("s", '"it\'s \\"one\\""')]),
        ('f"{n} of {{N}}"', [("s", 'f"'), ("s", ' of {{N}}"')]),
        ("self.print = None", [("b", "self"), ("k", "None")]),
        ("it's no Python", []),
    ],
)
def test_a_piece_has_the_class_of_its_kind(text, pieces):
    assert [piece for piece in colour_lines(text)[0] if piece[0]] == pieces


def test_a_string_of_several_lines_goes_on_with_its_colour():
    text = 'x = """one # two\n\ndef three"""\nreturn x'
    assert colour_lines(text) == (
        (("", "x = "), ("s", '"""one # two')),
        (),
        (("s", 'def three"""'),),
        (("k", "return"), ("", " x")),
    )
