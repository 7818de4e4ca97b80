"""What a checkpoint may hold: a file that is whole, with a right checksum, and yet wrong is refused
in one line before anything of the size that it claims is made, and nothing is written."""

import io
import json
import os
import shutil
import tracemalloc
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from numgan import checkpoint
from numgan.cli import main
from numgan.run import loop, train_command

BEFORE = (
    Path(__file__).parent / "before"
)  # a run of version 0.1.0, stopped after 4 of 8 steps; format 1, no versions


@pytest.fixture(autouse=True)
def in_short(monkeypatch):
    monkeypatch.setattr(loop, "FRAMES", 1)
    monkeypatch.setattr(train_command, "draw", lambda run: [])
    monkeypatch.setattr(train_command, "summarize", lambda run: SimpleNamespace(doubt=lambda: ""))


@pytest.fixture
def run(tmp_path):
    return Path(shutil.copytree(BEFORE, tmp_path / "run"))


def resume(folder):
    return main(["train", "--out", str(folder), "--resume", "--quiet"])


def refused(folder, capsys):
    """What is said, where a run is refused by all that read it and stays as it is."""
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    said = set()
    for command in (
        ["train", "--out", str(folder), "--resume", "--quiet"],
        ["sample", str(folder), "-o", "x.npy"],
    ):
        assert main(command) == 2
        error = capsys.readouterr().err
        assert error.count("\n") == 1 and error.startswith("numgan: ")
        said.add(error)
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before
    (one,) = said
    return one


def crafted(folder, change):
    """The checkpoint with arrays or text changed, and a right checksum."""
    arrays, about = checkpoint.load(folder / "checkpoint.npz")
    change(arrays, about)
    checkpoint.save(folder / "checkpoint.npz", arrays, about)


def test_a_run_of_before_goes_on(run, capsys):
    """From the first format, without versions: nothing is said of them,
    and the next one has them. Adam's means become sums (E36)."""
    old, _ = checkpoint.load(run / "checkpoint.npz")
    loaded = loop.resume(run)
    assert (
        loaded.training.theta_d.tobytes() == old["theta_d"].tobytes()
        and loaded.training.iterations == 4
    )
    for name, beta in (("m", 0.5), ("v", 0.999)):  # float32 from here on
        mean = loaded.training.optimizer_g.state[name] * (1 - beta)
        np.testing.assert_allclose(mean, old[f"optimizer_g.{name}"], rtol=2e-7)
    assert resume(run) == 0
    assert capsys.readouterr().err == ""
    arrays, about = checkpoint.load(run / "checkpoint.npz")
    assert about["iterations"] == 8 and about["t_d"] == 16 and len(arrays["rows"]) == 8
    assert (
        about["numpy"] == np.__version__ and arrays["rows"][:4].tobytes() == old["rows"].tobytes()
    )


@pytest.mark.parametrize(
    ("versions", "told"),
    [
        ({"numgan": "0.0.1", "numpy": "2.0.0"}, "numgan 0.0.1, numpy 2.0.0"),
        ({"numpy": "2.0.0"}, "numpy 2.0.0"),
        ({"numpy": np.__version__}, ""),
    ],
)
def test_other_versions_are_told_and_no_reason_to_refuse(run, capsys, versions, told):
    crafted(run, lambda arrays, about: about.update(versions))
    assert resume(run) == 0
    error = capsys.readouterr().err
    assert error.count("\n") == bool(told) and (
        not told or f"saved by {told}, and goes on with" in error
    )


def put(name, value):
    return lambda arrays, about: arrays.update({name: value(arrays[name])})


def write(name, value):
    return lambda arrays, about: about.update({name: value})


def rng(**changes):
    return lambda arrays, about: about["rng"].update(changes)


