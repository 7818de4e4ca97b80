// The large picture, one for each game: layers on and off, the pointer, the legend.

import { Picture, array, ink, short } from "./draw.js";
import { paintLine } from "./line.js";
import { paintPictures } from "./pictures.js";
import { paintPlane } from "./plane.js";
import { t } from "./text.js";

const LAYERS = ["data", "samples", "arrows", "manifold"];
const FIELDS = {
  "": "fieldNone",
  D: "fieldD",
  logit: "fieldLogit",
  best: "fieldBest",
  difference: "fieldGap",
};
const ARRAYS = [
  "data",
  "samples",
  "D",
  "arrows",
  "field",
  "manifold",
  "x",
  "p",
  "q",
  "best",
  "difference",
  "z",
  "sample_D",
  "images",
  "real",
  "real_D",
  "logit",
];

// A game of a frame with its arrays as numbers.
export function opened(game) {
  const found = { ...game };
  for (const name of ARRAYS) if (game[name]?.f32 !== undefined) found[name] = array(game[name]);
  if (game.map) found.map = { z: array(game.map.z), x: array(game.map.x) };
  return found;
}

// When a game is as it was: a step of one player alone does not count as an iteration.
export const moment = game => game && `${game.iteration} ${game.numbers?.V} ${game.numbers?.V_g}`;

