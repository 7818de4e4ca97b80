"""Tables of text as programs write them: separators, decimal marks, headers, indices, labels, what
is passed over.
"""

import gzip

import numpy as np
import pytest

from numgan.data.choices import Choices
from numgan.data.files import from_file, read
from numgan.errors import InputError

X = np.random.default_rng(0).normal([165, 60, 0.5], [10, 8, 0.1], (40, 3)).round(3)
NAMES = ("height", "weight", "score")


def table(separator=",", decimal=".", head=None, first=None, x=X):
    """X as text, with a line above and a column before it."""
    lines = [separator.join(f"{value:.3f}".replace(".", decimal) for value in row) for row in x]
    if first is not None:
        lines = [f"{cell}{separator}{line}" for cell, line in zip(first, lines, strict=True)]
    return "\n".join(([head] if head else []) + lines) + "\n"


def content(folder, text, name="a.csv", encoding="utf-8", **choices):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return read(path, Choices(**choices))


def account(found):
    """The account as a dictionary; of several sentences on one topic all."""
    told = {}
    for topic, sentence in found.account:
        told[topic] = f"{told[topic]}; {sentence}" if topic in told else sentence
    return told


@pytest.mark.parametrize("decimal", [".", ","])
@pytest.mark.parametrize("separator", [";", "\t", "|", " ", "; "])
@pytest.mark.parametrize("named", [True, False])
def test_separators_and_decimal_marks_are_recognised(tmp_path, separator, decimal, named):
    head = separator.join(NAMES) if named else None
    found = content(tmp_path, table(separator, decimal, head))
    assert np.array_equal(found.x, X) and found.names == (NAMES if named else None)
    mark = {";": "semicolon", "\t": "tab", "|": "pipe", " ": "space", "; ": "semicolon"}[separator]
    assert account(found)["separator"].startswith(mark)
    assert account(found)["decimal"].startswith("point" if decimal == "." else "comma")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "\ufeff" + table(head=",".join(NAMES)).replace("\n", "\r\n")),
        ("a.csv", "sep=;\n" + table(";", head=";".join(NAMES))),
        ("a.csv", "# made by a program\n#\n" + table(head=",".join(NAMES)).replace("\n", "\n\n")),
        ("a.csv", table(head='"height", "weight" ,"score"')),
        # a separator at the end of each line
        ("a.csv", table(head=",".join(NAMES)).replace("\n", ",\n")),
        ("a.csv", table(head=",".join(NAMES)) + ",,\n,,\n"),  # rows of a sheet without anything
        ("a.csv", "# height,weight,score\n" + table()),  # numpy.savetxt(header=…)
        ("a.txt", "# height weight score\n" + table(" ")),
        ("a.tsv", table("\t", head="\t".join(NAMES))),
        ("a.csv.gz", gzip.compress(table(head=",".join(NAMES)).encode(), mtime=0)),
        # a sheet as Unicode text
        ("a.csv", ("\ufeff" + table("\t", head="\t".join(NAMES))).encode("utf-16-le")),
        ("a.csv", table(head=",".join(NAMES)).replace("-", "−")),
    ],
)
def test_what_programs_write_around_the_numbers(tmp_path, name, text):
    found = content(tmp_path, text, name)
    assert np.array_equal(found.x, X) and found.names == NAMES


def test_quoted_decimal_commas_between_commas(tmp_path):
    text = "a,b,c\n" + "\n".join(",".join(f'"{v:.3f}"'.replace(".", ",") for v in row) for row in X)
    assert np.array_equal(content(tmp_path, text).x, X)


