// What every picture shares: a sharp canvas, the palette, scales, axes, numbers and arrays.

// A canvas that paints itself: at the screen's own resolution, once per frame of the screen.
export class Picture {
  constructor(canvas, paint) {
    Object.assign(this, { canvas, paint, asked: false, width: 0, height: 0 });
    new ResizeObserver(() => this.ask()).observe(canvas);
  }
  ask() {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => {
      this.asked = false;
      this.now();
    });
  }
  now() {
    const { canvas } = this,
      ratio = devicePixelRatio || 1;
    const width = canvas.clientWidth,
      height = canvas.clientHeight;
    if (!width || !height) return;
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
    Object.assign(this, { width, height });
    const ctx = canvas.getContext("2d");
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.clearRect(0, 0, width, height);
    ctx.font = `${ink.size}px ${ink.font}`;
    ctx.textBaseline = "middle";
    this.paint(ctx, width, height);
  }
}

// The page's own colours, read from its style sheet; `read` after every change of the theme.
export const ink = {
  read() {
    const style = getComputedStyle(document.documentElement);
    const of = name => style.getPropertyValue(`--${name}`).trim();
    for (const name of [
      "paper",
      "ink",
      "faint",
      "rule",
      "real",
      "fake",
      "third",
      "good",
      "bad",
      "real-dot",
      "fake-dot",
      "above",
      "below",
      "middle",
    ])
      this[name] = of(name);
    this.size = (12 * parseFloat(style.fontSize)) / 16;
    this.font = of("sans");
    this.field = ramp(this.fake, this.middle, this.real);
    this.gap = ramp(this.below, this.middle, this.above);
  },
};

const rgb = hex => [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16));

// 256 colours from one, through another, to a third.
function ramp(...stops) {
  const [low, mid, high] = stops.map(rgb),
    table = new Uint8Array(256 * 3);
  for (let i = 0; i < 256; i++) {
    const t = i / 127.5 - 1,
      end = t < 0 ? low : high;
    for (let c = 0; c < 3; c++) table[3 * i + c] = mid[c] + Math.abs(t) * (end[c] - mid[c]);
  }
  return table;
}

// A message's array: its shape, and its numbers in C order.
export function array(message) {
  if (!message) return null;
  const text = atob(message.f32),
    bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  const values = new Float32Array(bytes.buffer);
  values.shape = message.shape;
  return values;
}

// Numbers as they are shown: six digits, and a sign that is as wide as a plus.
export function shown(x, digits = 6) {
  if (x === null || x === undefined || Number.isNaN(x)) return "–";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : "−∞";
  const size = Math.abs(x);
  const text =
    size !== 0 && (size < 1e-4 || size >= 1e7)
      ? x.toExponential(digits - 1)
      : x.toPrecision(digits);
  return text.replaceAll("-", "−");
}
export const short = x =>
  shown(x, 3)
    .replace(/(\.\d*?)0+(?=e|$)/, "$1")
    .replace(/\.(?=e|$)/, "");

// A line from [a, b] to pixels [c, d].
export const scale = (a, b, c, d) =>
  Object.assign(x => c + ((d - c) * (x - a)) / (b - a || 1), {
    back: y => a + ((b - a) * (y - c)) / (d - c || 1),
  });

// Round numbers between a and b, about n of them.
export function ticks(a, b, n = 4) {
  const raw = (b - a) / n,
    power = 10 ** Math.floor(Math.log10(raw || 1));
  const step = [1, 2, 5, 10].map(m => m * power).find(s => s >= raw) || power;
  const list = [];
  for (let x = Math.ceil(a / step) * step; x <= b + 1e-9 * step; x += step)
    list.push(Math.abs(x) < 1e-9 * step ? 0 : x);
  return list;
}

