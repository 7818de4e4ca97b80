"""A repository in miniature, and the smallest picture: what a book is made of, in a few lines."""

from __future__ import annotations

from pathlib import Path

DERIVATION = r"""# The derivation

Two equations.

## 1 Sums

**E1 (half).** With $x>0$,

$$h(x)=\frac{x}{2}.$$

*Definition.* Nothing to prove. ∎

`code: numgan.one.half · test: tests/test_one.py · chapter: demos/01_half.py`

**E2 (twice).** $t(x)=2x$:

$$t(h(x))=x.$$

*Proof.* By E1. ∎

`code: numgan.one.Twice · test: not yet · chapter: not yet`

## Sources

- Nobody, 2020, arXiv:1406.2661.
"""

MODULE = '''"""Halves and doubles, E1-E2.

    half(x) = x/2          E1
"""


def half(x):
    """h(x) = x/2 < x."""
    return x / 2  # E1


class Twice:
    """t(x) = 2x, the other way round; `numgan.one.half` is undone."""

    def __call__(self, x):
        return 2 * x  # E2
'''

CHAPTER = r"""# %% [markdown]
# # 1 · Half (E1)
#
# $$h(x) = \frac{x}{2} \qquad (\mathrm{E1})$$

# %%
import sys
from pathlib import Path

from numgan.one import half

print("E1      half of 4 <", half(4.0))

# %% [markdown]
# ## The figure

# %%
out = Path(sys.argv[sys.argv.index("--out") + 1])
dot = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000050000000308020000")
(out / "01_half.png").write_bytes(dot)
print("figure:", out / "01_half.png")

# %% [markdown]
# ## The end

# %%
print("done" if "--quick" in sys.argv else "slow")
"""

FILES = {
    "setup.cfg": "",
    "README.md": "# One\n\nSee [`numgan/one.py`](numgan/one.py), [the licence](LICENSE), "
    "`numgan/one.py` and $x$.\n",
    "numgan/__init__.py": '"""One."""\n',
    "numgan/one.py": MODULE,
    "numgan/study/derivation.md": DERIVATION,
    "tests/test_one.py": "def test_E1_half():\n    assert True\n",
    "demos/01_half.py": CHAPTER,
}


def plant(root: Path, **changed: str) -> Path:
    """Write the repository below a folder; keyword arguments replace the files of that stem."""
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(changed.get(path.stem, text), encoding="utf-8")
    return root