def test_one_column_of_decimal_commas(tmp_path):
    """Digits that begin with 0 are behind a comma, not a whole number; a header of one name says it
    too.
    """
    x = np.arange(1, 30)[:, None] / 16
    text = table(decimal=",", x=x)
    found = content(tmp_path, text)
    assert np.array_equal(found.x, x.round(3)) and account(found)["decimal"].startswith(
        "comma, since"
    )
    assert content(tmp_path, text, decimal="point").x.shape == (29, 2)
    doubtful = "\n".join(f"{n},{n % 7}" for n in range(20, 60)) + "\n"
    found = content(tmp_path, doubtful)
    assert (
        found.x.shape == (40, 2)
        and "comma reads one column of fractions" in account(found)["decimal"]
    )
    assert np.array_equal(
        content(tmp_path, doubtful, decimal=",").x[:, 0], [n + n % 7 / 10 for n in range(20, 60)]
    )
    assert content(tmp_path, "t\n" + doubtful).x.shape == (40, 1)
    assert content(tmp_path, "t,u\n" + doubtful).x.shape == (40, 2)


def test_named_marks_decide(tmp_path):
    found = content(
        tmp_path, "1 2;3 4\n5 6;7 8\n".replace(" ", ","), separator=";", decimal="comma"
    )
    assert np.array_equal(found.x, [[1.2, 3.4], [5.6, 7.8]])
    with pytest.raises(
        InputError, match=r"line 2, column 1 \(a\): '1,2;3', expected a number"
    ) as refused:
        content(tmp_path, "a\n1,2;3\n", separator="tab")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("head", "names"),
    [
        ("0,1,2", ("0", "1", "2")),  # pandas, of an array
        ("1,2,3", ("1", "2", "3")),
        ("2019,2020,2021", ("2019", "2020", "2021")),
        ("height,2020,2021", ("height", "2020", "2021")),
    ],
)
def test_a_header_of_numbers(tmp_path, head, names):
    found = content(tmp_path, table(head=head))
    assert np.array_equal(found.x, X) and found.names == names
    assert account(found)["header"] == "line 1 (--header no takes it for a row)"
    if head[0] != "h":
        assert content(tmp_path, table(head=head), header="no").x.shape == (41, 3)


@pytest.mark.parametrize(
    "x",
    [
        [[0, 1], [1, 0], [1, 1], [0, 0], [0, 1]],  # a first row that may as well be one
        [[0, 1, 2], [2, 1, 0], [4, 3, 1], [0, 0, 0]],
        [[1, 2, 3], [3, 2, 1], [4, 0, 9]],
        [[0, 0], [0.25, -0.5], [0.5, -1.25], [0.75, 2.5]],
        [[7, 8], [1.5, 2.5], [3.5, 4.5], [7.25, 9.5]],
    ],
)
def test_a_first_row_like_the_others_is_one(tmp_path, x):
    text = "\n".join(",".join(f"{value:g}" for value in row) for row in x)
    found = content(tmp_path, text)
    assert np.array_equal(found.x, x) and found.names is None
    assert "--header yes" in account(found)["header"]
    assert len(content(tmp_path, text, header="yes").x) == len(x) - 1


N = range(len(X))


@pytest.mark.parametrize(
    ("head", "first"),
    [
        (",height,weight,score", N),
        (",0,1,2", N),
        ("Unnamed: 0,height,weight,score", N),
        ("index,height,weight,score", N),
        ("id,height,weight,score", range(1, len(X) + 1)),
        (",height,weight,score", [(7 * n) % 100 for n in N]),  # after shuffling
        ('"",height,weight,score', [f"car {n}" for n in N]),  # R
        (None, N),
        (None, range(1, len(X) + 1)),
    ],
)
def test_an_index_is_passed_over(tmp_path, head, first):
    text = table(head=head, first=first)
    found = content(tmp_path, text)
    assert np.array_equal(found.x, X) and "column 1" in account(found)["index"]
    assert "passed over (--index no keeps it)" in account(found)["index"]
    if not isinstance(first, list):
        assert content(tmp_path, text, index="no").x.shape == (40, 4)


def test_an_index_whose_name_is_not_there(tmp_path):
    # R's write.table
    text = table(" ", head='"height" "weight" "score"', first=[f'"{n + 1}"' for n in N])
    found = content(tmp_path, text, "a.txt")
    assert np.array_equal(found.x, X) and found.names == NAMES


