// A label of the derivation, opened: its paragraph; and a step as a trace, a page of its own.

import { markdown } from "./tex.js";
import { language, t } from "./text.js";

export function start(lab) {
  const $ = id => document.getElementById(id);

  async function open(label) {
    const answer = await lab.do("label", { label, language: language() });
    if (!answer) return;
    $("equation-title").textContent = `${answer.label} · ${answer.title}`;
    $("equation-text").innerHTML = markdown(answer.text);
    if (!$("equation").open) $("equation").showModal();
    $("equation-text").scrollTop = 0;
  }
  document.addEventListener("click", event => {
    const found = event.target.closest?.("button[data-label]");
    if (found) open(found.dataset.label);
  });

  // The page of a trace stands in a frame that can ask for nothing.
  lab.on("ask trace", async () => {
    const answer = await lab.do("trace", { language: language() });
    if (!answer) return;
    const frame = document.createElement("iframe");
    frame.title = t("trace");
    frame.sandbox = "allow-scripts";
    frame.srcdoc = answer.html;
    $("trace-text").replaceChildren(frame);
    if (!$("trace").open) $("trace").showModal();
  });
  $("trace").addEventListener("close", () => $("trace-text").replaceChildren());
}
