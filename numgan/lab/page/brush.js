// Data drawn by hand: a brush, an eraser, presets; with the pointer or the keyboard.

import { t } from "./text.js";

const MOST = 5000,
  LEAST = 6,
  SPAN = 1.5; // the plane that is drawn in: −1.5 … 1.5

export function start(lab) {
  const place = document.getElementById("draw"),
    { view } = lab,
    canvas = document.getElementById("board");
  const fold = document.getElementById("fold-draw");
  let painting = false;

  function begin() {
    if (view.drawn) return;
    if (lab.state?.playing) lab.do("pause");
    fold.open = true;
    view.drawn = [];
    view.brush = { x: 0, y: 0, radius: 0.12, erase: false };
    const game = view.games[0];
    view.before = game;
    view.games[0] = view.canvas = {
      extent: game?.extent?.length === 4 ? game.extent : [-SPAN, SPAN, -SPAN, SPAN],
      field: null,
    };
    canvas.dataset.drawing = "";
    build();
    view.redraw();
    canvas.focus();
  }
  function end() {
    if (!view.drawn) return false;
    if (view.before) view.games[0] = view.before;
    Object.assign(view, { drawn: null, brush: null, before: null, canvas: null });
    delete canvas.dataset.drawing;
    build();
    view.redraw();
    return true;
  }

  function stroke(x, y) {
    const { drawn, brush } = view;
    Object.assign(brush, { x, y });
    if (brush.erase) view.drawn = drawn.filter(([a, b]) => Math.hypot(a - x, b - y) > brush.radius);
    else
      for (let i = 0; i < 6 && view.drawn.length < MOST; i++) {
        const [r, angle] = [brush.radius * Math.sqrt(Math.random()), 2 * Math.PI * Math.random()];
        drawn.push([x + r * Math.cos(angle), y + r * Math.sin(angle)]);
      }
    after();
  }
  const where = event => {
    const { X, Y } = view.boards[0].found;
    return [X.back(event.offsetX), Y.back(event.offsetY)];
  };
  canvas.addEventListener("pointerdown", event => {
    if (!view.drawn) return;
    painting = true;
    canvas.setPointerCapture(event.pointerId);
    stroke(...where(event));
  });
  canvas.addEventListener("pointermove", event => {
    if (!view.drawn) return;
    if (painting) stroke(...where(event));
    else {
      Object.assign(view.brush, Object.fromEntries(["x", "y"].map((k, i) => [k, where(event)[i]])));
      view.redraw();
    }
  });
  for (const name of ["pointerup", "pointercancel"])
    canvas.addEventListener(name, () => {
      painting = false;
    });
  canvas.addEventListener("keydown", event => {
    if (!view.drawn) return;
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[
      event.key
    ];
    const { brush } = view;
    if (way) {
      brush.x += 0.08 * way[0];
      brush.y += 0.08 * way[1];
      view.redraw();
    } else if (event.key === "Enter") stroke(brush.x, brush.y);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  function preset(name) {
    const [x0, x1, y0, y1] = view.games[0].extent,
      n = 600;
    const [cx, cy, r] = [(x0 + x1) / 2, (y0 + y1) / 2, 0.36 * Math.min(x1 - x0, y1 - y0)];
    const noise = s =>
      s * r * Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
    const point = {
      blobs: i => [(i % 2 ? 0.7 : -0.7) + noise(0.2) / r, noise(0.2) / r],
      circle: i => [Math.cos(i), Math.sin(i)].map(u => u + noise(0.05) / r),
      cross: i => {
        const u = 2 * Math.random() - 1;
        return [u, i % 2 ? u : -u].map(v => v + noise(0.05) / r);
      },
      spiral: () => {
        const a = 4 + 9 * Math.random();
        return [(a / 13) * Math.cos(a), (a / 13) * Math.sin(a)].map(u => u + noise(0.03) / r);
      },
      corners: i => [i % 2 ? 0.8 : -0.8, i % 4 < 2 ? 0.8 : -0.8].map(u => u + noise(0.12) / r),
    }[name];
    view.drawn = Array.from({ length: n }, (_, i) => point(i)).map(([a, b]) => [
      cx + r * a,
      cy + r * b,
    ]);
    after();
  }

  function after() {
    view.redraw();
    const use = document.getElementById("draw-use");
    if (use)
      Object.assign(use, {
        disabled: view.drawn.length < LEAST,
        textContent: t("drawUse", view.drawn.length),
      });
  }
  function button(text, act, extra = {}) {
    return Object.assign(document.createElement("button"), {
      type: "button",
      textContent: text,
      onclick: act,
      ...extra,
    });
  }
  function build() {
    const says = Object.assign(document.createElement("p"), {
      className: "faint",
      textContent: t("drawSays"),
    });
    if (!view.drawn) {
      place.replaceChildren(says, button(t("drawBegin"), begin, { id: "draw-begin" }));
      return;
    }
    const tools = document.createElement("div"),
      shapes = document.createElement("div"),
      last = document.createElement("div");
    tools.className = shapes.className = last.className = "buttons";
    const tool = erase =>
      button(
        t(erase ? "eraser" : "brush"),
        () => {
          view.brush.erase = erase;
          build();
          view.redraw();
        },
        { id: erase ? "eraser" : "brush", ariaPressed: String(view.brush.erase === erase) },
      );
    const width = Object.assign(document.createElement("input"), {
      type: "range",
      min: 0.02,
      max: 0.5,
      step: 0.01,
      value: view.brush.radius,
      ariaLabel: t("width"),
      oninput: () => {
        view.brush.radius = Number(width.value);
        view.redraw();
      },
    });
    tools.append(tool(false), tool(true), width);
    shapes.setAttribute("role", "group");
    shapes.setAttribute("aria-label", t("presets"));
    shapes.append(
      ...["blobs", "circle", "cross", "spiral", "corners"].map(name =>
        button(t(name), () => preset(name), { id: `preset-${name}` }),
      ),
    );
    last.append(
      button("", use, { id: "draw-use", className: "main" }),
      button(t("clear"), () => {
        view.drawn = [];
        after();
      }),
      button(t("drawEnd"), end),
    );
    place.replaceChildren(says, tools, shapes, last);
    after();
  }
  async function use() {
    const points = view.drawn.map(point => point.map(v => Math.round(v * 1e4) / 1e4));
    end();
    await lab.do("draw", { points });
  }
  build();
  lab.on("look", build);
  lab.brush = { begin, end };
}
