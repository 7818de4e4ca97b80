"""A file is written whole or not at all; links are followed,
and what is no file is never replaced."""

import os
import socket
import stat
import subprocess
import sys
import threading
from argparse import ArgumentTypeError
from contextlib import contextmanager

import pytest

from numgan import files
from numgan.cli import main
from numgan.errors import InputError
from numgan.files import nonempty_path, remove_leftovers, writable, write_whole


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("there", [True, False])
def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path, there):
    (tmp_path / "elsewhere").mkdir()
    target, link = tmp_path / "elsewhere" / "target", tmp_path / "link"
    link.symlink_to(os.path.join("elsewhere", "target"))
    if there:
        target.write_bytes(b"old")
    writable(link)
    write_whole(link, b"new")
    assert link.is_symlink() and not target.is_symlink() and target.read_bytes() == b"new"
    assert names(tmp_path / "elsewhere") == ["target"] and names(tmp_path) == ["elsewhere", "link"]


def test_a_pipe_is_written_through_if_somebody_reads(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writable(pipe)
    with pytest.raises(InputError, match="no process reads this pipe"):
        write_whole(pipe, b"lost")
    held = os.open(
        pipe, os.O_RDWR
    )  # a reader, and a writer too, so that the other one meets no end
    content = bytes(range(256)) * 1024  # four times what a pipe holds: the writer has to wait
    writer = threading.Thread(target=write_whole, args=(pipe, content))
    writer.start()
    with open(pipe, "rb") as file:
        received = file.read(len(content))
    writer.join()
    os.close(held)
    assert received == content and stat.S_ISFIFO(os.stat(pipe).st_mode)


def test_a_device_is_written_through(tmp_path):
    """A node like /dev/null, in a folder of its own."""
    node = tmp_path / "null"
    try:
        os.mknod(node, stat.S_IFCHR | 0o666, os.makedev(1, 3))
        node.open("wb").close()
    except OSError as error:
        pytest.skip(f"no device can be made here: {error.strerror}")
    (tmp_path / "link").symlink_to(node)
    for path in (node, tmp_path / "link"):
        writable(path)
        write_whole(path, b"gone")
    assert stat.S_ISCHR(os.lstat(node).st_mode) and names(tmp_path) == ["link", "null"]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda p: p.mkdir(), "a folder is there"),
        (lambda p: socket.socket(socket.AF_UNIX).bind(str(p)), "a socket is there"),
        (lambda p: p.symlink_to(p.name), "symbolic link"),
        (lambda p: p.parent.rmdir(), "there is no folder"),
        (lambda p: (p.parent.rmdir(), p.parent.write_text("a file")), "Not a directory"),
    ],
    ids=["folder", "socket", "loop", "nowhere", "in a file"],
)
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
def test_what_is_no_file_is_refused(tmp_path, monkeypatch, make, says):
    monkeypatch.chdir(tmp_path)  # a socket's name may have a hundred letters
    folder = files.Path("folder")
    folder.mkdir()
    make(folder / "x")
    for ask in (writable, lambda path: write_whole(path, b"new")):
        with pytest.raises(InputError, match=f"cannot write folder/x.*{says}"):
            ask(folder / "x")


def test_names_as_long_as_the_system_has_them(tmp_path):
    longest = tmp_path / ("x" * 255)
    writable(longest)
    write_whole(longest, b"new")
    assert longest.read_bytes() == b"new"
    for path in (tmp_path / ("x" * 256), tmp_path / ("y/" * 5000), tmp_path / "a\0b"):
        with pytest.raises(InputError, match="cannot write"):
            writable(path)
    with pytest.raises(ArgumentTypeError, match="expected a path"):
        nonempty_path("")


@contextmanager
def nobody():
    """Within, the rights of a user who owns nothing,
    where there are others to give up for a while."""
    root = os.geteuid() == 0
    if root:
        os.setresuid(65534, 65534, 0)
    try:
        yield
    finally:
        if root:
            os.setresuid(0, 0, 0)


def test_a_folder_and_a_file_that_may_not_be_written(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "file").write_bytes(b"old")
    (folder / "file").chmod(0o444)
    for parent in (tmp_path, *tmp_path.parents):
        if parent.stat().st_mode & 0o777 == 0o700:  # pytest's own folders
            parent.chmod(0o755)
    denied = "Permission denied"
    cases = (0o777, "file", "it may not be written"), (0o555, "new", denied), (0, "new", denied)
    for mode, name, says in cases:
        folder.chmod(mode)
        with nobody(), pytest.raises(InputError, match=f"cannot write .*{name}: {says}"):
            writable(folder / name)
    folder.chmod(0o777)