// The field of 0…1 (or any values, through `unit`) over the picture's rectangle.
const pad = document.createElement("canvas");
export function field(ctx, values, unit, table, opacity, x, y, w, h) {
  const [rows, columns] = values.shape;
  Object.assign(pad, { width: columns, height: rows });
  const on = pad.getContext("2d"),
    image = on.createImageData(columns, rows);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      const value = unit(values[(rows - 1 - r) * columns + c]),
        at = 4 * (r * columns + c);
      if (Number.isNaN(value)) continue;
      const i = 3 * Math.max(0, Math.min(255, Math.round(255 * value)));
      for (let k = 0; k < 3; k++) image.data[at + k] = table[i + k];
      image.data[at + 3] = 255 * opacity;
    }
  on.putImageData(image, 0, 0);
  ctx.imageSmoothingEnabled = true;
  ctx.drawImage(pad, x, y, w, h);
}

// Where a field has one value: pieces of lines through its cells (marching squares).
export function contour(ctx, values, level, X, Y) {
  const [rows, columns] = values.shape,
    at = (r, c) => values[r * columns + c] - level;
  const cut = (u, v) => u / (u - v);
  ctx.beginPath();
  for (let r = 0; r < rows - 1; r++)
    for (let c = 0; c < columns - 1; c++) {
      const a = at(r, c),
        b = at(r, c + 1),
        d = at(r + 1, c),
        e = at(r + 1, c + 1),
        ends = [];
      if (Number.isNaN(a + b + d + e)) continue; // D* is not known everywhere
      if (a < 0 !== b < 0) ends.push([c + cut(a, b), r]);
      if (b < 0 !== e < 0) ends.push([c + 1, r + cut(b, e)]);
      if (d < 0 !== e < 0) ends.push([c + cut(d, e), r + 1]);
      if (a < 0 !== d < 0) ends.push([c, r + cut(a, d)]);
      for (let i = 0; i + 1 < ends.length; i += 2) {
        ctx.moveTo(X(ends[i][0]), Y(ends[i][1]));
        ctx.lineTo(X(ends[i + 1][0]), Y(ends[i + 1][1]));
      }
    }
  ctx.stroke();
}

// An arrow from (x, y) along (u, v), in pixels.
export function arrow(ctx, x, y, u, v) {
  const length = Math.hypot(u, v);
  if (!(length > 0.5)) return;
  const head = Math.min(5, 0.5 * length),
    [a, b] = [(u / length) * head, (v / length) * head];
  ctx.moveTo(x, y);
  ctx.lineTo(x + u, y + v);
  ctx.moveTo(x + u - a - 0.6 * b, y + v - b + 0.6 * a);
  ctx.lineTo(x + u, y + v);
  ctx.lineTo(x + u - a + 0.6 * b, y + v - b - 0.6 * a);
}

// Axes with round numbers at the left and below.
export function axes(ctx, X, Y, [x0, x1], [y0, y1], { nx = 4, ny = 3, whole = false } = {}) {
  const left = X(x0),
    right = X(x1),
    low = Y(y0),
    high = Y(y1);
  ctx.strokeStyle = ink.rule;
  ctx.fillStyle = ink.faint;
  ctx.lineWidth = 1;
  ctx.textAlign = "right";
  ctx.beginPath();
  for (const y of ny ? ticks(y0, y1, ny) : []) {
    ctx.moveTo(left, Y(y));
    ctx.lineTo(right, Y(y));
    ctx.fillText(short(y), left - 5, Y(y));
  }
  ctx.textAlign = "center";
  for (const x of ticks(x0, x1, nx)) {
    if (whole && !Number.isInteger(x)) continue;
    ctx.moveTo(X(x), low);
    ctx.lineTo(X(x), low + 3);
    const text = whole ? x.toLocaleString("en") : short(x);
    const half = ctx.measureText(text).width / 2;
    ctx.fillText(text, Math.min(X(x), right + 8 - half), low + 0.9 * ink.size);
  }
  ctx.moveTo(left, high);
  ctx.lineTo(left, low);
  ctx.lineTo(right, low);
  ctx.stroke();
}
