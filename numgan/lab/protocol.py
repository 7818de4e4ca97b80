"""Every message between a page and the lab: JSON text over one WebSocket, `/ws?token=…`.

The page sends commands {"do": NAME, …, "id": n}; the lab sends answers {"kind": NAME, …}. `id` is
the page's own number of a command, and may be left out; "done", "error" and every answer that one
command asked for carry it back as "id". A command of the page is checked here, entirely, before
anything is changed: a wrong one is answered by an error and has no effect.

An array is {"shape": [80, 80], "f32": "…base64…"}: little-endian float32 in C order, NaN for a
number that there is not. Single numbers are JSON numbers of full precision, or null.
Points, samples, arrows and extents are in the units of the data.

Commands
    play                             iterations of Algorithm 1 one after the other
    pause
    speed    per_second: 1…100000 or null           null: as fast as the machine can
    step     player: "d" | "g" | "both", times: 1…10000 (1)
                                     "d": one ascent of D; "g": one descent of G; "both": an
                                     iteration, k steps of D and k_g of G. Many are done while
                                     frames are sent; `left` of the state says how many remain, and
                                     pause gives them up
    stage    player: "d" | "g"       slow motion: the next of the four stages of one step, answered
                                     by "stage"; nothing is changed until "update" does the step.
                                     Any other command that trains drops a step that was begun
    set      settings: {…}           live, from the next step on: k, k_g, lr_d, lr_g, optimizer,
                                     beta1, batch, objective, penalty (null: none; r1,r2: a sum),
                                     weight (null: the penalty's own; of a sum a list), rule
                                     ("alternating", or one for both players: k and k_g are then
                                     1), strength (γ or α of the rule, null: its own)
    restart  choices: {…}            a new game: dataset, seed, latent, hidden, activation,
                                     activation_d, pack (D judges so many samples together) and
                                     any live setting; what is not named stays.
                                     Another dataset has its own preset for what is not named
    draw     points: [[x, y], …]     6 to 5000 points: a new game on data drawn by hand
    watch    show: […], field: …, samples: n        what frames hold; show lists any of "data",
                                     "samples", "arrows", "field", "manifold", "curves",
                                     "spectrum"; field is "D", "logit", "best" (D* of E18) or
                                     "difference" (D − D*); samples 1…2000
    seen     frame: n                the page has drawn frame n. No frame is sent before the last
                                     one was seen: frames are dropped, never queued
    pick     sample: i  |  z: […]    one sample opened: answered by "sample"
    label    label: "E35", language: "en" | "zh"    answered by "label"
    back     iteration: t            the wheel of time: the newest snapshot at or before t, and the
                                     same iterations from there up to t
    two      change: {…} | null      a second game from this state with settings changed (as set),
                                     on the same noise: every iteration of both begins at one state
                                     of the generator. null ends it
    trace    [language: "en" | "zh"] "this step as a trace", answered by "trace"
    save     name: "my-run"          a run folder in the lab's --out, answered by "saved"
    script                           the session as Python, answered by "script"
    link                             the state as text for an address, answered by "link"
    open     link: "…"               the session of a link
    lesson   number: 1…6, step: 0…   go to a step of a lesson; number null ends it

Answers
    hello    once, first: version, lessons [{number, title {en, zh}, steps: n}], folder (where runs
             are saved), choices {dataset, objective, penalty, rule, optimizer, activation,
             activation_d: [{name, help}]}: the words that each may be
    state    after every change of it, and when the page comes back (see `session.state`):
             playing, iteration, speed, settings {live}, choices {of restart}, watch {show, field,
             samples}, dim, image ([H, W, C] or null), exact (D* is known without an estimate),
             note {en, zh} of D* or null, levels, history, points (how many were drawn),
             two (the changed settings, or null), left (iterations that a long step, a link or a
             lesson has still to do), lesson (or null), lost (or null)
                 levels   [{curve, value, text, label}]     theory's lines: −log 4, ½, log 2
                 history  {kept: [t, …], last: t}           snapshots, and the newest iteration that
                                                            was ever reached
                 lesson   {number, step, steps, title, text: {en, zh}, do: [commands]}
                 lost     {player, iteration, text, back, game}      the game diverged in this
                                                            iteration; it stands at the last good
                                                            state, and `back` is the snapshot to go
                                                            back to
    frame    frame (its number), games: [one, or two of them side by side]; each game has
                 iteration, rate (iterations a second), numbers {V, V_g, D_real, D_fake, norm_d,
                 norm_g} of the last step (null before it), and of what is watched, in a plane
                     extent   [x0, x1, y0, y1]
                     data     (n, 2)
                     samples  (n, 2)
                     D        (n,)            σ(a) of each sample
                     arrows   (n, 2)          where G's gradient moves each sample (E35), already
                                              scaled; arrow {factor, cap, text} says how
                     field    (80, 80)        row 0 is y0, column 0 is x0; field_of says which
                     manifold (lines, points, 2)     G of a grid of z
                 on a line
                     extent   [x0, x1]
                     x        (n,)            places
                     p, q     (n,)            densities of the data, or NaN, and of G
                     D, best, difference (n,) D, D* and D − D* at x (logit: the logit at x)
                     data, samples (n,)       points;  z (n,)  the latent of each sample, for arrows
                     arrows   (n,)            as in the plane;  map {z, x}  G as a curve
                     sample_D (n,)            σ(a) of each sample
                 of pictures
                     images   (n, H, W, C)    in [0, 1];  D (n,)
                     real     (n, H, W, C)    some of the data;  real_D (n,)
                 of other rows: numbers alone, and D of the samples
    curves   game, whole: true | false, columns: [names], rows (n, columns): rows to add, or all.
             Columns: iteration, V, V_g, D_real, D_fake, norm_d, norm_g, and where it was measured
             JSD, JSD_error, modes, quality, quality_error
    spectrum game, iteration, re (n,), im (n,), verdict (E38), step (largest stable h, 0 for none),
             label "E38"; of networks of dense layers alone
    stage    player, stage: "forward" | "logit" | "back" | "update", number 0…3, iteration, label,
             formula, source {file, line, code}, and where the stage has them x, samples (points),
             a_real, a_fake (n,), da_real, da_fake (n,), arrows and arrow (from "back" of G on), and
             of "update" norm (of the gradient) and moved (the same z through the new G)
    sample   z, x, a, D, gradient (−m ∂Ṽ_g/∂x, lists of numbers), arrow (as drawn), index (or null),
             iteration, and lines [{label, formula, source}]
    label    label, title, text (Markdown with LaTeX between $), language
    trace    iteration, html (a whole page)
    saved    folder, command (that goes on with it)
    script   text
    link     link
    done     do, id                  a command without an answer of its own was carried out
    error    do, id, text            one line; nothing was changed
"""

