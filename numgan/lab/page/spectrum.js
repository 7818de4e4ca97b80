// E38: the eigenvalues of the game's Jacobian in the complex plane, their trail and the verdict.

import { Picture, array, ink, short } from "./draw.js";
import { either, t } from "./text.js";

const KEPT = 24; // spectra of the trail

export function start(lab) {
  const trails = [[], []],
    told = [];
  let game = "";
  const picture = new Picture(document.getElementById("spectrum-board"), (ctx, w, h) =>
    paint(ctx, w, h, trails),
  );

  lab.on("spectrum", message => {
    const trail = trails[message.game];
    while (trail.length && trail.at(-1).iteration >= message.iteration) trail.pop();
    trail.push({ iteration: message.iteration, re: array(message.re), im: array(message.im) });
    if (trail.length > KEPT) trail.shift();
    told[message.game] = message;
    say();
    picture.ask();
  });
  lab.on("state", state => {
    const choices = JSON.stringify(state.choices);
    if (choices !== game) {
      trails[0].length = 0;
      told.length = 0;
    }
    if (choices !== game || !state.two) {
      trails[1].length = 0;
      told.length = Math.min(told.length, 1);
    }
    game = choices;
    say();
    picture.ask();
  });
  lab.on("look", say);

  function say() {
    document.getElementById("verdict").textContent = told.length
      ? told
          .filter(Boolean)
          .map(
            (each, number, all) =>
              `${all.length > 1 ? ["● ", "□ "][number] : ""}${verdict(each.verdict)}` +
              `${t("semicolon")}${each.step > 0 ? t("step", short(each.step)) : t("noStep")}`,
          )
          .join(" · ")
      : t("waitSpectrum");
  }
  lab.spectrum = { redraw: () => picture.ask() };
}

// "stable spiral" in the language of the page.
const verdict = text =>
  either(text)
    .split(" ")
    .map(word => t(word === "spiral" ? "spiralWord" : word))
    .join(document.documentElement.lang === "en" ? " " : "");

// Near 0 the scale is linear, beyond `unit` it is logarithmic, and the axes say so.
const bent = unit => x => Math.asinh(x / unit);

function paint(ctx, width, height, trails) {
  const now = trails.map(trail => trail.at(-1)).filter(Boolean);
  if (!now.length) return;
  const every = trails.flat();
  const most = Math.max(1e-6, ...every.flatMap(each => [...each.re, ...each.im].map(Math.abs)));
  const unit = 10 ** (Math.ceil(Math.log10(most)) - 2),
    f = bent(unit);
  const [left, right, top, low] = [8, width - 8, 8, height - 20];
  const reach = f(most * 1.3),
    right_ = f(Math.max(unit * 3, 1.3 * Math.max(...every.flatMap(each => [...each.re]))));
  const X = x => left + ((right - left) * (f(x) + reach)) / (reach + right_);
  const Y = y => (top + low) / 2 - (((low - top) / 2) * f(y)) / reach;
  ctx.fillStyle = ink.bad;
  ctx.globalAlpha = 0.1;
  ctx.fillRect(X(0), top, right - X(0), low - top);
  ctx.globalAlpha = 1;
  Object.assign(ctx, {
    strokeStyle: ink.rule,
    fillStyle: ink.faint,
    lineWidth: 1,
    textAlign: "center",
  });
  ctx.strokeRect(left, top, right - left, low - top);
  ctx.beginPath();
  let free = -Infinity;
  for (const x of [-100, -10, -1, 0, 1, 10, 100].map(k => k * unit)) {
    if (X(x) < left + 4 || X(x) > right - 4) continue;
    ctx.moveTo(X(x), low);
    ctx.lineTo(X(x), low + 3);
    const text = short(x),
      half = ctx.measureText(text).width / 2;
    if (X(x) - half < free || X(x) - half < left) continue;
    ctx.fillText(text, X(x), low + 0.9 * ink.size);
    free = X(x) + half + 6;
  }
  for (const y of [-100, -10, -1, 1, 10, 100].map(k => k * unit)) {
    if (Y(y) < top + 4 || Y(y) > low - 4) continue;
    ctx.moveTo(X(0) - 3, Y(y));
    ctx.lineTo(X(0) + 3, Y(y));
  }
  ctx.moveTo(left, Y(0));
  ctx.lineTo(right, Y(0));
  ctx.stroke();
  Object.assign(ctx, { strokeStyle: ink.faint, lineWidth: 1.5 });
  ctx.beginPath();
  ctx.moveTo(X(0), top);
  ctx.lineTo(X(0), low);
  ctx.stroke();
  ctx.textAlign = "left";
  ctx.fillText("Im λ", X(0) + 5, top + ink.size * 0.8);
  ctx.fillText("Re λ", left + 5, Y(0) - ink.size * 0.7);
  const scale = document.getElementById("spectrum-scale"),
    said = t("eigenScale", short(unit));
  if (scale.textContent !== said) scale.textContent = said;
  trails.forEach((trail, number) =>
    trail.forEach((each, age) => {
      const fresh = age === trail.length - 1;
      each.re.forEach((re, i) => {
        const [x, y] = [X(re), Y(each.im[i])];
        ctx.globalAlpha = fresh ? 1 : 0.08 + (0.3 * age) / trail.length;
        ctx.fillStyle = ctx.strokeStyle = re > 0 ? ink.bad : ink["real-dot"];
        ctx.lineWidth = 1.4;
        ctx.beginPath();
        if (number) ctx.rect(x - 3, y - 3, 6, 6);
        else ctx.arc(x, y, fresh ? 3.6 : 1.8, 0, 7);
        ctx[number ? "stroke" : "fill"]();
      });
    }),
  );
  ctx.globalAlpha = 1;
}