@pytest.mark.parametrize(
    "command",
    [
        ["report", "RUN"],
        ["sample", "RUN", "-o", "x.npy"],
        ["trace", "--run", "RUN"],
        ["train", "--resume", "--out", "RUN"],
        ["train", "ring", "--out", "RUN/run"],
        ["train", "--data", "RUN"],
        ["train", "idx", "--data", "RUN"],
        ["check", "--json", "RUN/x"],
        ["book", "--out", "RUN/book"],
    ],
    ids=" ".join,
)
def test_a_folder_that_may_not_be_read_is_told_in_one_line(tmp_path, capsys, command):
    import matplotlib.image

    import numgan.book.make
    import numgan.report.page
    import numgan.run.train_command
    import numgan.study.plots  # all that is imported where it is used, which nobody might not

    assert matplotlib.image and numgan.book.make and numgan.report.page and numgan.study.plots
    folder = tmp_path / "folder"
    folder.mkdir()
    folder.chmod(0)
    for parent in (tmp_path, *list(tmp_path.parents)[:2]):
        parent.chmod(0o755)
    with nobody():
        status = main([part.replace("RUN", str(folder)) for part in command])
    folder.chmod(0o777)
    error = capsys.readouterr().err
    assert status == 2 and error.startswith("numgan: ") and error.count("\n") == 1, error


STEPS = {"open": "numgan.files.open", "fsync": "os.fsync", "replace": "os.replace"}


@pytest.mark.parametrize(
    "raised",
    [OSError(28, "No space left on device"), KeyboardInterrupt(), MemoryError()],
    ids=["disk", "Ctrl-C", "memory"],
)
@pytest.mark.parametrize("step", STEPS)
def test_whatever_ends_a_write_the_old_file_is_there_and_no_other(
    tmp_path, monkeypatch, raised, step
):
    path = tmp_path / "file"
    write_whole(path, b"old")

    def fail(*_):
        raise raised

    monkeypatch.setattr(STEPS[step], fail, raising=False)
    expected = InputError if isinstance(raised, OSError) else type(raised)
    with pytest.raises(expected):
        write_whole(path, b"new")
    monkeypatch.undo()
    assert path.read_bytes() == b"old" and names(tmp_path) == ["file"]


def test_folders_that_cannot_be_opened_or_flushed(tmp_path, monkeypatch):
    """Windows opens no folder; some file systems flush none.
    A disk that fails is another matter."""
    path = tmp_path / "file"

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refuse)
        write_whole(path, b"one")
    assert path.read_bytes() == b"one"
    flush = os.fsync
    for number, told in ((22, False), (5, True)):

        def fsync(descriptor, number=number):
            if stat.S_ISDIR(os.fstat(descriptor).st_mode):
                raise OSError(number, "told" if number == 5 else "")
            flush(descriptor)

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", fsync)
            if told:
                with pytest.raises(InputError, match="told"):
                    write_whole(path, b"two")
            else:
                write_whole(path, b"two")


def test_a_file_keeps_its_mode_and_a_new_one_has_the_usual(tmp_path):
    path, usual = tmp_path / "file", tmp_path / "usual"
    usual.touch()
    write_whole(path, b"one")
    assert path.stat().st_mode == usual.stat().st_mode
    path.chmod(0o640)
    write_whole(path, b"two")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_what_dead_processes_left_is_removed_and_nothing_else(tmp_path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    letters = "0123456789abcdef"
    gone = [f".numgan-{pid}-{letters}" for pid in (dead.pid, os.getpid(), 10**30)]
    kept = [f".numgan-{os.getppid()}-{letters}", ".numgan-1-x", "numgan-1-0", "notes.txt"]
    for name in (*gone, *kept):
        (tmp_path / name).touch()
    remove_leftovers(tmp_path)
    assert names(tmp_path) == sorted(kept)
    remove_leftovers(tmp_path / "nothing")


@pytest.mark.parametrize(
    "command",
    [
        ["check", "--json", "."],
        ["trace", "--html", "."],
        ["check", "--json", "no/such.json"],
        ["trace", "--html", ""],
        ["sample", "run", "-o", "folder.npy"],
        ["report", "run", "-o", "folder.npy"],
        ["train", "ring", "--out", ""],
        ["check", "--json", "x" * 300],
        ["trace", "--html", "x" * 5000],
        ["book", "--out", "x" * 300],
    ],
    ids=lambda command: " ".join(command)[:40],
)
def test_an_output_that_cannot_be_written_is_told_before_the_work(
    tmp_path, monkeypatch, capsys, command
):
    import numgan.report.command
    import numgan.run.sample_command

    def work(*_, **__):
        raise AssertionError("the work had begun")

    for work_of in (
        "numgan.check.suite.suite",
        "numgan.trace.command.build",
        "numgan.report.page.page",
        "numgan.book.make.make",
        "numgan.run.begin.data_of",
        "numgan.run.loop.data_of",
    ):
        monkeypatch.setattr(work_of, work)
    monkeypatch.setattr(numgan.report.command, "resume", lambda folder: None)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.npy").mkdir()
    if command[0] == "book":
        monkeypatch.undo()
        monkeypatch.chdir(tmp_path)
    assert main(command) == 2
    error = capsys.readouterr().err
    assert error.startswith("numgan: ") and error.count("\n") == 1
    assert names(tmp_path) == ["folder.npy"]
