"""The page of a run, section by section. All text from outside is escaped; the same run gives the
same bytes.
"""

from __future__ import annotations

from dataclasses import asdict
from html import escape
from pathlib import Path

from numgan.html import table
from numgan.metrics import Estimate
from numgan.report import curves, judge
from numgan.report.drawing import FAKE, REAL, look, svg
from numgan.report.film import filmed, image
from numgan.report.reproduce import chosen, command
from numgan.report.style import SCRIPT, STYLE
from numgan.run.convergence import KEPT, RESPONSE, measure_convergence
from numgan.run.measure import estimate_text
from numgan.run.run import Run
from numgan.run.summary import Summary, summarize
from numgan.study.table_plots import table_figure

NAMES = {
    "V": "V with averaged G (E29)",
    "D_real": "D(x), mean over data (E19)",
    "D_fake": "D(G(z)), mean over samples (E19)",
    "a_real": "a(x), mean over data",
    "a_fake": "a(G(z)), mean over samples",
}


def page(run: Run) -> str:
    """The whole page."""
    config, done = run.config, run.training.iterations
    title = escape(Path(config.data).name if config.data else config.dataset)
    with look():
        summary = summarize(run)
        sections = [reached(summary), columns(run, summary), samples(run)]
        sections += [discriminator(run), story(run, summary)]
    if run.config.spectrum:
        sections.append(convergence(run))
    sections += [account(run), configuration(run), networks(run)]
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>numgan: {title}</title>
<style>{STYLE}</style>
</head>
<body>
<h1>{title}</h1>
<p>A generative adversarial network, trained by Algorithm 1
for {done:,} of {config.steps:,} iterations by</p>
<pre class="command">{escape(command(config))}</pre>
{"".join(sections)}
<script>{SCRIPT}</script>
</body>
</html>
"""


def section(title: str, *parts: str) -> str:
    """A heading and its content."""
    return f"<section>\n<h2>{escape(title)}</h2>\n" + "\n".join(parts) + "\n</section>\n"


def picture(content: str, caption: str = "", kind: str = "") -> str:
    """A figure with a caption, which is HTML."""
    below = f"\n<figcaption>{caption}</figcaption>" if caption else ""
    return f'<figure class="{kind}">\n{content}{below}\n</figure>'


def reached(summary: Summary) -> str:
    """The game of D against the averaged generator, and the metrics, with the optimum if it is
    known.
    """
    told = {name: e for name, e in summary.json().items() if isinstance(e, dict) and "optimum" in e}
    farthest = summary.farthest if summary.logistic else None
    rows = [
        (
            NAMES.get(name, name),
            estimate_text(Estimate(e["value"], e["error"])),
            number(e["optimum"]),
        )
        for name, e in told.items()
    ]
    if farthest is not None:
        rows.insert(3, ("|D(x) − ½|, largest on 99 % of the data", number(farthest), "0"))
    note = (
        "The optimum of a metric is what real data get in the samples’ place. "
        "± is the standard error of the measurement, not of the training. "
        "G is the averaged generator θ̄ here; the curves of V and D below are those of θ_g, which "
        "plays."
    )
    return section(
        "What was reached",
        table(("", "reached", "at the optimum"), rows),
        f'<p class="faint">{note}</p>',
    )


def columns(run: Run, summary: Summary) -> str:
    """The quality of the user's rows, column by column and pair by pair, with the verdict; empty
    for other data.
    """
    quality, form = summary.quality, run.data.columns
    if quality is None or form is None:
        return ""
    rows = [
        (c.name, c.kind, *map(moment, (*c.mean, *c.std)), f"{c.distance:.3f}", f"{c.floor:.3f}")
        for c in quality.columns
    ]
    head = ("", "kind", "mean, real", "samples", "std, real", "samples", "KS", "KS, held out")
    drawing = table_figure(form, form.train, form.inverse(run.exhibits(part=1)), (REAL, FAKE))
    drawing.axes[0].set_title("")
    says = "Blue: data. Orange: samples. Below, the pairs whose ranks are correlated most."
    note = (
        "KS is the largest difference of the two distribution functions, of categories half the "
        "sum of the differences of their shares; beside it that of held-out rows from training "
        "rows. The classifier’s AUC is ½ where it cannot tell samples from real rows, 1 where it "
        "always can."
    )
    return section(
        "Column by column",
        f"<p><strong>{escape(quality.verdict())}.</strong></p>",
        picture(svg(drawing, "marginals and pairs", "table"), says),
        table(head, rows),
        f'<p class="faint">{note}</p>',
    )


def moment(value: float) -> str:
    """A mean or a deviation as text; a dash for columns of words."""
    return number(None if value != value else value)


def number(value: float | None) -> str:
    """Four digits; a dash for an unknown number."""
    return "–" if value is None else f"{value:.4g}".replace("-", "−")


def samples(run: Run) -> str:
    """The frames with a slider; without JavaScript only the last one."""
    stays, frames = filmed(run)
    shape, last = run.data.image_shape, len(frames) - 1
    kind = "frame pixels" if shape else "frame"
    film = [stays]
    for n, (frame, step) in enumerate(zip(frames, run.frame_steps, strict=True)):
        hidden = "" if n == last else " hidden"
        film.append(f'<img class="{kind}" src="{frame}" alt="iteration {step:,}"{hidden}>')
    slider = (
        f'<div class="slider"><input type="range" min="0" max="{last}" value="{last}" hidden '
        f'aria-label="iteration">'
        f"<output>iteration {run.frame_steps[-1]:,}</output></div>"
    )
    says = (
        "The same latents through the averaged generator at every time: drag, or use the arrow "
        "keys."
    )
    parts = [
        picture(f'<div class="stack">{"".join(film)}</div>\n{slider}', says, "" if shape else "one")
    ]
    if shape is not None:
        real = image(run, shape, run.data.peek(len(run.frames[0])))
        parts.append(picture(f'<img class="pixels" src="{real}" alt="data">', "Real data."))
    elif run.data.dim > 2:
        parts.append(f'<p class="faint">The first two of {run.data.dim} coordinates.</p>')
    return section(
        "Samples", f'<div class="grid">{"".join(parts)}</div>' if shape else "\n".join(parts)
    )


def discriminator(run: Run) -> str:
    """D over the line or the plane of the data; empty if D judges more than one such point."""
    # D judges single samples without a class
    alone = run.config.pack == 1 and not run.config.conditional
    if alone and run.data.dim == 1:
        says = (
            "Above, the data and samples of G as it plays; below, D, and where p is known the best "
            "D against this G."
        )
        drawing = judge.line(run)
    elif alone and run.data.dim == 2:
        says = (
            "D over the plane: blue where it sees data, orange where it sees samples; where D is a "
            "probability, the "
            "line is at ½. Points are samples x̃ of G as it plays. An arrow is "
            "−∂Ṽ<sub>g</sub>/∂x̃, what E35 hands to "
            "G, from D’s backward pass down to its input: descent would move the sample this way. "
            "Lengths are in "
            "proportion, the longest twentieth cut."
        )
        drawing = judge.landscape(run)
    else:
        return ""
    return section(
        "The discriminator",
        picture(svg(drawing, "D over the space of the data", "judge"), says, "one"),
    )


def story(run: Run, summary: Summary) -> str:
    """The curves."""
    columns, objective, final = (
        run.columns(),
        run.training.game.objective,
        summary.metrics[run.metric],
    )
    drawings = (
        ("V", curves.value(columns, objective)),
        ("V_g", curves.generator_value(columns, objective)),
        ("D", curves.beliefs(columns, objective)),
        ("gradients", curves.gradients(columns)),
        (run.metric, curves.metric(columns, run.metric, final)),
    )
    parts = [
        picture(svg(d, f"{name} over the iterations", f"c{n}"))
        for n, (name, d) in enumerate(drawings)
    ]
    return section("The run", f'<div class="grid">{"".join(parts)}</div>')


def convergence(run: Run) -> str:
    """What the run says of its own convergence, a sentence to each number, and the path-angle."""
    told = measure_convergence(run)
    parts = [table(("", "measured", "what it says"), told.rows())]
    drawings = [("convergence", curves.progress(run))]
    if told.path is not None:
        drawings.append(("path-angle", curves.path(told.path)))
    pictures = [picture(svg(d, name, f"v{n}")) for n, (name, d) in enumerate(drawings)]
    note = (
        f"v is the field of both players (E38), on {KEPT} minibatches. “Sampling” is what their "
        "small number adds to ‖v‖. A gap is what a player gains in "
        f"{RESPONSE} steps of Adam while the other stays, measured on minibatches that it was not "
        "trained on: a lower bound of what its best response gains, up to the error (E62). Each of "
        "these can show that a point is no equilibrium. None proves that it is one."
    )
    parts += [f'<div class="grid">{"".join(pictures)}</div>', f'<p class="faint">{note}</p>']
    return section("Convergence", *parts)


def account(run: Run) -> str:
    """How the user's own data were read; empty for other data."""
    lines = run.data.account
    return section("What was read", table(("", "as it was read"), lines)) if lines else ""


def configuration(run: Run) -> str:
    """All fields; those that differ from the default of the data set stand out."""
    rows = [(name, value_text(value)) for name, value in asdict(run.config).items()]
    note = '<p class="faint">The command names what stands out; the rest is the default.</p>'
    return section(
        "Configuration", table(("", "value"), rows, ("dataset", *chosen(run.config))), note
    )


def value_text(value) -> str:
    """A value as it is written on the command line, if there is such an option."""
    if value is None:
        return "–"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def networks(run: Run) -> str:
    """G and D, layer by layer."""
    game = run.training.game
    parts = (
        f"<h3>{name}</h3>\n<pre>{escape(repr(net))}</pre>"
        for name, net in (("G", game.G), ("D", game.D))
    )
    return section("Networks", *parts)
