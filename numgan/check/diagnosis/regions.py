"""Where entries lie, in words."""

from __future__ import annotations

from numgan.backend import Array
from numgan.check.diagnosis.context import Context


def axis_name(axis: int, ndim: int) -> str:
    """What people call one slice along an axis."""
    if ndim == 1:
        return "entry"
    return ("row" if axis == 0 else "column") if ndim == 2 else f"slice of axis {axis}"


def region_of(mask: Array, context: Context) -> str:
    """ ", all where x > 0" for a mask that lies inside a region."""
    for name, region in context.regions.items():
        if region.shape == mask.shape and region[mask].all() and not region.all():
            return f", all where {name}"
    return ""
