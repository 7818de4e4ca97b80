// One sample opened: its z, a, D(x) and arrow as numbers, with the equations and the source's lines.

import { shown } from "./draw.js";
import { escaped } from "./tex.js";
import { t } from "./text.js";

const values = x => (Array.isArray(x) ? x : x === null || x === undefined ? [] : [x]);
const MANY = 16;

export function start(lab) {
  const panel = document.getElementById("sample"), title = document.getElementById("sample-title");
  const text = document.getElementById("sample-text"), { view } = lab;
  let count = 0;

  lab.on("pick", async index => {
    const number = ((index % 2000) + 2000) % 2000;
    const focus = panel.hidden;
    try {
      const answer = await lab.ask({ do: "pick", sample: number });
      show(answer, number, focus);
    } catch (error) {
      if (number) lab.tell("pick", 0);
    }
  });

  function show(answer, number, focus) {
    Object.assign(view, { picked: { ...answer, x: values(answer.x), arrow: answer.arrow && values(answer.arrow) }, index: number });
    title.textContent = t("sampleTitle", number);
    const row = (name, label, value) => value === undefined ? "" : `<tr><th scope="row">${name}</th><td>${list(value)}</td><td>${
      label ? `<button class="label" data-label="${label}">${label}</button>` : ""}</td></tr>`;
    text.innerHTML = `<table><tbody>
      ${row(t("latentZ"), "E11", answer.z)}${row(t("sampleX"), "E11", answer.x)}
      ${row(t("logit"), "E18", answer.a)}${row(t("belief"), "E13", answer.D)}
      ${row(t("gradient"), "E35", answer.gradient)}${row(t("arrowIs"), "E35", answer.arrow ?? undefined)}</tbody></table>
      ${(answer.lines || []).map(line).join("")}
      <p class="turn"><button data-turn="-1">${t("previous")}</button> <button data-turn="1">${t("following")}</button></p>`;
    for (const button of text.querySelectorAll("[data-turn]"))
      button.onclick = () => lab.tell("pick", number + Number(button.dataset.turn));
    panel.hidden = false;
    if (focus) title.focus();
    view.redraw();
  }

  function close() {
    if (panel.hidden) return false;
    panel.hidden = true;
    Object.assign(view, { picked: null, index: undefined });
    view.redraw();
    document.getElementById("board").focus();
    return true;
  }
  panel.querySelector(".close").onclick = close;
  lab.sample = { close };

  // What is open follows the training: asked again, at most four times a second.
  lab.on("games", ([game]) => {
    count = game?.samples?.shape[0] ?? game?.images?.shape[0] ?? count;
    if (panel.hidden || view.stage || Date.now() - (view.asked || 0) < 250) return;
    view.asked = Date.now();
    const index = view.index;
    lab.ask({ do: "pick", sample: index }).then(answer => {
      if (!panel.hidden && view.index === index) show(answer, index, false);
    }).catch(() => {});
  });
}

const list = value => {
  const all = values(value).flat(3), said = all.slice(0, MANY).map(x => `<span>${shown(x)}</span>`).join(" ");
  return all.length > MANY ? `${said} … (${all.length})` : said;
};

// A line of the program: label, formula, file:line and the code itself.
export const line = ({ label, formula, source }) => `<div class="equation">
  <button class="label" data-label="${escaped(label)}">${escaped(label)}</button>
  <span class="formula">${escaped(formula)}</span>
  ${source ? `<code>${escaped(source.file)}:${source.line}</code>${source.code ? `<pre tabindex="0">${escaped(source.code.trim())}</pre>` : ""}` : ""}</div>`;