@pytest.mark.parametrize(
    ("head", "first"),
    [
        ("time,height,weight,score", N),  # a name of something
        (None, [2 * n for n in N]),
        (None, [n / 2 for n in N]),
        (",height,weight,score", [n % 5 for n in N]),
    ],
)
def test_a_first_column_that_is_no_index_is_kept(tmp_path, head, first):
    found = content(tmp_path, table(head=head, first=first))
    assert found.x.shape == (40, 4) and np.array_equal(found.x[:, 0], first)
    assert content(tmp_path, table(head=head, first=first), index="yes").x.shape == (40, 3)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "NA,NA,NA\n" + table(),
            r"column 1: 1 missing value in 41 rows, the first in line 1 "
            r"\(also in column 2: 1, 3",
        ),
        ("NA,1.5,2.5\n" + table(), "column 1: 1 missing value in 41 rows, the first in line 1"),
        (
            "a,b\n1,2\n,3\n4,nan\n,NULL\n",
            r"column 1 \(a\): 2 missing values in 4 rows, the first "
            r"in line 3 .*b\): 2",
        ),
        (
            "a;b\n1,5;?\n2,5;3\n",
            r"column 2 \(b\): 1 missing value in 2 rows, the first in line 2: "
            r"fill them, or leave",
        ),
        ("a,b\n1,\n2,\n", r"column 2 \(b\): 2 missing values"),  # named, so it is one
        (
            "a,kind\n1,x\n2,y\n",
            r"line 2, column 2 \(kind\): 'x', expected a number; leave .* "
            r"--labels",
        ),
        (
            "a,b\n1,5\n2,oops\n",
            r"line 3, column 2 \(b\): 'oops', expected a number; 1 cell of the "
            r"column is none",
        ),
        (
            'a,b\n"1,234.5",2\n"2,345.6",3\n',
            "'1,234.5', expected a number; write numbers without marks between",
        ),
        (
            "a;b\n1.234,5;2\n2.345,6;3\n",
            "'1.234,5', expected a number; write numbers without marks between",
        ),
        (
            table(head="a,b,c") + "1,2\n",
            "line 42: 2 columns, expected 3 as in line 1; --separator .* here comma",
        ),
        (
            b"PK\x03\x04 and so on",
            "a.csv is no table of text but a workbook or an archive: save its table as .csv",
        ),
        (b"\x89HDF\r\n", "no table of text but an HDF5 file"),
        (b"\x93NUMPY", "no table of text but a NumPy array: give it a name that ends in .npy"),
        ("größe\n1\n".encode("latin-1"), "is not text in UTF-8: .*; save it in UTF-8"),
        ("<html><body>404</body></html>\n", "is empty below its header"),
        ("id\n0\n1\n2\n", None),  # nothing but an index is kept
    ],
)
def test_refusals_say_the_next_step(tmp_path, text, says):
    if says is None:
        assert content(tmp_path, text).x.shape == (3, 1)
        return
    with pytest.raises(InputError, match=says) as refused:
        content(tmp_path, text)
    assert "\n" not in str(refused.value) and "a.csv" in str(refused.value)


KINDS = ["setosa", "versicolor", "virginica"]


@pytest.mark.parametrize(
    ("labels", "head", "cells", "classes"),
    [
        ("kind", "height,weight,score,kind", KINDS, tuple(KINDS)),
        ("4", "height,weight,score,kind", KINDS, tuple(KINDS)),
        ("4", None, KINDS, tuple(KINDS)),
        ("kind", "height,weight,score,kind", ["0", "5", "200"], (0, 5, 200)),
        ("kind", "height,weight,score,kind", ["1.0", "2.0", "3.0"], (1, 2, 3)),
    ],
)
def test_a_column_of_labels(tmp_path, labels, head, cells, classes):
    rows = table().splitlines()
    lines = [f"{row},{cells[n % 3]}" for n, row in enumerate(rows)]
    (tmp_path / "a.csv").write_text("\n".join(([head] if head else []) + lines))
    data = from_file(tmp_path / "a.csv", "float64", Choices(labels=labels))
    assert (data.rows, data.dim, data.classes) == (40, 3, classes)
    assert np.array_equal(data.labels, [n % 3 for n in range(40)])
    assert data.conditional().dim == 6
    told = dict(data.account)
    assert told["classes"].startswith(f"3: {classes[0]} (14), {classes[1]} (13)")