from __future__ import annotations

import base64
import json
import re
from math import isfinite
from typing import Any

import numpy as np

from numgan.data import DATASETS
from numgan.errors import InputError
from numgan.lab.checks import (
    Check,
    configured,
    listed,
    one_or_more,
    or_null,
    real,
    short,
    table,
    text,
    whole,
    word,
)
from numgan.penalties import PENALTIES

LONGEST = 512 * 1024  # characters of a command: 5000 drawn points fit
SHOWN = ("data", "samples", "arrows", "field", "manifold", "curves", "spectrum")
FIELDS = ("D", "logit", "best", "difference")
PLAYERS = ("d", "g")
DEEPEST, WIDEST = 6, 512  # of the networks that a page may ask for
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def array(x: Any) -> dict[str, Any]:
    """An array as a message has it.

    >>> array(np.array([[1.0, 2.0]]))
    {'shape': [1, 2], 'f32': 'AACAPwAAAEA='}
    """
    with np.errstate(over="ignore"):  # beyond float32 is ∞
        x = np.ascontiguousarray(x, dtype="<f4")
    return {"shape": list(x.shape), "f32": base64.b64encode(x.tobytes()).decode("ascii")}


def numbers(message: dict[str, Any]) -> np.ndarray:
    """The array of a message, float32. The inverse of `array`.

    >>> numbers(array(np.array([[1.0, 2.0]])))
    array([[1., 2.]], dtype=float32)
    """
    content = base64.b64decode(message["f32"])
    return np.frombuffer(content, dtype="<f4").reshape(message["shape"])


def number(x: Any) -> float | None:
    """A number as JSON has it: null where it is not finite."""
    return float(x) if isfinite(float(x)) else None


# ── the commands ──────────────────────────────────────────────────────────────────────────────────