WRONG = {
    "iterations beyond the steps": (
        write("iterations", 9),
        "iterations is 9, expected a whole number from 0 to 8",
    ),
    "iterations below 0": (write("iterations", -1), "iterations is -1"),
    "iterations of text": (write("iterations", "4"), "iterations is '4'"),
    "iterations of True": (write("iterations", True), "iterations is True"),
    "fewer iterations": (write("iterations", 2), "t_d is 8, expected 4"),
    "t of D": (write("t_d", 7), "t_d is 7, expected 8"),
    "t of G": (write("t_g", 4.0), "t_g is 4.0, expected 4"),
    "changed, of another kind": (write("changed", "yes"), "changed is 'yes', expected true"),
    "frame steps": (write("frame_steps", 5), "frame_steps is 5"),
    "frame steps that fall": (write("frame_steps", [4, 0]), "rising"),
    "frame steps beyond": (write("frame_steps", [0, 5]), "frame_steps is [0, 5]"),
    "more frame steps": (
        write("frame_steps", [0, 1, 2]),
        "frames: expected float32 of shape (3, 1…1000, 1)",
    ),
    "no rng": (lambda arrays, about: about.pop("rng"), "rng is missing"),
    "rng of text": (write("rng", "PCG64"), "rng is 'PCG64'"),
    "rng of another kind": (rng(bit_generator="MT19937"), "rng is"),
    "rng without numbers": (rng(state={}), "rng is"),
    "rng of large numbers": (rng(state={"state": 2**128, "inc": 1}), "rng is"),
    "rng below 0": (rng(state={"state": -1, "inc": 1}), "rng is"),
    "no configuration": (lambda arrays, about: about.pop("config"), "different runs"),
    "configuration of 5": (write("config", 5), "different runs"),
    "data of 5": (lambda arrays, about: about["config"].update(data=5), "different runs"),
    "digest": (write("digest", 5), "digest is 5, expected a text, or nothing"),
    "no theta_bar": (
        lambda arrays, about: arrays.pop("theta_bar"),
        "has no theta_bar: expected float32 of shape (22,)",
    ),
    "short theta_d": (
        put("theta_d", lambda x: x[:-1]),
        "has float32 of shape (21,) as theta_d: expected float32 of",
    ),
    "theta_d of rank 2": (put("theta_d", lambda x: x[None]), "shape (1, 22) as theta_d"),
    "complex theta_g": (put("theta_g", lambda x: x + 0j), "complex64 of shape (22,) as theta_g"),
    "double theta_g": (put("theta_g", lambda x: x.astype("float64")), "float64"),
    "text for theta_g": (put("theta_g", lambda x: x.astype(str)), "theta_g: expected float32"),
    "nan in theta_g": (put("theta_g", lambda x: x * np.nan), "theta_g is not finite"),
    "nan in theta_bar": (put("theta_bar", lambda x: x * np.nan), "theta_bar is not finite"),
    "infinite v": (put("optimizer_d.v", lambda x: x + np.inf), "optimizer_d.v is not finite"),
    "no v": (lambda arrays, about: arrays.pop("optimizer_d.v"), "has no optimizer_d.v"),
    "short m": (
        put("optimizer_g.m", lambda x: x[:1]),
        "optimizer_g.m: expected float32 of shape (22,)",
    ),
    "more than there is": (
        lambda arrays, about: arrays.update(theta=np.ones(3)),
        "holds theta, which is no part",
    ),
    "an order of no rows": (
        lambda arrays, about: arrays.update({"data.order": np.arange(3)}),
        "data.order",
    ),
    "spectra of no spectrum": (
        lambda arrays, about: arrays.update(spectra=np.ones((1, 20), complex)),
        "spectra",
    ),
    "short rows": (
        put("rows", lambda x: x[:, :3]),
        "(4, 3) as rows: expected float64 of shape (4, 8)",
    ),
    "rows that fall": (put("rows", lambda x: x[::-1].copy()), "steps of its rows"),
    "rows beyond": (put("rows", lambda x: x + 1), "steps of its rows"),
    "rows of nan": (put("rows", lambda x: x * np.nan), "steps of its rows"),
    "no frames": (put("frames", lambda x: x[:0]), "frames"),
    "flat frames": (put("frames", lambda x: x.ravel()), "frames"),
    "frames of no samples": (put("frames", lambda x: x[:, :0]), "frames"),
    "wide frames": (put("frames", lambda x: np.tile(x, 3)), "frames"),
}


@pytest.mark.parametrize(("change", "says"), WRONG.values(), ids=WRONG)
def test_a_whole_file_of_something_else_is_refused(run, capsys, change, says):
    crafted(run, change)
    assert says in refused(run, capsys)


def test_the_place_in_an_epoch_is_one_of_the_data(tmp_path, capsys):
    np.save(tmp_path / "rows.npy", np.random.default_rng(0).standard_normal((12, 2)))
    options = ["--steps", "2", "--batch", "8", "--hidden", "3", "--quiet"]
    assert (
        main(
            [
                "train",
                "--data",
                str(tmp_path / "rows.npy"),
                "--out",
                str(tmp_path / "run"),
                *options,
            ]
        )
        == 0
    )
    good = (tmp_path / "run" / "checkpoint.npz").read_bytes()
    for change, says in (
        (put("data.order", lambda x: x[:-1]), "data.order: expected int64 of shape (12,)"),
        (put("data.order", lambda x: x * 0), "expected a permutation of 12"),
        (put("data.order", lambda x: x * 1.0), "float64 of shape (12,) as data.order"),
        (put("data.position", lambda x: x + 100), "expected 0 to 12"),
        (lambda arrays, about: arrays.pop("data.position"), "has no data.position"),
    ):
        (tmp_path / "run" / "checkpoint.npz").write_bytes(good)
        crafted(tmp_path / "run", change)
        assert says in refused(tmp_path / "run", capsys)


