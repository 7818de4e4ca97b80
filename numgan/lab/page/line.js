// Data on a line, as in Figure 1 of Goodfellow et al. 2014: densities, D and D*, and z → x.

import { arrow, axes, ink, scale } from "./draw.js";

export function paintLine(ctx, width, height, game, view) {
  const on = view.show,
    [x0, x1] = game.extent;
  const left = 40,
    right = width - 40,
    top = 10,
    ground = height * 0.62,
    low = height - 14,
    low_ = ground + 34;
  const X = scale(x0, x1, left, right);
  const most =
    Math.max(1e-9, ...view.games.flatMap(each => [...finite(each.p), ...finite(each.q)])) * 1.08;
  const Y = scale(0, most, ground, top),
    U = scale(0, 1, ground, top + 6);
  axes(ctx, X, Y, [x0, x1], [0, most], { nx: 6, ny: 4 });
  ctx.textAlign = "left";
  ctx.fillStyle = ink.third;
  for (const y of [0, 0.5, 1]) ctx.fillText(y, right + 6, U(y));
  ctx.strokeStyle = ink.rule;
  ctx.setLineDash([2, 3]);
  segment(ctx, left, U(0.5), right, U(0.5));
  ctx.setLineDash([]);
  area(ctx, game.x, game.p, X, Y, ink.real);
  area(ctx, game.x, game.q, X, Y, ink.fake);
  if (on.has("field")) {
    curve(ctx, game.x, game.best, X, U, ink.ink, [5, 4], 1.5);
    curve(ctx, game.x, game.D, X, U, ink.third, [], 2.2);
  }
  const { stage } = view;
  if (stage) {
    minibatch(ctx, stage.x, stage.da_real, X, ground - 9, ink["real-dot"]);
    minibatch(
      ctx,
      stage.moved && stage.player === "g" ? stage.moved : stage.samples,
      stage.da_fake,
      X,
      low_,
      ink["fake-dot"],
    );
    if (stage.arrows && stage.stage === "back") pushes(ctx, stage.samples, stage.arrows, X, low_);
    return { X, Y: () => low_, points: null };
  }
  ticksOf(ctx, on.has("data") && game.data, X, ground - 9, ink["real-dot"]);
  ticksOf(ctx, on.has("samples") && game.samples, X, low_, ink["fake-dot"]);
  if (on.has("arrows") && game.arrows) pushes(ctx, game.samples, game.arrows, X, low_);
  const drawn =
    on.has("manifold") && game.map
      ? [game.map.z, game.map.x]
      : on.has("samples")
        ? [game.z, game.samples]
        : [];
  if (drawn[0] && drawn[1]) maps(ctx, ...drawn, X, low_ + 6, low, left, right);
  if (view.picked) {
    ctx.strokeStyle = ink.ink;
    ctx.lineWidth = 2.2;
    ctx.beginPath();
    ctx.arc(X(view.picked.x[0]), low_, 7, 0, 7);
    ctx.stroke();
  }
  return { X, Y: () => low_, points: game.samples && pairs(game.samples) };
}

const finite = values => (values ? [...values].filter(Number.isFinite) : [0]);
const pairs = values =>
  Float32Array.from({ length: 2 * values.length }, (_, i) => (i % 2 ? 0 : values[i / 2]));

function segment(ctx, a, b, c, d) {
  ctx.beginPath();
  ctx.moveTo(a, b);
  ctx.lineTo(c, d);
  ctx.stroke();
}

function trace(ctx, x, y, X, Y) {
  let pen = false;
  for (let i = 0; i < x.length; i++) {
    if (Number.isFinite(y[i])) ctx[pen ? "lineTo" : "moveTo"](X(x[i]), Y(y[i]));
    pen = Number.isFinite(y[i]);
  }
}

function curve(ctx, x, y, X, Y, colour, dash, width) {
  if (!y) return;
  Object.assign(ctx, { strokeStyle: colour, lineWidth: width });
  ctx.setLineDash(dash);
  ctx.beginPath();
  trace(ctx, x, y, X, Y);
  ctx.stroke();
  ctx.setLineDash([]);
}

function area(ctx, x, y, X, Y, colour) {
  if (!y || !finite(y).length) return;
  ctx.fillStyle = colour;
  ctx.globalAlpha = 0.16;
  ctx.beginPath();
  ctx.moveTo(X(x[0]), Y(0));
  for (let i = 0; i < x.length; i++) if (Number.isFinite(y[i])) ctx.lineTo(X(x[i]), Y(y[i]));
  ctx.lineTo(X(x[x.length - 1]), Y(0));
  ctx.fill();
  ctx.globalAlpha = 1;
  curve(ctx, x, y, X, Y, colour, [], 1.8);
}

function ticksOf(ctx, values, X, y, colour) {
  if (!values) return;
  ctx.strokeStyle = colour;
  ctx.globalAlpha = 0.6;
  ctx.lineWidth = 1;
  ctx.beginPath();
  for (const value of values) {
    ctx.moveTo(X(value), y - 4);
    ctx.lineTo(X(value), y + 4);
  }
  ctx.stroke();
  ctx.globalAlpha = 1;
}

// Slow motion: a tick for each of the minibatch; its gradient at the logit is a bar.
function minibatch(ctx, values, slopes, X, y, colour) {
  if (!values) return;
  ticksOf(ctx, values, X, y, colour);
  if (!slopes) return;
  const most = slopes.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-30);
  Object.assign(ctx, { strokeStyle: colour, lineWidth: 1.5 });
  ctx.beginPath();
  values.forEach((value, i) => {
    ctx.moveTo(X(value), y);
    ctx.lineTo(X(value), y - (26 * slopes[i]) / most);
  });
  ctx.stroke();
}

function pushes(ctx, values, ways, X, y) {
  ctx.strokeStyle = ink.ink;
  ctx.lineWidth = 1.2;
  ctx.beginPath();
  for (let i = 0; i < values.length; i += Math.ceil(values.length / 40))
    arrow(ctx, X(values[i]), y, X(ways[i]) - X(0), 0);
  ctx.stroke();
}

// The two lowest lines: the axis of z, and from each z an arrow to its x = G(z).
function maps(ctx, latents, samples, X, high, low, left, right) {
  const Z = scale(-3.2, 3.2, left, right);
  ctx.strokeStyle = ink.rule;
  ctx.lineWidth = 1;
  segment(ctx, left, high, right, high);
  segment(ctx, left, low, right, low);
  ctx.fillStyle = ink.faint;
  ctx.textAlign = "right";
  ctx.fillText("x", left - 8, high);
  ctx.fillText("z", left - 8, low);
  ctx.strokeStyle = ink.fake;
  ctx.globalAlpha = 0.6;
  ctx.beginPath();
  const order = [...latents.keys()].sort((a, b) => latents[a] - latents[b]);
  for (let i = 0; i < order.length; i += Math.ceil(order.length / 48)) {
    const k = order[i],
      a = Z(latents[k]),
      b = X(samples[k]);
    if (a >= left && a <= right && b >= left && b <= right) arrow(ctx, a, low, b - a, high - low);
  }
  ctx.stroke();
  ctx.globalAlpha = 1;
}
