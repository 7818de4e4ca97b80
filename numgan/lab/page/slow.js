// Slow motion: the four stages of one step of D, then of G, each drawn in the plane.

import { array, shown } from "./draw.js";
import { sigma } from "./plane.js";
import { line } from "./sample.js";
import { t } from "./text.js";

const STAGES = {
  forward: "stageForward",
  logit: "stageLogit",
  back: "stageBack",
  update: "stageUpdate",
};
const NAMES = ["x", "samples", "a_real", "a_fake", "da_real", "da_fake", "arrows", "moved"];

export function start(lab) {
  const panel = document.getElementById("slow-panel"),
    { view } = lab;
  let player = "d",
    told = null;

  async function next() {
    if (told?.stage === "update") player = told.player === "d" ? "g" : "d";
    if (lab.state?.playing) await lab.do("pause");
    try {
      told = await lab.ask({ do: "stage", player });
    } catch {
      return;
    }
    const found = { ...told };
    for (const name of NAMES) if (told[name]?.f32 !== undefined) found[name] = array(told[name]);
    view.stage = found;
    show();
    view.redraw();
  }

  function show() {
    const names = Object.keys(STAGES);
    const item = name =>
      `<li${name === told.stage ? ' aria-current="step"' : ""}>${t(STAGES[name])}</li>`;
    panel.innerHTML = `<h2>${t(told.player === "d" ? "stageD" : "stageG")}</h2>
      <ol class="stages">${names.map(item).join("")}</ol>
      <p>${told.samples ? t(`stage_${told.player}_${told.stage}`) : ""}</p>
      ${line(told)}<p class="faint">${sums()}</p>
      <p class="turn"><button class="main" id="stage-next">${t("stageNext")}</button>
        <button id="stage-end">${t("stageEnd")}</button></p>`;
    panel.hidden = false;
    document.getElementById("stage-next").onclick = next;
    document.getElementById("stage-end").onclick = end;
  }

  // The stage in numbers: what D makes of both sides, the gradients there, and the whole gradient.
  function sums() {
    const { stage } = view,
      parts = [];
    const mean = values => values.reduce((sum, v) => sum + v, 0) / values.length;
    if (stage.a_real) parts.push(`${t("D_real")} = ${shown(mean(stage.a_real.map(sigma)))}`);
    if (stage.a_fake) parts.push(`${t("D_fake")} = ${shown(mean(stage.a_fake.map(sigma)))}`);
    if (stage.da_real)
      parts.push(`Σ ∂Ṽ/∂a(x) = ${shown(mean(stage.da_real) * stage.da_real.length)}`);
    const value = stage.player === "d" ? "Ṽ" : "Ṽ_g", fakes = stage.da_fake;
    if (fakes) parts.push(`Σ ∂${value}/∂a(G(z)) = ${shown(mean(fakes) * fakes.length)}`);
    if (typeof stage.norm === "number")
      parts.push(`‖∇Ṽ${stage.player === "d" ? "" : "_g"}‖ = ${shown(stage.norm)}`);
    return parts.join(" · ");
  }

  function end() {
    if (!told) return false;
    Object.assign(view, { stage: null });
    told = null;
    player = "d";
    panel.hidden = true;
    view.redraw();
    return true;
  }

  document.getElementById("slow").onclick = next;
  lab.on("look", () => {
    if (told) show();
  });
  lab.on("state", state => {
    if (state.playing) end();
  });
  lab.slow = { next, end };
}
