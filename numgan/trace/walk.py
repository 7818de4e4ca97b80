"""Through the layers of a network, forward and back: one stage a layer, made of the notes of a pass."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from numgan.backend import Array
from numgan.layers.elementwise import Elementwise
from numgan.layers.layer import Layer
from numgan.trace.listen import Note, Pass
from numgan.trace.means import by_complex_step, through
from numgan.trace.source import of_layer
from numgan.trace.stage import Check, Named, Stage
from numgan.trace.sums import written_out


@dataclass(frozen=True)
class Place:
    """Where an array stands between two layers: the same array is y of the one and x of the other, forward and back."""

    key: str
    what: str

    def value(self, name: str, value: Array) -> Named:
        """The array, under the name that it has in a stage."""
        return Named(name, self.key, value, self.what)

    def slope(self, name: str, value: Array) -> Named:
        """∂V/∂ the array."""
        return Named(name, f"{self.key}-slope", value, f"∂V/∂ {self.what}")


def places(key: str, on: str, heard: Pass) -> list[Place]:
    """Before layer 0, 1, … of a forward pass, and after the last."""
    player, last = heard.player, len(heard.notes)
    inside = [Place(f"{key}-{n}", f"what goes into {player}[{n}] {on}") for n in range(last)]
    return [*inside, Place(f"{key}-{last}", f"what comes out of {player} {on}")]


def forward(heard: Pass, at: Sequence[Place], on: str, ends: str) -> Iterator[Stage]:
    """x and P in, y out; `ends` says what the last y is."""
    for note, x_at, y_at in zip(heard.notes, at[:-1], at[1:], strict=True):
        last = (f"y is {ends}.",) if y_at is at[-1] else ()
        yield Stage(
            f"{title(heard, note)} forward, {on}",
            (of_layer(note.layer, "forward"),),
            (x_at.value("x", note.given), *parameters(heard, note), y_at.value("y", note.result)),
            says=(legend(note.layer), *last), layer=f"{heard.player}:{note.number}",
        )  # fmt: skip


def backward(
    back: Pass, heard: Pass, at: Sequence[Place], on: str, V: Callable[[Array], Array], starts: str, ends: str
) -> Iterator[Stage]:
    """From the last layer to the first: dy in, dP and dx out, as far as the library computed them.

    `heard` is the forward pass, V the value as a function of what came out of it; `starts` says what the first dy is,
    `ends` what becomes of the last dx.
    """
    told = {note.number for note in back.notes if note.does != "gradient" or note.P}
    for note in reversed([note for note in heard.notes if note.number in told]):
        n, layer, x = note.number, note.layer, note.given
        calls = {call.does: call for call in back.notes if call.number == n}
        dy = next(iter(calls.values())).given
        arrays, checks, expanded = [at[n + 1].slope("dy", dy)], [], None
        if "backward" in calls:
            arrays += parameters(heard, note)[:1]
        if "gradient" in calls or isinstance(layer, Elementwise):
            arrays.insert(0, at[n].value("x", x))
        if isinstance(layer, Elementwise):
            dphi = np.broadcast_to(layer.dphi(note.cache), dy.shape)
            arrays.append(Named("φ'", f"{at[n].key}-dphi", dphi, f"φ' at {at[n].what}"))
        if "gradient" in calls and layer.parameters():
            dP = calls["gradient"].result
            arrays += gradients(heard, note, at[n], dP)
            checks += of_parameters("d{}", heard, n, dP, lambda theta: V(through(heard, theta, heard.given)))
            expanded = written_out(layer, x, dy, dP[0])
        if "backward" in calls:
            dx = calls["backward"].result
            arrays.append(at[n].slope("dx", dx))
            checks.append(by_complex_step("dx", dx, behind(heard, n, V), x))
        yield Stage(
            f"{title(heard, note)} backward, {on}",
            tuple(of_layer(layer, does) for does in ("gradient", "backward") if does in calls and
                  (does == "backward" or layer.parameters())),
            tuple(arrays), tuple(checks),
            says=((f"dy is {starts}.",) if n == max(told) else ()) + ((ends,) if n == min(told) else ()),
            layer=f"{heard.player}:{n}", sum=expanded,
        )  # fmt: skip


def behind(heard: Pass, n: int, V: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """V as a function of what goes into layer n."""
    return lambda x: V(through(heard, heard.theta, x, n))


def parameters(heard: Pass, note: Note) -> list[Named]:
    """W, b, … of a layer, under keys that change when θ does."""
    age = f" after {heard.version} updates" if heard.version else ""
    return [
        Named(name, key(heard.player, heard.version, note.number, name), value, f"{name} of {title(heard, note)}{age}")
        for name, value in zip(note.layer.parameters(), note.P, strict=True)
    ]


def gradients(heard: Pass, note: Note, at: Place, dP: Sequence[Array]) -> list[Named]:
    """dW, db, … of a layer in one pass."""
    return [
        Named(f"d{name}", key(at.key, f"d{name}"), value, f"∂V/∂{name} of {title(heard, note)}, from {at.what}")
        for name, value in zip(note.layer.parameters(), dP, strict=True)
    ]


def of_parameters(
    name: str, heard: Pass, n: int, dP: Sequence[Array], of_theta: Callable[[Array], Array]
) -> list[Check]:
    """What is claimed of ∂/∂P of layer n against the complex step of a function of θ, each at its place in θ."""
    layer = heard.network.layers[n]
    return [
        by_complex_step(name.format(entry), value, of_theta, heard.theta, place)
        for (entry, place, _), value in zip(heard.network.layout[n], dP, strict=True)
        if entry not in layer.fixed
    ]


def title(heard: Pass, note: Note) -> str:
    """G[2] Dense: the player, the number of the layer, its kind."""
    return f"{heard.player}[{note.number}] {type(note.layer).__name__}"


def legend(layer: Layer) -> str:
    """The first line of what a layer says of itself: its map, and the shapes."""
    return re.sub(r" {2,}", "   ", (type(layer).__doc__ or "").split("\n")[0])


def key(*parts: object) -> str:
    """The parts as one identifier, of which two are equal where they name the same array."""
    return "-".join(map(str, parts)).replace(".", "-")
