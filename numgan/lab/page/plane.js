// The plane: D as a field, the data, the samples, their arrows (E35) and the image of a grid of z.

import { arrow, axes, contour, field, ink, scale, short } from "./draw.js";

const LEVELS = [-8, -4, -2, -1, 0, 1, 2, 4, 8];
export const sigma = a => 1 / (1 + Math.exp(-a));
const itself = x => x;
// how a field's value becomes a place in the palette, 0…1
export const UNITS = { D: itself, best: itself, logit: sigma, difference: x => 0.5 + x };

// The plane's extent, in one scale for both axes, in the middle of a rectangle.
export function frameOf(extent, left, top, width, height) {
  const [x0, x1, y0, y1] = extent;
  const unit = Math.min(width / (x1 - x0), height / (y1 - y0));
  const [w, h] = [unit * (x1 - x0), unit * (y1 - y0)];
  const [a, b] = [left + (width - w) / 2, top + (height - h) / 2];
  return { X: scale(x0, x1, a, a + w), Y: scale(y0, y1, b + h, b), rect: [a, b, w, h], unit };
}

export function paintField(ctx, values, of, rect, opacity = 0.62) {
  if (values)
    field(ctx, values, UNITS[of], of === "difference" ? ink.gap : ink.field, opacity, ...rect);
}

// Draw one game; returns how to find a sample under the pointer.
export function paintPlane(ctx, width, height, game, view) {
  const box = frameOf(game.extent, 34, 4, width - 38, height - 26);
  const { X, Y, rect } = box;
  const on = view.show;
  axes(ctx, X, Y, game.extent.slice(0, 2), game.extent.slice(2), { nx: 5, ny: 5 });
  ctx.save();
  ctx.beginPath();
  ctx.rect(...rect);
  ctx.clip();
  const shown = game.drawn ?? game;
  if (on.has("field") && shown.field) {
    paintField(ctx, shown.field, shown.field_of, rect);
    lines(ctx, shown, box);
  }
  if (on.has("manifold") && game.manifold) manifold(ctx, game.manifold, X, Y);
  if (view.stage) stage(ctx, view.stage, X, Y);
  else {
    if (on.has("data") && game.data) rings(ctx, game.data, X, Y);
    if (on.has("samples") && game.samples) dots(ctx, game.samples, X, Y);
    if (on.has("arrows") && game.arrows) arrows(ctx, game.samples, game.arrows, X, Y);
    if (view.picked) picked(ctx, view.picked, X, Y);
  }
  if (view.drawn) drawn(ctx, view.drawn, view.brush, box);
  ctx.restore();
  return { ...box, points: view.stage?.samples || game.samples };
}

function lines(ctx, game, { X, Y }) {
  const [rows, columns] = game.field.shape,
    [x0, x1, y0, y1] = game.extent;
  const of = game.field_of;
  const place = (n, a, b, to) => i => to(a + ((b - a) * i) / (n - 1));
  const levels = of === "logit" ? LEVELS : of === "difference" ? [0] : [0.5];
  for (const level of levels) {
    ctx.strokeStyle = ink.ink;
    ctx.globalAlpha = level === levels[levels.length >> 1] ? 0.75 : 0.28;
    ctx.lineWidth = level === levels[levels.length >> 1] ? 1.4 : 1;
    contour(ctx, game.field, level, place(columns, x0, x1, X), place(rows, y0, y1, Y));
  }
  ctx.globalAlpha = 1;
}

function manifold(ctx, grid, X, Y) {
  const [rows, columns] = grid.shape;
  ctx.strokeStyle = ink.fake;
  ctx.globalAlpha = 0.55;
  ctx.lineWidth = 1;
  ctx.beginPath();
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      const i = 2 * (r * columns + c);
      ctx[c ? "lineTo" : "moveTo"](X(grid[i]), Y(grid[i + 1]));
    }
  ctx.stroke();
  ctx.globalAlpha = 1;
}

// The data are rings, the samples dots: told apart without colour too.
export function rings(ctx, points, X, Y, r = 2.6) {
  ctx.strokeStyle = ink["real-dot"];
  ctx.lineWidth = 1.2;
  ctx.beginPath();
  for (let i = 0; i < points.length; i += 2) {
    const x = X(points[i]),
      y = Y(points[i + 1]);
    ctx.moveTo(x + r, y);
    ctx.arc(x, y, r, 0, 7);
  }
  ctx.stroke();
}

