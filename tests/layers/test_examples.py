"""What a new layer needs besides its own file: each place that was forgotten fails here, by name.

A layer is a frozen dataclass derived from Layer. (Its entry in the derivation:
tests/test_labels.py.)
"""

import inspect
from dataclasses import is_dataclass
from importlib import import_module
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import Phase, find, settings
from hypothesis.errors import NoSuchExample

import numgan.layers
from numgan.backend import generator
from numgan.layers import LAYERS, Chain, Dropout, Identity, Layer
from numgan.trace.source import of_layer
from numgan.trace.walk import legend
from tests.layers.cases import CASES, around

once = settings(max_examples=20, database=None, deadline=None, phases=[Phase.generate])
FOLDER = Path(numgan.layers.__file__).parent
every = pytest.mark.parametrize("kind", LAYERS, ids=lambda kind: kind.__name__)


def written():
    """Every layer that a file of numgan/layers defines."""
    for file in sorted(FOLDER.glob("*.py")):
        module = import_module(f"numgan.layers.{file.stem}")
        for thing in vars(module).values():
            if (
                inspect.isclass(thing)
                and issubclass(thing, Layer)
                and thing.__module__ == module.__name__
            ):
                if is_dataclass(thing) and "__dataclass_params__" in vars(thing):
                    yield thing


def found(shapes, condition):
    """A case that is drawn and that meets the condition, the same every time."""
    return find(shapes, condition, settings=once, random=Random(0))


def where(kind):
    """The file of a layer, and its name."""
    return f"{Path(inspect.getsourcefile(kind)).relative_to(FOLDER.parents[1])}, {kind.__name__}"


@pytest.mark.parametrize("kind", list(written()), ids=lambda kind: kind.__name__)
def test_every_layer_is_in_the_list(kind):
    assert kind in LAYERS, f"{where(kind)}: add it to LAYERS in numgan/layers/__init__.py"
    assert kind.__name__ in numgan.layers.__all__, (
        f"{where(kind)}: add it to __all__ in numgan/layers/__init__.py"
    )
    assert kind.__dataclass_params__.frozen, (
        f"{where(kind)}: a layer is a dataclass with frozen=True"
    )


def test_the_list_has_nothing_else():
    assert len(set(LAYERS)) == len(LAYERS) and set(LAYERS) == set(written())


@every
def test_every_layer_has_examples_of_use(kind):
    examples = kind.examples()
    assert examples, (
        f"{where(kind)}: write `examples`, which returns [(layer, shape of a batch), …]"
    )
    for layer, shape in examples:
        assert type(layer) is kind, f"{where(kind)}: an example is {layer}"
        P = tuple(layer.initial(np.random.default_rng(0)))
        at = (P, np.ones(shape), generator("cpu", 0)) if layer.random else (P, np.ones(shape))
        y, _ = layer.forward(*at)
        assert y.shape == (shape[0], *layer.output_shape(shape[1:])), (
            f"{where(kind)}: {layer} on {shape}"
        )


@every
def test_every_layer_is_drawn_at_random(kind):
    """From tests/layers/cases.py, or else around its examples: more than one shape, and of that
    kind.
    """
    drawn = [name for name in CASES if name.split(" ")[0].rstrip(",") == kind.__name__]
    assert drawn, f"{where(kind)} is not drawn: it is missing from CASES in tests/layers/cases.py"
    for shapes in (*(CASES[name] for name in drawn), around(kind)):
        layer, shape = found(shapes, lambda case: True)
        assert type(layer) is kind
        # raises NoSuchExample where all are alike
        found(shapes, lambda case, first=shape: case[1] != first)


def test_what_is_drawn_around_an_example_fits_the_layer():
    class Picky(Dropout):
        """Takes images of two channels and of even sides."""

        def output_shape(self, shape):
            return numgan.layers.AveragePool(2).output_shape(shape)

        @classmethod
        def examples(cls):
            return [(cls(0.5), (1, 2, 4, 2))]

    found(around(Picky), lambda case: case[1] == (4, 4, 6, 2))
    with pytest.raises(NoSuchExample):
        found(around(Picky), lambda case: case[1][1] % 2)


@every
def test_the_tracer_has_a_line_to_show_of_every_layer(kind):
    """Its map by the label in the source, `# L5
    y = γ x̂ + β`, and the first line of its docstring.
    """
    label = of_layer(kind.examples()[0][0], "forward").label
    told = f"{where(kind)}: no line of forward bears a label, as in `# L1   y = x W + b`"
    assert label or kind in (Identity, Chain), told  # which have no equation of their own
    assert legend(kind.examples()[0][0]), f"{where(kind)}: the first line of its docstring is empty"
