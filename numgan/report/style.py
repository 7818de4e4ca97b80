"""The style of the page, and its only script: the slider of the samples."""

STYLE = """
:root { color-scheme: light dark; --paper: #fdfcfa; --ink: #1d2126;
  --faint: #646b73; --rule: #dcd9d3; --box: #f3f1ec }
@media (prefers-color-scheme: dark) {
  :root { --paper: #16181b; --ink: #e4e2dd; --faint: #9aa0a6; --rule: #363a3f; --box: #202327 }
}
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 64rem; padding: 1.5rem 1rem 3rem;
       background: var(--paper); color: var(--ink);
       font: 1rem/1.5 system-ui, sans-serif }
h1 { margin: 0; font-size: 1.9rem; overflow-wrap: anywhere }
h2 { margin: 2.4rem 0 .6rem; font-size: 1.25rem; border-bottom: 1px solid var(--rule) }
p, figcaption { max-width: 46rem }
figcaption, .faint { color: var(--faint); font-size: .9rem }
code, pre { font: .85rem/1.5 ui-monospace, Menlo, Consolas, monospace }
pre { background: var(--box); border-radius: .4rem; padding: .7rem .9rem; overflow-x: auto }
pre.command { white-space: pre-wrap; overflow-wrap: anywhere }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { padding: .25rem 1.2rem .25rem 0; text-align: left; vertical-align: top;
         border-bottom: 1px solid var(--rule) }
thead th { color: var(--faint); font-weight: normal; font-size: .9rem }
tbody th { font-weight: normal }
td { overflow-wrap: anywhere }
tr.chosen { font-weight: 600 }
tr.chosen th { font-weight: 600 }
figure { margin: 0; min-width: 0 }
svg, img { display: block; width: 100%; height: auto }
.grid { display: grid; gap: 1.2rem;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)) }
.one { max-width: 38rem }
.stack { position: relative }
.stack svg ~ img { position: absolute; inset: 0; height: 100% }
.pixels { image-rendering: pixelated }
.slider { display: flex; gap: .8rem; align-items: center; margin: .4rem 0 }
.slider input { flex: 1; min-width: 0 }
.slider output { min-width: 9.5rem; font-variant-numeric: tabular-nums }
[hidden] { display: none !important }
@media print {
  :root { --paper: #fff; --ink: #000; --faint: #444; --rule: #bbb; --box: #fff }
  body { max-width: none; padding: 0; font-size: 10pt }
  .slider input { display: none }
  figure, tr, pre { break-inside: avoid }
  h2 { break-after: avoid }
  pre { white-space: pre-wrap; border: 1px solid var(--rule) }
}
"""

SCRIPT = """
const slider = document.querySelector('.slider input');
const shown = document.querySelector('.slider output');
const frames = document.querySelectorAll('.frame');
function show() {
  frames.forEach((frame, number) => { frame.hidden = number != slider.value });
  shown.value = frames[slider.value].alt;
  slider.setAttribute('aria-valuetext', shown.value);
}
slider.hidden = false;
slider.addEventListener('input', show);
show();
"""