SHIPPED = [name for name, entry in DATASETS.items() if not entry.needs_path]
# of a game that runs
LIVE: dict[str, Check] = {
    "k": whole(1, 100),
    "k_g": whole(1, 100),
    "lr_d": real(0, 100),
    "lr_g": real(0, 100),
    "optimizer": configured("optimizer"),
    "beta1": configured("beta1"),
    "batch": whole(1, 4096),
    "objective": configured("objective"),
    "penalty": or_null(configured("penalty")),
    "weight": or_null(one_or_more(real(0, 1e6), len(PENALTIES))),
    "rule": configured("rule"),
    "strength": or_null(real(0, 1000)),
}
# of a game that begins
CHOICES: dict[str, Check] = {
    "dataset": word(*SHIPPED, "drawn", "file"),
    "seed": whole(0, 2**53),
    "latent": whole(1, 256),
    "hidden": listed(whole(1, WIDEST), 1, DEEPEST),
    "activation": configured("activation"),
    "activation_d": or_null(configured("activation_d")),
    "pack": whole(1, 8),
    **LIVE,
}
POINT = listed(real(-1000, 1000), 2, 2)

REQUIRED: dict[str, dict[str, Check]] = {
    "play": {},
    "pause": {},
    "speed": {"per_second": or_null(whole(1, 100_000))},
    "step": {"player": word(*PLAYERS, "both")},
    "stage": {"player": word(*PLAYERS)},
    "set": {"settings": table(LIVE, least=1)},
    "restart": {"choices": table(CHOICES)},
    "draw": {"points": listed(POINT, 6, 5000)},
    "watch": {},
    "seen": {"frame": whole(0, 2**53)},
    "pick": {},
    "label": {"label": text(12), "language": word("en", "zh")},
    "back": {"iteration": whole(0, 2**53)},
    "two": {"change": or_null(table(LIVE, least=1))},
    "trace": {},
    "save": {"name": text(64, NAME)},
    "script": {},
    "link": {},
    "open": {"link": text(LONGEST)},
    "lesson": {"number": or_null(whole(1, 99)), "step": whole(0, 999)},
}
OPTIONAL: dict[str, dict[str, Check]] = {
    "step": {"times": whole(1, 10_000)},
    "watch": {
        "show": listed(word(*SHOWN), 0, len(SHOWN)),
        "field": word(*FIELDS),
        "samples": whole(1, 2000),
    },
    "trace": {"language": word("en", "zh")},
    "pick": {"sample": whole(0, 1999), "z": listed(real(-100, 100), 1, 512)},
}


def command(message: str | bytes) -> dict[str, Any]:
    """The command that a message is, entirely checked. Raises InputError, in one line, for anything
    else.

        >>> command('{"do": "step", "player": "d"}')
        {'do': 'step', 'player': 'd'}
    """
    if not isinstance(message, str):
        raise InputError("a command is text, got bytes")
    if len(message) > LONGEST:
        raise InputError(f"a command of {len(message):,} characters: expected at most {LONGEST:,}")
    try:
        content = json.loads(message, parse_constant=refuse_constant)
    except (ValueError, RecursionError) as error:
        raise InputError(f"a command is JSON: {' '.join(str(error).split())[:80]}") from None
    return checked(content)


def checked(content: Any) -> dict[str, Any]:
    """A command that is no text any more, such as one of a lesson, entirely checked."""
    if not isinstance(content, dict) or not isinstance(content.get("do"), str):
        raise InputError('a command is an object with a "do"')
    name = content["do"]
    if name not in REQUIRED:
        raise InputError(f"there is no command {short(name)}: expected {', '.join(REQUIRED)}")
    required, optional = REQUIRED[name], OPTIONAL.get(name, {})
    if missing := required.keys() - content.keys():
        raise InputError(f"{name} needs {', '.join(sorted(missing))}")
    fields: dict[str, Any] = {"do": name}
    for key, value in content.items():
        if key == "id":
            fields["id"] = whole(0, 2**53)("id", value)
        elif key in required or key in optional:
            fields[key] = (required.get(key) or optional[key])(key, value)
        elif key != "do":
            raise InputError(f"{name} has no {short(key)}")
    if name == "pick" and ("sample" in fields) == ("z" in fields):
        raise InputError("pick takes a sample's number or a z")
    return fields


def refuse_constant(name: str) -> None:
    """Raise ValueError: NaN and Infinity are no JSON."""
    raise ValueError(f"{name} is no number of JSON")