export function dots(ctx, points, X, Y, r = 2.4) {
  ctx.fillStyle = ink["fake-dot"];
  ctx.beginPath();
  for (let i = 0; i < points.length; i += 2) {
    const x = X(points[i]),
      y = Y(points[i + 1]);
    ctx.moveTo(x + r, y);
    ctx.arc(x, y, r, 0, 7);
  }
  ctx.fill();
}

function arrows(ctx, points, ways, X, Y) {
  const [ox, oy] = [X(0), Y(0)];
  ctx.strokeStyle = ink.ink;
  ctx.lineWidth = 1.1;
  ctx.globalAlpha = 0.8;
  ctx.beginPath();
  for (let i = 0; i < ways.length; i += 2)
    arrow(ctx, X(points[i]), Y(points[i + 1]), X(ways[i]) - ox, Y(ways[i + 1]) - oy);
  ctx.stroke();
  ctx.globalAlpha = 1;
}

// The sample that is opened: a ring around it and its arrow, thick.
function picked(ctx, sample, X, Y) {
  const [x, y] = [X(sample.x[0]), Y(sample.x[1])];
  ctx.strokeStyle = ink.paper;
  ctx.lineWidth = 5;
  for (const last of [false, true]) {
    ctx.beginPath();
    ctx.arc(x, y, 7, 0, 7);
    if (sample.arrow) arrow(ctx, x, y, X(sample.arrow[0]) - X(0), Y(sample.arrow[1]) - Y(0));
    ctx.stroke();
    if (!last) Object.assign(ctx, { strokeStyle: ink.ink, lineWidth: 2.2 });
  }
}

// Slow motion: the minibatch of this one step; its gradients at the logit are bars up and down.
function stage(ctx, told, X, Y) {
  const { x: real, samples: fake, moved } = told;
  if (real) rings(ctx, real, X, Y, 3.2);
  if (moved && fake) {
    Object.assign(ctx, { strokeStyle: ink["fake-dot"], lineWidth: 1.2, globalAlpha: 0.6 });
    ctx.beginPath();
    for (let i = 0; i < fake.length; i += 2) {
      ctx.moveTo(X(fake[i]), Y(fake[i + 1]));
      ctx.lineTo(X(moved[i]), Y(moved[i + 1]));
    }
    ctx.stroke();
    ctx.globalAlpha = 1;
  }
  if (fake) dots(ctx, moved && told.player === "g" ? moved : fake, X, Y, 3);
  if (told.stage === "logit" || (told.stage === "back" && told.player === "d")) {
    bars(ctx, real, told.da_real, X, Y, ink["real-dot"]);
    bars(ctx, fake, told.da_fake, X, Y, ink["fake-dot"]);
  }
  if (told.arrows && fake && told.stage === "back") arrows(ctx, fake, told.arrows, X, Y);
}

function bars(ctx, points, values, X, Y, colour) {
  if (!points || !values) return;
  const most = values.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-30);
  ctx.strokeStyle = colour;
  ctx.lineWidth = 2;
  ctx.beginPath();
  values.forEach((value, i) => {
    const [x, y] = [X(points[2 * i]), Y(points[2 * i + 1])];
    ctx.moveTo(x, y);
    ctx.lineTo(x, y - (22 * value) / most);
  });
  ctx.stroke();
}

function drawn(ctx, points, brush, { X, Y, unit }) {
  ctx.fillStyle = ink.paper;
  ctx.globalAlpha = 0.7;
  ctx.fillRect(0, 0, ctx.canvas.width, ctx.canvas.height);
  ctx.globalAlpha = 1;
  rings(ctx, points.flat(), X, Y);
  if (!brush) return;
  ctx.strokeStyle = ink.ink;
  ctx.lineWidth = 1.5;
  ctx.setLineDash(brush.erase ? [4, 3] : []);
  ctx.beginPath();
  ctx.arc(X(brush.x), Y(brush.y), brush.radius * unit, 0, 7);
  ctx.stroke();
  ctx.setLineDash([]);
}

// What the picture says without being seen.
export const described = game => game.extent.map(short).join(", ");
