"""Through the layers of a network, forward and back: one stage for each layer, made from the calls
of a pass.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from numgan.backend import Array
from numgan.layers.elementwise import Elementwise
from numgan.layers.layer import Layer
from numgan.trace.means import by_complex_step, through
from numgan.trace.recorder import Call, Pass
from numgan.trace.source import of_layer
from numgan.trace.stage import Check, Named, Stage
from numgan.trace.sums import expanded_entry


@dataclass(frozen=True)
class Place:
    """An array between two layers: y of one layer and x of the next, in both directions."""

    key: str
    what: str
    V: str  # the name of the value that the way back differentiates

    def value(self, name: str, value: Array) -> Named:
        """The array, under its name in a stage."""
        return Named(name, self.key, value, self.what)

    def slope(self, name: str, value: Array) -> Named:
        """∂Ṽ/∂ the array, or the derivative of another value."""
        return Named(name, f"{self.key}-slope", value, f"∂{self.V}/∂ {self.what}")


def places(key: str, on: str, forward_pass: Pass, V: str) -> list[Place]:
    """The places before layers 0, 1, … of a forward pass, and after the last."""
    player, last = forward_pass.player, len(forward_pass.calls)
    inside = [Place(f"{key}-{n}", f"what goes into {player}[{n}] {on}", V) for n in range(last)]
    return [*inside, Place(f"{key}-{last}", f"what comes out of {player} {on}", V)]


def forward(forward_pass: Pass, at: Sequence[Place], ends: str) -> Iterator[Stage]:
    """From x and P to y, layer by layer; `ends` describes the last y."""
    for call, x_at, y_at in zip(forward_pass.calls, at[:-1], at[1:], strict=True):
        last = (f"y is {ends}.",) if y_at is at[-1] else ()
        yield Stage(
            f"{title(forward_pass, call)} forward",
            (of_layer(call.layer, "forward"),),
            (
                x_at.value("x", call.input),
                *parameters(forward_pass, call),
                y_at.value("y", call.result),
            ),
            says=(legend(call.layer), *last),
            layer=f"{forward_pass.player}:{call.number}",
        )


def backward(
    back: Pass,
    forward_pass: Pass,
    at: Sequence[Place],
    V: Callable[[Array], Array],
    starts: str,
    ends: str,
) -> Iterator[Stage]:
    """From the last layer to the first: dy in, dP and dx out, as far as the library computed them.

    `forward_pass` is the forward pass, V the value as a function of its output; `starts` describes
    the first dy, and `ends` the use of the last dx.
    """
    shown = {call.number for call in back.calls if call.method != "gradient" or call.P}
    for call in reversed([call for call in forward_pass.calls if call.number in shown]):
        n, layer, x = call.number, call.layer, call.input
        calls = {call.method: call for call in back.calls if call.number == n}
        dy = next(iter(calls.values())).input
        arrays, checks, expanded = [at[n + 1].slope("dy", dy)], [], None
        if "backward" in calls:
            arrays += parameters(forward_pass, call)[:1]
        if "gradient" in calls or isinstance(layer, Elementwise):
            arrays.insert(0, at[n].value("x", x))
        if isinstance(layer, Elementwise):
            dphi = np.broadcast_to(layer.dphi(call.cache), dy.shape)
            arrays.append(Named("φ'", f"{at[n].key}-dphi", dphi, f"φ' at {at[n].what}"))
        if "gradient" in calls and layer.parameters():
            dP = calls["gradient"].result
            arrays += gradients(forward_pass, call, at[n], dP)
            checks += parameter_checks(
                "d{}",
                forward_pass,
                n,
                dP,
                lambda theta: V(through(forward_pass, theta, forward_pass.input)),
            )
            expanded = expanded_entry(layer, x, dy, dP[0])
        if "backward" in calls:
            dx = calls["backward"].result
            arrays.append(at[n].slope("dx", dx))
            checks.append(by_complex_step("dx", dx, value_from_layer(forward_pass, n, V), x))
        yield Stage(
            f"{title(forward_pass, call)} backward",
            tuple(
                of_layer(layer, does)
                for does in ("gradient", "backward")
                if does in calls and (does == "backward" or layer.parameters())
            ),
            tuple(arrays),
            tuple(checks),
            says=((f"dy is {starts}.",) if n == max(shown) else ())
            + ((ends,) if n == min(shown) else ()),
            layer=f"{forward_pass.player}:{n}",
            sum=expanded,
        )


def value_from_layer(
    forward_pass: Pass, n: int, V: Callable[[Array], Array]
) -> Callable[[Array], Array]:
    """V as a function of the input of layer n."""
    return lambda x: V(through(forward_pass, forward_pass.theta, x, n))


def parameters(forward_pass: Pass, call: Call) -> list[Named]:
    """W, b, … of a layer, under keys that change when θ does."""
    age = f" after update {forward_pass.version}" if forward_pass.version else ""
    return [
        Named(
            name,
            key(forward_pass.player, forward_pass.version, call.number, name),
            value,
            f"{name} of {title(forward_pass, call)}{age}",
        )
        for name, value in zip(call.layer.parameters(), call.P, strict=True)
    ]


def gradients(forward_pass: Pass, call: Call, at: Place, dP: Sequence[Array]) -> list[Named]:
    """dW, db, … of a layer in one pass."""
    return [
        Named(
            f"d{name}",
            key(at.key, f"d{name}"),
            value,
            f"∂{at.V}/∂{name} of {title(forward_pass, call)}, from {at.what}",
        )
        for name, value in zip(call.layer.parameters(), dP, strict=True)
    ]


def parameter_checks(
    name: str, forward_pass: Pass, n: int, dP: Sequence[Array], of_theta: Callable[[Array], Array]
) -> list[Check]:
    """∂/∂P of layer n against the complex step of a function of θ, each parameter at its place in
    θ.
    """
    layer = forward_pass.network.layers[n]
    return [
        by_complex_step(name.format(entry), value, of_theta, forward_pass.theta, place)
        for (entry, place, _), value in zip(forward_pass.network.layout[n], dP, strict=True)
        if entry not in layer.fixed
    ]


def title(forward_pass: Pass, call: Call) -> str:
    """G[2] Dense: the player, the number of the layer, its kind."""
    return f"{forward_pass.player}[{call.number}] {type(call.layer).__name__}"


def legend(layer: Layer) -> str:
    """The first line of a layer's docstring: its map, and the shapes."""
    return re.sub(r" {2,}", "   ", (type(layer).__doc__ or "").split("\n")[0])


def key(*parts: object) -> str:
    """The parts as one identifier; two are equal if they name the same array."""
    return "-".join(map(str, parts)).replace(".", "-")
