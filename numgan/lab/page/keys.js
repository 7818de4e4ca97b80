// Everything by the keyboard, and the list of its keys.

import { t } from "./text.js";

export const KEYS = [
  ["Space", "keyPlay"],
  ["D", "keyD"],
  ["G", "keyG"],
  ["B", "keyB"],
  ["S", "keyS"],
  ["← →", "keyTime"],
  ["1 2 3 4", "keyLayers"],
  ["F", "keyF"],
  ["N", "keyN"],
  ["T", "keyT"],
  ["L", "keyL"],
  ["P", "keyP"],
  ["W", "keyW"],
  ["V", "keyV"],
  ["C", "keyC"],
  ["M", "keyM"],
  ["E", "keyE"],
  ["?", "keyHelp"],
  ["Esc", "keyEscape"],
];

export function start(lab, look) {
  const $ = id => document.getElementById(id);
  const open = () => {
    $("keys-text").innerHTML = `<dl>${KEYS.map(
      ([key, says]) =>
        `<div><dt>${key
          .split(" ")
          .map(k => `<kbd>${k}</kbd>`)
          .join(" ")}</dt><dd>${t(says)}</dd></div>`,
    ).join("")}</dl>`;
    $("keys").showModal();
  };
  $("help").onclick = open;

  const acts = {
    " ": () => lab.time.toggle(),
    d: () => lab.time.step("d"),
    g: () => lab.time.step("g"),
    b: () => lab.time.step("both"),
    s: () => lab.slow.next(),
    ArrowLeft: () => (lab.lessons.open() ? lab.lessons.back() : lab.time.move(-1)),
    ArrowRight: () => (lab.lessons.open() ? lab.lessons.next() : lab.time.move(1)),
    1: () => lab.layers.toggle(0),
    2: () => lab.layers.toggle(1),
    3: () => lab.layers.toggle(2),
    4: () => lab.layers.toggle(3),
    f: () => lab.layers.next(),
    n: () => lab.tell("pick", (lab.view.index ?? -1) + 1),
    t: () => lab.tell("ask trace"),
    l: () => $("lessons").click(),
    v: () => $("saving").click(),
    p: () => lab.brush.begin(),
    w: () => lab.controls.two(),
    c: () => look.projector(),
    m: () => look.theme(),
    e: () => look.language(),
    "?": open,
    h: open,
    Escape: () => lab.brush.end() || lab.slow.end() || lab.sample.close() || lab.lessons.end(),
  };
  document.addEventListener("keydown", event => {
    const at = event.target,
      typing = at.closest?.("input, select, textarea");
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]"))
      return;
    if (
      typing &&
      event.key !== "Escape" &&
      (typing.type !== "range" || event.key.startsWith("Arrow"))
    )
      return;
    if (event.key === " " && at.closest?.("button, summary")) return;
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.querySelector(".close").onclick = () => dialog.close();
    dialog.addEventListener("click", event => {
      if (event.target === dialog) dialog.close();
    });
  }
}
