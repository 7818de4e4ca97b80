// One sample opened: z, a, D(x) and arrow as numbers, the equations and the source's lines.

import { moment } from "./board.js";
import { shown } from "./draw.js";
import { escaped } from "./tex.js";
import { t } from "./text.js";

const values = x => (Array.isArray(x) ? x : x === null || x === undefined ? [] : [x]);
const MANY = 16;

export function start(lab) {
  const panel = document.getElementById("sample"),
    title = document.getElementById("sample-title");
  const text = document.getElementById("sample-text"),
    { view } = lab;
  let count = 0;

  lab.on("pick", async index => {
    const number = count ? ((index % count) + count) % count : Math.max(0, index);
    const focus = panel.hidden;
    try {
      const answer = await lab.ask({ do: "pick", sample: number });
      show(answer, number, focus);
    } catch {
      /* the lab has said why */
    }
  });

  function show(answer, number, focus) {
    const same = view.index === number && !panel.hidden;
    Object.assign(view, {
      picked: { ...answer, x: values(answer.x), arrow: answer.arrow?.length ? answer.arrow : null },
      index: number,
    });
    view.redraw();
    if (same && again(answer)) return;
    title.textContent = t("sampleTitle", number);
    const turned = document.activeElement?.dataset.turn;
    const row = ([
      name,
      label,
      value,
    ]) => `<tr><th scope="row">${t(name)}</th><td>${list(value, label)}</td>
      <td><button class="label" data-label="${label}">${label}</button></td></tr>`;
    text.innerHTML = `<table><tbody>${rows(answer).map(row).join("")}</tbody></table>
      ${(answer.lines || []).map(line).join("")}
      <p class="turn"><button data-turn="-1">${t("previous")}</button>
        <button data-turn="1">${t("following")}</button></p>`;
    for (const button of text.querySelectorAll("[data-turn]"))
      button.onclick = () => lab.tell("pick", number + Number(button.dataset.turn));
    panel.hidden = false;
    if (focus) title.focus();
    if (turned) text.querySelector(`[data-turn="${turned}"]`).focus();
  }

  // The same sample, later: only its numbers change, so that what has the focus keeps it.
  function again(answer) {
    const numbers = rows(answer).flatMap(([, , value]) => values(value).flat(3).slice(0, MANY));
    const buttons = [...text.querySelectorAll("table button.number")];
    if (buttons.length !== numbers.length) return false;
    buttons.forEach((button, i) => {
      button.textContent = shown(numbers[i]);
    });
    return true;
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
    if (
      panel.hidden ||
      view.stage ||
      moment(game) === view.moment ||
      Date.now() - (view.asked ?? 0) < 250
    )
      return;
    Object.assign(view, { asked: Date.now(), moment: moment(game) });
    const index = view.index;
    lab
      .ask({ do: "pick", sample: index })
      .then(answer => {
        if (!panel.hidden && view.index === index) show(answer, index, false);
      })
      .catch(() => {});
  });
}

// name, label, value of what is said of a sample
const rows = answer => [
  ["latentZ", "E11", answer.z],
  ["sampleX", "E11", answer.x],
  ["logit", "E18", answer.a],
  ["belief", "E13", answer.D],
  ["gradient", "E35", answer.gradient],
  ...(answer.arrow?.length ? [["arrowIs", "E35", answer.arrow]] : []),
];

const list = (value, label) => {
  const all = values(value).flat(3);
  const said = all
    .slice(0, MANY)
    .map(x => `<button class="number" data-label="${label}">${shown(x)}</button>`)
    .join(" ");
  return all.length > MANY ? `${said} … (${all.length})` : said;
};

// A line of the program: label, formula, file:line and the code itself.
export function line({ label, formula, source }) {
  const code = source?.code ? `<pre tabindex="0">${escaped(source.code.trim())}</pre>` : "";
  const place = source ? `<code>${escaped(source.file)}:${source.line}</code>` : "";
  return `<div class="equation">
    <button class="label" data-label="${escaped(label)}">${escaped(label)}</button>
    <span class="formula">${escaped(formula)}</span>${place}${code}</div>`;
}
