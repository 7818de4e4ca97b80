// Pictures: the samples, D's belief under each, and some of the data beside them.

import { ink } from "./draw.js";

const pad = document.createElement("canvas");

export function paintPictures(ctx, width, height, game, view) {
  const [, H, W, C] = (game.images ?? game.real).shape,
    n = game.images ? game.images.shape[0] : 0;
  const gap = 8,
    label = ink.size + 6;
  const real = view.show.has("data") && game.real ? game.real.shape[0] : 0;
  const columns = bestColumns(n, real, width, height, W, H, gap, label);
  const side = (width - gap) / columns - gap,
    high = (side * H) / W + label;
  const places = [];
  const draw = (images, beliefs, count, top, colour) => {
    for (let i = 0; i < count; i++) {
      const x = gap + (i % columns) * (side + gap),
        y = top + Math.floor(i / columns) * (high + gap);
      image(ctx, images, i, H, W, C, x, y, side, (side * H) / W);
      if (beliefs) belief(ctx, beliefs[i], x, y + (side * H) / W, side, colour);
      if (images === game.images) places.push([x, y, side, high]);
    }
    return top + Math.ceil(count / columns) * (high + gap);
  };
  let top = gap;
  if (real) {
    top = draw(game.real, game.real_D, Math.min(real, columns), top, ink["real-dot"]);
    ctx.strokeStyle = ink.rule;
    ctx.beginPath();
    ctx.moveTo(gap, top - gap / 2);
    ctx.lineTo(width - gap, top - gap / 2);
    ctx.stroke();
  }
  const rows = Math.max(1, Math.floor((height - top) / (high + gap)));
  if (n) draw(game.images, game.D, Math.min(n, rows * columns), top, ink["fake-dot"]);
  if (view.index !== undefined && places[view.index]) {
    ctx.strokeStyle = ink.ink;
    ctx.lineWidth = 2.5;
    ctx.strokeRect(...places[view.index]);
  }
  return { places };
}

function bestColumns(n, real, width, height, W, H, gap, label) {
  for (let columns = 4; columns < 16; columns++) {
    const side = (width - gap) / columns - gap,
      high = (side * H) / W + label + gap;
    if ((Math.ceil(n / columns) + (real ? 1 : 0)) * high <= height) return columns;
  }
  return 12;
}

function image(ctx, images, i, H, W, C, x, y, w, h) {
  Object.assign(pad, { width: W, height: H });
  const on = pad.getContext("2d"),
    data = on.createImageData(W, H),
    start = i * H * W * C;
  for (let p = 0; p < H * W; p++) {
    for (let c = 0; c < 3; c++)
      data.data[4 * p + c] = 255 * images[start + p * C + (C > 1 ? Math.min(c, C - 1) : 0)];
    data.data[4 * p + 3] = 255;
  }
  on.putImageData(data, 0, 0);
  ctx.imageSmoothingEnabled = false;
  ctx.drawImage(pad, x, y, w, h);
}

// D from 0 to 1 as a bar, and as a number.
function belief(ctx, D, x, y, w, colour) {
  const size = ink.size;
  ctx.fillStyle = ink.rule;
  ctx.fillRect(x, y + 2, w, 3);
  ctx.fillStyle = colour;
  ctx.fillRect(x, y + 2, w * D, 3);
  ctx.fillStyle = ink.ink;
  ctx.textAlign = "center";
  if (w > 2.2 * size) ctx.fillText(D.toFixed(2), x + w / 2, y + 6 + size / 2);
}
