// Curves over the iterations, with theory's levels drawn in; a number opens its equation.

import { Picture, array, axes, ink, scale, short, shown } from "./draw.js";
import { t } from "./text.js";

// Each chart: its title; its columns with label, colour and error; numbers that are only said.
const CHARTS = [
  {
    title: "curveV",
    lines: [
      ["V", "E29", "ink"],
      ["V_g", "E32", "third"],
    ],
  },
  {
    title: "curveD",
    lines: [
      ["D_real", "E19", "real"],
      ["D_fake", "E19", "fake"],
    ],
    range: [0, 1],
  },
  { title: "curveJSD", lines: [["JSD", "E24", "ink", "JSD_error"]], sparse: true },
  {
    title: "curveModes",
    lines: [["modes", "E6", "third"]],
    said: [["quality", "E10"]],
    sparse: true,
    from: 0,
  },
  {
    title: "curveNorm",
    lines: [
      ["norm_d", "E31", "real"],
      ["norm_g", "E35", "fake"],
    ],
    log: true,
  },
];

export function start(lab) {
  const games = [];
  const place = document.getElementById("curves");
  const charts = CHARTS.map(chart => ({ ...chart }));

  function build() {
    place.replaceChildren(
      ...charts.map((chart, n) => {
        const figure = document.createElement("figure");
        const head = [...chart.lines, ...(chart.said ?? [])].map(
          ([name, label, colour]) =>
            `<span class="key"><i class="mark ${colour ? `stroke ${colour}` : "none"}"></i>
              ${t(name)}
              <button class="number" data-label="${label}" data-curve="${name}">–</button></span>`,
        );
        const title = t(chart.title);
        figure.innerHTML = `<figcaption><h2>${title}</h2>${head.join("")}</figcaption>
          <canvas role="img" aria-label="${title}"></canvas>`;
        chart.figure = figure;
        chart.picture = new Picture(figure.querySelector("canvas"), (ctx, w, h) =>
          paint(ctx, w, h, chart, games, lab.state),
        );
        return figure;
      }),
    );
    values();
  }

  function values() {
    for (const chart of charts) {
      let any = false;
      for (const [name] of [...chart.lines, ...(chart.said ?? [])]) {
        const button = chart.figure.querySelector(`[data-curve=${name}]`),
          value = last(games[0], name);
        any ||= value !== null;
        const error = value === null ? null : last(games[0], `${name}_error`);
        const text =
          (Number.isInteger(value) && name === "modes" ? String(value) : shown(value)) +
          (error ? ` ± ${short(error)}` : "");
        if (button.textContent !== text) button.textContent = text;
        button.closest(".key").hidden = chart.sparse && value === null;
      }
      chart.figure.hidden = chart.sparse && !any;
    }
  }

  build();
  lab.on("look", build);
  lab.on("curves", message => {
    const { columns } = message,
      rows = array(message.rows);
    let game = games[message.game];
    if (message.whole || !game)
      game = games[message.game] = Object.fromEntries(columns.map(name => [name, []]));
    const n = columns.length;
    for (let r = 0; r < (rows ? rows.shape[0] : 0); r++)
      columns.forEach((name, c) => game[name].push(rows[r * n + c]));
    values();
    charts.forEach(chart => chart.picture.ask());
  });
  lab.on("state", state => {
    if (!state.two) games.length = Math.min(games.length, 1);
    charts.forEach(chart => chart.picture.ask());
  });
  lab.curves = { redraw: () => charts.forEach(chart => chart.picture.ask()), games };
}

function last(game, name) {
  const column = game?.[name];
  if (!column) return null;
  for (let i = column.length - 1; i >= 0; i--) if (!Number.isNaN(column[i])) return column[i];
  return null;
}

