"""The style and the script of html.py's page. It loads nothing from other places."""

STYLE = """
:root { color-scheme: light dark;
  --back: #fdfdfb; --text: #1c1e21; --faint: #63676e; --line: #d9d9d3; --label: #0b5cad;
  --panel: #f3f3ee;
  --lit: #ffe08a; --lit-text: #1c1e21; --ok: #1b7a3d; --wrong: #b3261e; }
@media screen and (prefers-color-scheme: dark) { :root {
  --back: #16181b; --text: #e6e6e3; --faint: #a0a4ab; --line: #3a3d42; --label: #7db8f5;
  --panel: #202327;
  --lit: #6b5310; --lit-text: #fff6d8; --ok: #6fcf8e; --wrong: #ff8a80; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1rem 1rem 5rem; background: var(--back);
  color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: .5rem 0; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; }
h3 { font-size: 1rem; margin: 1.4rem 0 .4rem; color: var(--label); }
kbd { font: .9em ui-monospace, Menlo, Consolas, monospace; border: 1px solid var(--line);
  border-radius: .25em; padding: 0 .35em; background: var(--panel); }
.keys { color: var(--faint); font-size: .92rem; margin-left: .6em; }
a { color: inherit; }
nav { margin-top: .8rem; }
nav a { display: inline-block; color: var(--label); margin-right: 1.2em; text-decoration: none;
  font-weight: 600; }
button { font: inherit; color: inherit; background: var(--panel); border: 1px solid var(--line);
  border-radius: .4em;
  padding: .2em .8em; cursor: pointer; }
.stage { border: 1px solid var(--line); border-radius: .5rem; margin: .6rem 0; padding: 0 .9rem; }
.stage[open] { padding-bottom: .8rem; }
summary { cursor: pointer; }
.stage > summary { font-weight: 600; padding: .55rem 0; }
.number, .says, .where, .code, figcaption, .what { color: var(--faint); }
.number { font-weight: 400; display: inline-block; min-width: 1.8em; }
.equation { display: flex; flex-wrap: wrap; gap: 0 1em; align-items: baseline; margin-top: .3rem; }
.label { color: var(--label); font-weight: 600; min-width: 2.4em; }
.formula { font: 1.05em/1.6 "STIX Two Text", Cambria, Georgia, serif; flex: 1 1 14em; min-width: 0;
  max-width: 100%; overflow-x: auto; overflow-y: hidden; padding: .1em 0; }
.equation > code { flex: 1 1 14em; overflow-wrap: anywhere; }
math { font-family: "STIX Two Math", "Latin Modern Math", "Cambria Math", "Libertinus Math", math;
  font-size: 1.06em; }
math .sym { border: 0; cursor: pointer; }
.where, .code, .networks, table, .sum, .check {
  font: .82rem/1.5 ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.networks, .drawing { overflow-x: auto; }
.drawing { background: var(--panel); border-radius: .5rem; padding: .6rem .8rem; }
.drawing svg { display: block; }
.drawing path { fill: none; stroke: var(--faint); stroke-width: 1.2; }
.drawing .tip { fill: var(--faint); stroke: none; }
.drawing text { font: 13px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  fill: var(--text); }
.drawing .low { font-size: 10px; }
.drawing .by { font-size: 11px; fill: var(--label); }
.drawing rect { fill: var(--back); stroke: var(--line); }
.drawing .lit rect { fill: var(--lit); } .drawing .lit text { fill: var(--lit-text); }
.code { margin: 0 0 0 3.4em; white-space: pre-wrap; overflow-wrap: anywhere; }
.says { margin: .3rem 0 0; font-size: .92rem; }
.stage .says { white-space: pre-wrap; }
.arrays { display: flex; flex-wrap: wrap; gap: .7rem; margin: .7rem 0; }
figure { margin: 0; padding: .25rem .5rem; border-radius: .4rem; background: var(--panel);
  max-width: 100%;
  overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
td, th { text-align: right; padding: 0 .5em; white-space: nowrap; font-weight: 400; }
th[scope=row], .moments td:nth-child(2) { text-align: left; }
.moments { overflow-x: auto; margin: .5rem 0; }
.sym { text-decoration: none; border-bottom: 1px dotted var(--faint); cursor: pointer; }
figcaption .sym { color: var(--text); font-weight: 600; }
.sum { overflow-wrap: anywhere; }
sub { font-size: .75em; line-height: 0; }
.check { margin: .1rem 0; overflow-wrap: anywhere; }
.check > summary::marker { content: ""; }
.ok { color: var(--ok); } .wrong { color: var(--wrong); font-weight: 700; }
.stage.differs { border-color: var(--wrong); border-width: 2px; }
.lit, .lit figcaption, .lit .sym { background: var(--lit); color: var(--lit-text); }
:focus-visible { outline: 2px solid var(--label); outline-offset: 2px; }
#bar { position: fixed; inset: auto 0 0; background: var(--panel);
  border-top: 1px solid var(--line);
  padding: .5rem 1rem; display: flex; flex-wrap: wrap; gap: .3rem .8rem; align-items: center;
  justify-content: center; }
#bar[hidden] { display: none; }
@page { size: A4; margin: 9mm; }
@media print { :root { font-size: 8px; } #bar, nav, .buttons { display: none; }
  body { max-width: none; padding: 0; line-height: 1.3; }
  main { columns: 2; column-gap: 4mm; }
  h2 { column-span: all; margin: 1rem 0 .3rem; }
  h3 { margin: .4rem 0 .2rem; }
  h2, h3 { break-after: avoid; }
  .stage { break-inside: avoid; margin: .25rem 0; padding: 0 .5rem; }
  .stage[open] { padding-bottom: .3rem; }
  .stage > summary { padding: .15rem 0; }
  .arrays { gap: .25rem; margin: .25rem 0; }
  .drawing { padding: .2rem; } .drawing svg { max-width: 100%; height: auto; } }
"""

