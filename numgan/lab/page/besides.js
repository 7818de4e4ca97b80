// Beside the plane: the exact D*, what D lacks of it, and the numbers of the last step.

import { moment } from "./board.js";
import { Picture, contour, ink, shown } from "./draw.js";
import { frameOf, paintField, sigma } from "./plane.js";
import { either, t } from "./text.js";

// number, label of the derivation, colour of its curve
export const NUMBERS = [
  ["V", "E29", "ink"],
  ["V_g", "E32", "third"],
  ["D_real", "E19", "real"],
  ["D_fake", "E19", "fake"],
  ["norm_d", "E31", "real"],
  ["norm_g", "E35", "fake"],
];

export function start(lab) {
  const place = document.getElementById("numbers");

  function build() {
    place.innerHTML = `<table><caption>${t("numbers")}</caption><tbody>${NUMBERS.map(
      ([name, label]) => `
      <tr><th scope="row">${t(name)}</th><td><button class="number"
      data-label="${label}" data-number="${name}"
      aria-describedby="why-${name}">–</button></td><td class="second"></td>
      <td><button class="label" data-label="${label}" id="why-${name}">${label}</button></td></tr>`,
    ).join("")}</tbody></table>
      <button id="open-trace">${t("openTrace")}</button>`;
    document.getElementById("open-trace").onclick = () => lab.tell("ask trace");
  }
  build();
  lab.on("look", () => {
    build();
    tell(lab.view.games);
  });

  const tell = games => {
    games.forEach((game, i) => {
      for (const [name] of NUMBERS) {
        const button = place.querySelector(`[data-number=${name}]`);
        const cell = i ? button.closest("tr").querySelector(".second") : button;
        cell.textContent = shown(game.numbers?.[name]);
      }
    });
    if (games.length < 2)
      for (const cell of place.querySelectorAll(".second")) cell.textContent = "";
  };
  lab.on("games", tell);

  // The lab watches one field at a time. The reader's own is watched; D* is looked at in between.
  const kept = {},
    chosen = () => lab.layers.field();
  let looked = 0,
    away = false;
  const small = (id, of, line) =>
    new Picture(document.getElementById(id), (ctx, width, height) => {
      const game = kept[of];
      if (!game) return;
      const { rect } = frameOf(game.extent, 0, 0, width, height);
      paintField(ctx, game.field, of, rect, 0.85);
      const [rows, columns] = game.field.shape,
        [x, y, w, h] = rect;
      Object.assign(ctx, { strokeStyle: ink.ink, lineWidth: 1.2, globalAlpha: 0.7 });
      contour(
        ctx,
        game.field,
        line,
        c => x + (w * c) / (columns - 1),
        r => y + h - (h * r) / (rows - 1),
      );
      Object.assign(ctx, { strokeStyle: ink.rule, globalAlpha: 1 });
      ctx.strokeRect(...rect);
    });
  const pictures = [small("best-board", "best", 0.5), small("gap-board", "difference", 0)];
  lab.besides = { redraw: () => pictures.forEach(picture => picture.ask()) };

  lab.on("games", async ([game]) => {
    if (!game?.field || lab.state?.dim !== 2) return;
    kept[game.field_of] = game;
    if (game.field_of === "logit") kept.D = with_(game, game.field.map(sigma));
    if (kept.D && kept.best && game.field_of !== "difference")
      kept.difference = with_(
        kept.D,
        kept.D.field.map((D, i) => D - kept.best.field[i]),
      );
    lab.besides.redraw();
    const missing = ["best", "D"].find(of => moment(kept[of]) !== moment(game));
    if (
      away ||
      !missing ||
      lab.view.drawn ||
      ((lab.state.playing || lab.state.left) && Date.now() - looked < 1000)
    )
      return;
    away = true;
    await lab.do("watch", { field: missing });
    await new Promise(done => {
      lab.after = done;
      setTimeout(done, 1500);
    });
    await lab.do("watch", { field: chosen() || "D" });
    looked = Date.now();
    away = false;
  });
  lab.on("games", () => {
    if (away && lab.after) {
      lab.after();
      lab.after = null;
    }
  });
  lab.on("state", state => {
    document.getElementById("best").hidden = state.dim !== 2 || Boolean(state.image);
    const note = document.getElementById("note"),
      said = either(state.note);
    if (note.textContent !== said) note.textContent = said;
    const game = JSON.stringify(state.choices);
    if (kept.of !== game) for (const name of Object.keys(kept)) delete kept[name];
    kept.of = game;
  });
}

const with_ = (game, values) => ({
  ...game,
  field: Object.assign(values, { shape: game.field.shape }),
});