def test_a_file_of_labels(tmp_path):
    (tmp_path / "a.csv").write_text(table())
    words = [KINDS[n % 3] for n in range(40)]
    (tmp_path / "kinds.csv").write_text(
        "row,kind\n" + "\n".join(f"{n},{word}" for n, word in enumerate(words))
    )
    np.save(tmp_path / "y.npy", np.arange(40) % 3 + 7)
    for name, classes in (("kinds.csv", tuple(KINDS)), ("y.npy", (7, 8, 9))):
        data = from_file(tmp_path / "a.csv", "float32", Choices(labels=str(tmp_path / name)))
        assert data.classes == classes and np.array_equal(data.labels, np.arange(40) % 3)


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        (
            "colour",
            "--labels colour: .*a.csv has the columns height, weight, score; a file of "
            "labels has a name like",
        ),
        ("5", "--labels 5: .* has the columns height"),
        ("height", r"a.csv, column 1 \(height\) holds .* expected classes"),
        ("nowhere.npy", "--labels: no such file: nowhere.npy"),
    ],
)
def test_labels_that_are_none(tmp_path, labels, says):
    with pytest.raises(InputError, match=says):
        (tmp_path / "a.csv").write_text(table(head=",".join(NAMES)))
        from_file(tmp_path / "a.csv", "float32", Choices(labels=labels))


def test_whole_columns_keep_their_kind(tmp_path):
    (tmp_path / "a.csv").write_text(
        "age,income\n" + "".join(f"{20 + n}.0,{n * 1.25 + 0.1}\n" for n in range(30))
    )
    data = from_file(tmp_path / "a.csv", "float64")
    assert dict(data.account)["whole"] == "age: samples are rounded to whole numbers"
    x = np.array([[0.1, 0.1], [100.0, 0.0]])  # far outside
    stored = data.stored(x)
    assert np.array_equal(stored[:, 0], np.clip(np.rint(data.original(x)[:, 0]), 20, 49))
    assert np.array_equal(stored[:, 1], data.original(x)[:, 1]) and stored.dtype == np.float64


@pytest.mark.parametrize(
    ("choices", "says"),
    [
        ({"header": "maybe"}, "--header must be yes or no, got 'maybe'"),
        ({"index": "1"}, "--index must be yes or no"),
        (
            {"separator": "x"},
            "--separator must be one of comma, semicolon, tab, pipe, space, or the character",
        ),
        ({"decimal": ";"}, "--decimal must be one of point, comma"),
        (
            {"axes": "NHH"},
            "--axes must have the letters N, H, W and perhaps C, each once, got 'NHH'",
        ),
        ({"range": "5"}, "--range must be black,white, as in 0,255"),
        ({"range": "1,1"}, "--range must be black,white"),
        ({"range": "0,nan"}, "--range must be black,white"),
    ],
)
def test_choices_that_cannot_be(choices, says):
    with pytest.raises(InputError, match=says):
        Choices(**choices)


@pytest.mark.parametrize("choice", [{"axes": "NHW"}, {"range": "0,1"}, {"array": "x"}])
def test_choices_of_something_else_are_refused(tmp_path, choice):
    with pytest.raises(
        InputError, match=f"--{next(iter(choice))} says nothing about a.csv, a table: leave it out"
    ):
        content(tmp_path, table(), **choice)