export function start(lab) {
  const view = (lab.view = {
    picked: null,
    stage: null,
    drawn: null,
    brush: null,
    games: [],
    index: undefined,
  });
  const shows = () => {
    const show = new Set(lab.state?.watch.show || []);
    show[field === "" ? "delete" : "add"]("field");
    return show;
  };
  let field = null; // the reader's choice, "" for none; the lab may be asked for another in between
  const boards = [...document.querySelectorAll(".board")].map((canvas, number) => {
    const board = { canvas, number, found: null };
    board.picture = new Picture(canvas, (ctx, width, height) => {
      const game = view.games[number];
      if (!game) return;
      const look = number ? { show: shows(), games: view.games } : { ...view, show: shows() };
      board.found = painter(game)(ctx, width, height, game, look);
    });
    return board;
  });
  const painter = game =>
    game.images || game.real
      ? paintPictures
      : game.extent?.length === 4
        ? paintPlane
        : game.extent
          ? paintLine
          : paintNothing;
  view.redraw = () => boards.forEach(board => board.picture.ask());
  view.boards = boards;

  // In a frame with another field than the chosen one, the picture keeps the last it had.
  const had = [];
  function chosen(game, number) {
    if (game.field && game.field_of === field) had[number] = game;
    const last = had[number];
    const other =
      game.field && game.field_of !== field && last && String(last.extent) === String(game.extent);
    return { ...game, drawn: other ? last : game };
  }

  lab.on("frame", message => {
    view.games = message.games.map((game, number) => chosen(opened(game), number));
    const { games } = view;
    // who draws data has the plane for it
    if (view.drawn) [view.before, view.games[0]] = [games[0], view.canvas];
    try {
      boards.forEach(board => board.picture.now());
      if (!view.drawn) lab.tell("games", games);
      name();
    } finally {
      lab.send({ do: "seen", frame: message.frame });
    }
  });

  lab.on("state", state => {
    adopt(state);
    document.getElementById("second").hidden = !state.two;
    document.body.classList.toggle("pair", Boolean(state.two));
    document.body.classList.toggle("pictures", Boolean(state.image));
    document.body.classList.toggle("flat", state.dim === 1);
    captions();
    layers();
    legend();
    if (!state.two) view.games = view.games.slice(0, 1);
    view.redraw();
  });

  const watch = fields => lab.do("watch", fields);

  // The field is the reader's choice, and a lesson's where a step of it names one.
  let step = "";
  const ALWAYS = ["curves", "spectrum", "field"];
  function adopt({ watch: { show, field: watched }, lesson }) {
    field ??= show.includes("field") ? watched : "";
    const now = lesson ? `${lesson.number}.${lesson.step}` : "";
    const asked = now !== step && lesson?.do?.filter(command => command.do === "watch").at(-1);
    if (asked?.show) field = asked.show.includes("field") ? (asked.field ?? (field || "D")) : "";
    else if (asked?.field) field = asked.field;
    step = now;
    if (!lab.state.left && !ALWAYS.every(name => show.includes(name)))
      watch({ show: [...new Set([...show, ...ALWAYS])], field: field || "D" });
  }
  function toggle(name) {
    const show = shows();
    show[show.has(name) ? "delete" : "add"](name);
    return watch({ show: [...new Set([...show, ...ALWAYS])] });
  }
  function choose(name) {
    field = name;
    layers();
    legend();
    view.redraw();
    return watch({ field: name || "D" });
  }
  lab.layers = {
    field: () => field,
    toggle: number => toggle(LAYERS[number]),
    next() {
      const names = Object.keys(FIELDS);
      return choose(names[(names.indexOf(field) + 1) % names.length]);
    },
  };

  const place = document.getElementById("layers");
  function layers() {
    if (place.lang !== document.documentElement.lang || !place.children.length) build();
    const show = shows();
    for (const button of place.querySelectorAll("button"))
      button.setAttribute("aria-pressed", show.has(button.dataset.layer));
    place.querySelector("select").value = field;
    const [many, line] = [lab.state.image || lab.state.dim > 2, lab.state.dim === 1];
    place.querySelector(".fields").hidden = many || line;
    for (const name of ["arrows", "manifold"])
      place.querySelector(`[data-layer=${name}]`).hidden = Boolean(many);
  }
  function build() {
    place.lang = document.documentElement.lang;
    place.replaceChildren(
      ...LAYERS.map((name, i) => {
        const button = document.createElement("button");
        Object.assign(button, {
          className: `layer ${name}`,
          textContent: t(name),
          onclick: () => toggle(name),
        });
        button.dataset.layer = name;
        button.setAttribute("aria-keyshortcuts", i + 1);
        return button;
      }),
    );
    const label = document.createElement("label"),
      select = document.createElement("select");
    label.className = "fields";
    label.append(`${t("field")} `, select);
    for (const [name, key] of Object.entries(FIELDS)) select.add(new Option(t(key), name));
    select.onchange = () => choose(select.value);
    place.append(label);
  }

  function captions() {
    const two = lab.state.two;
    const said = from =>
      Object.keys(two ?? {})
        .map(key => `${t(`symbol_${key}`)} = ${from[key] ?? t("none")}`)
        .join(", ");
    document.getElementById("caption-0").hidden = !two;
    document.getElementById("caption-0").textContent = said(lab.state.settings);
    document.getElementById("caption-1").textContent = said(two);
  }

  function legend() {
    const show = shows(),
      { state } = lab,
      parts = [];
    const item = (kind, text) => parts.push(`<span><i class="mark ${kind}"></i>${text}</span>`);
    if (state.image) item("belief", t("legendPictures"));
    else {
      if (show.has("data")) item("ring", t("legendData"));
      if (show.has("samples")) item("dot", t("legendSamples"));
      if (state.dim === 1) item("none", t("legendLine"));
      if (show.has("field") && state.dim === 2) {
        item(
          field === "difference" ? "gap" : "ramp",
          field === "difference" ? t("legendGap") : t("legendField"),
        );
        if (field === "logit") item("none", t("legendLogit"));
      }
      if (show.has("arrows"))
        item(
          "arrow",
          `<button class="label" data-label="E35">E35</button> ${t("legendArrows")} ` +
            '<span id="arrow-scale"></span>',
        );
    }
    document.getElementById("legend").innerHTML = parts.join(" ");
    name();
  }

  function name() {
    const scale = document.getElementById("arrow-scale"),
      said = view.games[0]?.arrow;
    if (scale && said) {
      const text = arrowText(said);
      if (scale.textContent !== text) scale.textContent = text;
    }
    boards.forEach(({ canvas, number }) => {
      const game = view.games[number];
      if (game)
        canvas.setAttribute(
          "aria-label",
          t("boardAlt", lab.state?.choices.dataset ?? "", game.iteration),
        );
    });
  }

  // A click opens the sample nearest to it; in pictures, the one under it.
  boards[0].canvas.addEventListener("click", event => {
    if (view.drawn) return;
    const found = boards[0].found,
      { offsetX: x, offsetY: y } = event;
    if (found?.places) {
      const i = found.places.findIndex(
        ([a, b, w, h]) => x >= a && x <= a + w && y >= b && y <= b + h,
      );
      if (i >= 0) lab.tell("pick", i);
    } else if (found?.points && !view.stage) {
      let [best, least] = [-1, 24];
      for (let i = 0; 2 * i < found.points.length; i++) {
        const distance = Math.hypot(
          found.X(found.points[2 * i]) - x,
          found.Y(found.points[2 * i + 1]) - y,
        );
        if (distance < least) [best, least] = [i, distance];
      }
      if (best >= 0) lab.tell("pick", best);
    }
  });
  boards[0].canvas.addEventListener("keydown", event => {
    if (event.key === "Enter" && !view.drawn) lab.tell("pick", (view.index ?? -1) + 1);
  });
}

export const arrowText = ({ factor, cap }) =>
  t("arrowScale", factor < 1 ? `1/${short(1 / factor)}` : short(factor), short(cap));

function paintNothing(ctx, width, height) {
  ctx.fillStyle = ink.faint;
  ctx.textAlign = "center";
  ctx.fillText("–", width / 2, height / 2);
}