function paint(ctx, width, height, chart, games, state) {
  const own = (state?.levels || []).filter(level =>
    chart.lines.some(([name]) => name === level.curve),
  );
  const levels = [...new Map(own.map(level => [level.value, level])).values()];
  const many = games.filter(Boolean);
  const times = many
    .flatMap(game => [game.iteration[0], game.iteration.at(-1)])
    .filter(Number.isFinite);
  if (!times.length) return;
  const [t0, t1] = [Math.min(...times), Math.max(...times, 1)];
  const log = chart.log,
    value = x => (log ? (x > 0 ? Math.log10(x) : NaN) : x);
  let [low, high] = chart.range || [Infinity, -Infinity];
  if (!chart.range) {
    for (const game of many)
      for (const [name] of chart.lines)
        for (const x of game[name] || []) {
          const y = value(x);
          if (Number.isFinite(y)) {
            low = Math.min(low, y);
            high = Math.max(high, y);
          }
        }
    for (const level of levels) {
      low = Math.min(low, value(level.value));
      high = Math.max(high, value(level.value));
    }
    if (!Number.isFinite(low)) return;
    if (chart.from !== undefined) low = chart.from;
    const pad = 0.06 * (high - low) || 0.1;
    [low, high] = log
      ? [Math.floor(low * 2) / 2, Math.ceil(high * 2) / 2]
      : [low - (chart.from === undefined ? pad : 0), high + pad];
  }
  const X = scale(t0, t1, 46, width - 12),
    Y = scale(low, high, height - 22, 8);
  if (log) logAxes(ctx, X, Y, t0, t1, low, high);
  else axes(ctx, X, Y, [t0, t1], [low, high], { nx: 3, whole: true });
  for (const level of levels) {
    Object.assign(ctx, {
      strokeStyle: ink.ink,
      fillStyle: ink.faint,
      lineWidth: 1,
      textAlign: "right",
    });
    ctx.setLineDash([5, 4]);
    ctx.beginPath();
    ctx.moveTo(X(t0), Y(value(level.value)));
    ctx.lineTo(X(t1), Y(value(level.value)));
    ctx.stroke();
    ctx.setLineDash([]);
  }
  many.forEach((game, number) => {
    for (const [name, , colour, error] of chart.lines) {
      if (!game[name]) continue;
      if (error && game[error] && !number) band(ctx, game, name, error, X, Y, ink[colour]);
      Object.assign(ctx, {
        strokeStyle: ink[colour],
        lineWidth: number ? 1.2 : 1.7,
        globalAlpha: number ? 0.75 : 1,
      });
      ctx.setLineDash(number ? [3, 3] : []);
      draw(ctx, game.iteration, game[name], value, X, Y);
      if (chart.sparse) points(ctx, game.iteration, game[name], X, Y, ink[colour]);
      ctx.setLineDash([]);
      ctx.globalAlpha = 1;
    }
  });
  for (const level of levels)
    haloed(ctx, level.text, width - 14, Y(value(level.value)) - 0.7 * ink.size);
}

// Text that stays readable over a curve.
function haloed(ctx, text, x, y) {
  Object.assign(ctx, {
    strokeStyle: ink.paper,
    fillStyle: ink.ink,
    lineWidth: 4,
    lineJoin: "round",
    textAlign: "right",
  });
  ctx.strokeText(text, x, y);
  ctx.fillText(text, x, y);
}

// Not more points than pixels: of many that share a column, the least and the greatest.
function draw(ctx, times, column, value, X, Y) {
  ctx.beginPath();
  let pen = false,
    pixel = -1,
    least = 0,
    most = 0;
  for (let i = 0; i < times.length; i++) {
    const v = value(column[i]);
    if (!Number.isFinite(v)) continue;
    const x = X(times[i]),
      y = Y(v),
      column_ = Math.round(x * 2);
    if (pen && column_ === pixel) {
      if (y < least || y > most) ctx.lineTo(x, y);
      [least, most] = [Math.min(least, y), Math.max(most, y)];
      continue;
    }
    ctx[pen ? "lineTo" : "moveTo"](x, y);
    [pen, pixel, least, most] = [true, column_, y, y];
  }
  ctx.stroke();
}

// What is measured now and then has its points shown, while they are few.
function points(ctx, times, column, X, Y, colour) {
  const found = times.map((time, i) => [time, column[i]]).filter(([, y]) => Number.isFinite(y));
  if (found.length > 60) return;
  ctx.fillStyle = colour;
  ctx.beginPath();
  for (const [time, y] of found) {
    ctx.moveTo(X(time) + 2.2, Y(y));
    ctx.arc(X(time), Y(y), 2.2, 0, 7);
  }
  ctx.fill();
}

function band(ctx, game, name, error, X, Y, colour) {
  Object.assign(ctx, { strokeStyle: colour, lineWidth: 1, globalAlpha: 0.35 });
  ctx.beginPath();
  game.iteration.forEach((time, i) => {
    const [y, e] = [game[name][i], game[error][i]];
    if (!Number.isFinite(y) || !Number.isFinite(e)) return;
    ctx.moveTo(X(time), Y(y - e));
    ctx.lineTo(X(time), Y(y + e));
  });
  ctx.stroke();
  ctx.globalAlpha = 1;
}

function logAxes(ctx, X, Y, t0, t1, low, high) {
  axes(ctx, X, Y, [t0, t1], [low, high], { nx: 3, ny: 0, whole: true });
  Object.assign(ctx, { fillStyle: ink.faint, strokeStyle: ink.rule, textAlign: "right" });
  const step = Math.max(1, Math.ceil((high - low) / 4));
  ctx.beginPath();
  for (let p = Math.ceil(low); p <= high; p += step) {
    ctx.moveTo(X(t0), Y(p));
    ctx.lineTo(X(t1), Y(p));
    ctx.fillText(short(10 ** p), X(t0) - 5, Y(p));
  }
  ctx.stroke();
}
