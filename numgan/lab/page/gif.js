// A film of a canvas as a GIF: 216 colours (6 of each primary), and LZW as the format has it.

const SIDE = 480; // the longer side of a film in pixels

// So many frames of what `sheet` draws, at so many a second; `left` hears how many are to come.
export async function film(sheet, frames, rate, left) {
  const canvas = sheet();
  const size = Math.min(1, SIDE / Math.max(canvas.width, canvas.height));
  const [w, h] = [Math.round(canvas.width * size), Math.round(canvas.height * size)];
  const pad = Object.assign(document.createElement("canvas"), { width: w, height: h });
  const ctx = pad.getContext("2d", { willReadFrequently: true });
  const parts = [head(w, h)];
  for (let i = 0; i < frames; i++) {
    left(frames - i);
    ctx.drawImage(sheet(), 0, 0, w, h);
    parts.push(frame(ctx.getImageData(0, 0, w, h).data, w, h, Math.round(100 / rate)));
    await new Promise(done => setTimeout(done, 1000 / rate));
  }
  parts.push(new Uint8Array([0x3b]));
  return new Blob(parts, { type: "image/gif" });
}

const two = n => [n & 255, n >> 8];

function head(w, h) {
  const table = new Uint8Array(3 * 256);
  for (let i = 0; i < 216; i++)
    table.set(
      [Math.floor(i / 36), Math.floor(i / 6) % 6, i % 6].map(v => 51 * v),
      3 * i,
    );
  const text = [..."GIF89a"].map(c => c.charCodeAt(0)),
    loop = [..."NETSCAPE2.0"].map(c => c.charCodeAt(0));
  return new Uint8Array([
    ...text,
    ...two(w),
    ...two(h),
    0xf7,
    0,
    0,
    ...table,
    0x21,
    0xff,
    11,
    ...loop,
    3,
    1,
    0,
    0,
    0,
  ]);
}

// A pattern of thresholds spreads the error of rounding, so that soft fields have no bands.
const BAYER = [0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5].map(v => (v + 0.5) / 16);

function frame(pixels, w, h, hundredths) {
  const codes = new Uint8Array(w * h);
  for (let i = 0; i < codes.length; i++) {
    const nudge = BAYER[4 * (((i / w) | 0) % 4) + ((i % w) % 4)];
    const level = c => Math.min(5, Math.floor(pixels[4 * i + c] / 51 + nudge));
    codes[i] = 36 * level(0) + 6 * level(1) + level(2);
  }
  return new Uint8Array([
    0x21,
    0xf9,
    4,
    0,
    ...two(hundredths),
    0,
    0,
    0x2c,
    0,
    0,
    0,
    0,
    ...two(w),
    ...two(h),
    0,
    8,
    ...blocks(lzw(codes)),
  ]);
}

// Codes of 9 to 12 bits: 256 clears the table, 257 ends it.
export function lzw(codes) {
  const out = [];
  let bits = 0,
    held = 0,
    width = 9,
    table = new Map(),
    next = 258;
  const put = code => {
    held |= code << bits;
    for (bits += width; bits >= 8; bits -= 8) {
      out.push(held & 255);
      held >>>= 8;
    }
  };
  put(256);
  let prefix = codes[0];
  for (let i = 1; i < codes.length; i++) {
    const key = prefix * 256 + codes[i],
      found = table.get(key);
    if (found !== undefined) {
      prefix = found;
      continue;
    }
    put(prefix);
    if (next < 4096) {
      table.set(key, next);
      if (next++ === 1 << width && width < 12) width += 1;
    } else {
      put(256);
      [table, next, width] = [new Map(), 258, 9];
    }
    prefix = codes[i];
  }
  put(prefix);
  put(257);
  if (bits) out.push(held & 255);
  return out;
}

function blocks(bytes) {
  const out = [];
  for (let i = 0; i < bytes.length; i += 255) {
    const piece = bytes.slice(i, i + 255);
    out.push(piece.length, ...piece);
  }
  out.push(0);
  return out;
}