# ── sizes ─────────────────────────────────────────────────────────────────────────────────────────


def members(path):
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def npy(header, data=b""):
    """A .npy file of such a header."""
    text = header.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + data


def pack(path, entries, method=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", method) as file:
        for name, content in entries.items():
            file.writestr(name, content)


def header(dtype="<f4", shape="(22,)"):
    return f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}}}"


HEADERS = {
    "thirty digits": header(shape=f"({10**29},)"),
    "thirty digits of no numbers": header(shape=f"(0, {10**29})"),
    "4 GB": header(shape="(1000000000,)"),
    "objects": header("|O"),
    "below 0": header(shape="(-1,)"),
    "text of 10⁹ letters": header("<U1000000000", "()"),
    "a type there is not": header("<q9"),
    "no dictionary": "5",
    "deep": "(" * 100,
    "a call": "__import__('os')",
    "a whole number of before": header(shape="(22L,)"),
}


@pytest.mark.parametrize("text", HEADERS.values(), ids=HEADERS)
@pytest.mark.parametrize("name", ["array.theta_d", "about"])
def test_a_header_that_lies_costs_nothing(run, capsys, name, text):
    path = run / "checkpoint.npz"
    pack(path, members(path) | {f"{name}.npy": npy(text, bytes(88))})
    assert "checkpoint.npz" in small(lambda: refused(run, capsys))


def small(work, most=20_000_000):
    """What `work` returns, which takes at most so many bytes."""
    tracemalloc.start()
    try:
        found = work()
        assert tracemalloc.get_traced_memory()[1] < most
    finally:
        tracemalloc.stop()
    return found


@pytest.mark.parametrize("name", ["array.theta_d", "about"])
def test_a_bomb_costs_nothing(run, capsys, name):
    """40 MB of zeros that a zip file holds in 0.04 MB."""
    path = run / "checkpoint.npz"
    content = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        content, {"descr": "<f4", "fortran_order": False, "shape": (10_000_000,)}
    )
    pack(
        path,
        members(path) | {f"{name}.npy": content.getvalue() + bytes(40_000_000)},
        zipfile.ZIP_DEFLATED,
    )
    assert path.stat().st_size < 1_000_000
    assert "is damaged or is no numgan checkpoint" in small(lambda: refused(run, capsys))


def test_a_configuration_of_large_networks_is_compared_before_they_are_made(run, capsys):
    def wide(fields):
        fields["hidden"] = [20_000, 20_000]

    config = json.loads((run / "config.json").read_text())
    wide(config)
    (run / "config.json").write_text(json.dumps(config))
    crafted(run, lambda arrays, about: wide(about["config"]))
    says = small(lambda: refused(run, capsys))
    assert (
        "as theta_d: expected float32 of shape (400080001,)" in says
    )  # 2·20000, 20000² + 20000, 20001


@pytest.mark.parametrize(
    "change",
    [
        lambda entries: entries.update({"array.theta_d": b""}),
        lambda entries: entries.update({"other.npy": b"x"}),
        lambda entries: entries.update({"about.npy": npy("5")}),
        lambda entries: entries.pop("about.npy"),
        lambda entries: entries.pop("checksum.npy"),
        lambda entries: entries.update({"array.theta_d.npy": b"\x93NUMPY\x02\0"}),
    ],
    ids=range(6),
)
def test_members_that_are_none_of_a_checkpoint(run, capsys, change):
    path = run / "checkpoint.npz"
    entries = members(path)
    change(entries)
    pack(path, entries)
    assert "damaged" in refused(run, capsys)


def test_a_text_that_is_no_object(run, capsys):
    for about in (5, [], None, "[" * 5000):
        arrays, _ = checkpoint.load(BEFORE / "checkpoint.npz")
        checkpoint.save(run / "checkpoint.npz", arrays, about)
        assert "damaged" in refused(run, capsys)


# ── what is no file ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["checkpoint.npz", "config.json"])
def test_a_pipe_is_not_waited_for(run, capsys, name):
    (run / name).unlink()
    os.mkfifo(run / name)
    assert f"cannot read {run / name}: a pipe is there, expected a file" in refused(run, capsys)
    (run / name).unlink()
    (run / name).mkdir()
    assert f"cannot read {run / name}: a folder is there, expected a file" in refused(run, capsys)


def test_a_configuration_without_end(run, capsys):
    with open(run / "config.json", "wb") as file:
        file.truncate(1 << 34)  # takes no place on the disk
    assert "config.json" in small(lambda: refused_without_reading(run, capsys))


def refused_without_reading(folder, capsys):
    assert resume(folder) == 2
    return capsys.readouterr().err