SCRIPT = """
"use strict";
// An array has one key, data-a, wherever it stands. Looking at one place lights all of them; a
// click keeps the light.
const all = key => [...document.querySelectorAll("[data-a]")].filter(e => e.dataset.a === key);
const bar = document.getElementById("bar"), told = document.getElementById("told");
let kept = null, at = null;
function light(key) {
  document.querySelectorAll(".lit").forEach(e => e.classList.remove("lit"));
  bar.hidden = !key;
  if (!key) return;
  const lit = all(key), figures = lit.filter(e => e.tagName === "FIGURE");
  lit.forEach(e => e.classList.add("lit"));
  const { one, many } = bar.dataset, n = figures.length;
  const names = [...new Set(figures.map(e => e.dataset.name))].join(" = ");
  told.textContent = `${names}: ${figures[0].dataset.what} · ${n} ${n > 1 ? many : one}`;
}
function look(event) {
  const found = event.target.closest && event.target.closest("[data-a]");
  if (!kept) light(found ? found.dataset.a : null);
}
function keep(key, place) { kept = key; at = place; light(key); }
function go(step) {
  const figures = all(kept).filter(e => e.tagName === "FIGURE");
  at = figures[(figures.indexOf(at) + step + figures.length) % figures.length];
  at.closest(".stage").open = true;
  at.scrollIntoView({ block: "center", behavior: "smooth" });
}
document.addEventListener("mouseover", look);
document.addEventListener("focusin", look);
document.addEventListener("click", event => {
  const symbol = event.target.closest(".sym");
  if (!symbol) return;
  event.preventDefault();
  const key = symbol.dataset.a, near = symbol.closest(".stage");
  if (kept === key) keep(null, null);
  else keep(key, all(key).find(e => e.tagName === "FIGURE" && e.closest(".stage") === near));
});
// One stage on or back from the one that has the focus, or from the first below the page's top.
function stage(step) {
  const all = [...stages()], inside = document.activeElement.closest(".stage");
  const below = all.findIndex(s => s.getBoundingClientRect().top > -1);
  const from = inside ? all.indexOf(inside) + step : step > 0 ? below : below - 1;
  const to = all[Math.min(Math.max(from, 0), all.length - 1)];
  to.open = true;
  to.querySelector("summary").focus({ preventScroll: true });
  to.scrollIntoView({ block: "start" });
}
const KEYS = { n: () => stage(1), p: () => stage(-1), o: () => openAll(true),
  f: () => openAll(false), Escape: () => keep(null, null) };
document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (KEYS[event.key]) KEYS[event.key]();
});
const walk = step => { kept = kept || document.querySelector(".lit").dataset.a; go(step); };
document.getElementById("back").onclick = () => walk(-1);
document.getElementById("on").onclick = () => walk(1);
document.getElementById("off").onclick = () => keep(null, null);
const stages = () => document.querySelectorAll(".stage");
const openAll = open => stages().forEach(s => { s.open = open; });
document.getElementById("open").onclick = () => openAll(true);
document.getElementById("close").onclick = () => openAll(false);
window.addEventListener("beforeprint", () => openAll(true));
"""
