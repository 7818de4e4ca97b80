"""What the command lines of the fuzzer are made of: good ones, good values, odd values, odd
paths.
"""

# fmt: off
ODD = (
    "", " ", "nan", "inf", "-inf", "1e400", "-1", "0", "1", "2", "1.5", "0x10", "１２", "1_0", "ε",
    "日本", "\udcff", "\udcc3(", "a\udc80b.npy", "a" * 300, "a" * 5000, "b/" * 3000, "line\nbreak",
    "tab\t", "\x1b[31m", "\r", "\u2028", "-", "--", "=", "%s", "%", "{}", "'", '"', "*", "[",
    "None", "True", "1,2", ",", "4,", ",4", "4,4,4,4", "999999999999999999999999999999",
    "9" * 5000, "9999999999999", "-9223372036854775809", "1e-320", "1e39", "+3", "4 4", ".",
    "~", "$HOME", "-h", "--help", "--version", "--out", "-n", "train", "rows.csv",
    "rows.npy", "text.npy", "empty.csv", "folder", "folder/", "run", "run/checkpoint.npz",
    "run/config.json", "notes.txt", "notes.txt/x", "missing/x.npy", "loop", "full.npy",
    "null.npy", "own.py:Good", "own.py:raises",
)
PATHS = (  # odd ones, with every ending that an option may ask for
    "\udcff", "a" * 250, "a" * 5000, "b/" * 3000 + "c", "line\nbreak", "日本", "\x1b[31m",
    "missing/x", "notes.txt/x", "loop", "full", "null", "~", "%s", "folder/x", "sub.npy/x",
    ".hidden", " ", "run/x", "-", "link",
)
ENDINGS = ("", ".npy", ".npz", ".png", ".html", ".json", ".csv", ".NPY")
TAKES_PATH = ("--out", "-o", "--output", "--data", "--html", "--json", "--run", "--source")
GOOD = {  # of an option, by its name in the parser
    "dataset": ("ring", "gaussian", "grid"), "data": ("rows.csv", "rows.npy"),
    "penalty": ("r1", "wgan-gp", "r1,r2", "none"), "cost": ("decay", "transport,decay", "none"),
    "cost_weight": ("0.1", "0.1,1e-3"), "strength": ("0.2",), "horizon": ("2",),
    "objective": ("minimax", "hinge", "f-kl", "wasserstein", "relativistic", "paired"),
    "smoothing": ("0.1",), "weight": ("2", "2,1"), "every": ("2",), "clip": ("0.1",),
    "instance_noise": ("0.1",), "augment": ("cutout",),
    "pack": ("2",), "steps": ("1", "3"), "k": ("2",), "batch": ("4", "8"), "lr": ("1e-3",),
    "lr_d": ("2e-3", "0"),
    "schedule": ("cosine", "constant"), "optimizer": ("sgd", "adam", "rmsprop"),
    "beta1": ("0.9",), "arch": ("mlp", "dcgan"), "latent": ("3",), "hidden": ("4", "3,5"),
    "activation": ("relu", "tanh"), "activation_d": ("gelu",), "ema": ("0.9", "0"),
    "spectrum": ("1",), "seed": ("0", "5"), "dtype": ("float64",), "device": ("cpu", "cuda"),
    "noise": ("host", "device"), "out": ("new", "run", "folder"), "n": ("1", "5"),
    "klass": ("0",), "output": ("o.npy", "o.npz", "o.png", "o.html", "o.csv"), "folder": ("run",),
    "layer": ("D:0", "G:1"), "html": ("o.html",), "json": ("o.json",), "only": ("Dense", "adam"),
    "rule": ("adam", "optimistic"), "exercise": ("3",),
    "target": ("own.py:Good", "own.py:Wrong", "own.py:raises", "own.py:missing"),
    "input_shape": ("4,3",), "source": ("folder",),
}
BASES = (  # the first four are the quickest
    ("train", "ring", "--steps", "2", "--batch", "8", "--hidden", "4", "--quiet", "--out", "new"),
    ("train", "--data", "rows.csv", "--steps", "2", "--batch", "8", "--out", "new"),
    ("train", "--out", "half", "--resume"),
    ("sample", "run", "-n", "4", "-o", "o.npy"),
    ("report", "run"),
    ("trace", "--hidden", "2"),
    ("trace", "--run", "run", "--html", "o.html"),
    ("check", "own.py:Good", "--input-shape", "4,3"),
    ("check", "--exercise", "3"),
    ("check", "--only", "Dense", "--json", "o.json"),
    ("book", "--out", "book", "--source", "notes.txt"),
    ("--version",),
    ("train", "--help"),
    (),
)
NEVER = ("--thorough", "--run", "--step")  # minutes; a code of the user; what waits for an answer
# fmt: on
