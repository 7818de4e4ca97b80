"""A layer that computes on a device, for a checker that computes on the host.

All arguments move to the device and all results move back, so the checker's own arithmetic stays in
NumPy, and section 10 judges what the device's kernels compute. Caches stay on the device.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numgan.backend import Array, generator, to_device, to_host
from numgan.layers.layer import Around, Layer, Parameters
from numgan.network import Network


@dataclass(frozen=True)
class OnDevice(Around):
    """The layer, with its six passes on the device."""

    layer: Layer
    device: str

    def evaluation(self):
        return OnDevice(self.layer.evaluation(), self.device)

    def put(self, x: Array) -> Array:
        return to_device(x, self.device)

    def put_all(self, P: Parameters | None) -> Any:
        return None if P is None else tuple(self.put(p) for p in P)

    def observe(self, P, cache):
        there = self.put_all(P)
        self.layer.observe(there, cache)
        for p, now in zip(P, there, strict=True):
            p[...] = to_host(now)

    def forward(self, P, x, rng=None):
        rng = (generator(self.device, rng),) if self.random and rng is not None else ()
        y, cache = self.layer.forward(self.put_all(P), self.put(x), *rng)
        return to_host(y), cache

    def backward(self, P, cache, dy):
        return to_host(self.layer.backward(self.put_all(P), cache, self.put(dy)))

    def gradient(self, P, cache, dy):
        return tuple(
            to_host(dp) for dp in self.layer.gradient(self.put_all(P), cache, self.put(dy))
        )

    def rforward(self, P, cache, RP, Rx):
        Ry, Rcache = self.layer.rforward(self.put_all(P), cache, self.put_all(RP), self.put(Rx))
        return to_host(Ry), Rcache

    def rbackward(self, P, cache, RP, Rcache, dy, Rdy):
        at = self.put_all(P), cache, self.put_all(RP), Rcache
        return to_host(self.layer.rbackward(*at, self.put(dy), self.put(Rdy)))

    def rgradient(self, P, cache, RP, Rcache, dy, Rdy):
        at = self.put_all(P), cache, self.put_all(RP), Rcache
        return tuple(to_host(Rdp) for Rdp in self.layer.rgradient(*at, self.put(dy), self.put(Rdy)))

    def __str__(self) -> str:
        return f"{self.layer} on {self.device}"


def on_device(network: Network, device: str) -> Network:
    """The network with every layer on the device and θ on the host."""
    return Network([OnDevice(layer, device) for layer in network.layers], network.input_shape)
