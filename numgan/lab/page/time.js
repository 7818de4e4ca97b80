// The clock, the way to play and step, and the wheel of time over the snapshots that are kept.

import { short } from "./draw.js";
import { t } from "./text.js";

const SPEEDS = [null, 1000, 300, 100, 30, 10, 3, 1];

export function start(lab) {
  const $ = id => document.getElementById(id),
    time = $("time"),
    speed = $("speed");
  let wanted = null,
    busy = false; // the iteration that the reader's thumb is at

  const playing = () => lab.state?.playing;
  lab.time = {
    toggle: () => lab.do(playing() ? "pause" : "play"),
    step: player => lab.do("step", { player }),
    async move(way) {
      const { kept, last } = lab.state.history,
        now = lab.state.iteration;
      const to = way < 0 ? kept.filter(x => x < now).at(-1) : (kept.find(x => x > now) ?? last);
      if (to !== undefined && to !== now) await go(to);
    },
  };
  $("play").onclick = () => lab.time.toggle();
  for (const button of document.querySelectorAll("[data-step]"))
    button.onclick = () => lab.time.step(button.dataset.step);
  $("time-back").onclick = () => lab.time.move(-1);
  $("time-on").onclick = () => lab.time.move(1);

  // While the thumb moves, one request at a time; the last place counts.
  async function go(iteration) {
    if (playing()) await lab.do("pause");
    return lab.do("back", { iteration });
  }
  async function follow() {
    if (busy) return;
    for (busy = true; wanted !== null;) {
      const place = wanted;
      await go(place);
      if (wanted === place) wanted = null;
    }
    busy = false;
  }
  time.oninput = () => {
    wanted = Number(time.value);
    label();
    follow();
  };

  function speeds() {
    const chosen = speed.value;
    speed.replaceChildren(
      ...SPEEDS.map(
        n =>
          new Option(n === null ? t("fastest") : t("perSecond", n.toLocaleString("en")), n ?? ""),
      ),
    );
    speed.value = chosen;
  }
  speed.onchange = () => lab.do("speed", { per_second: speed.value ? Number(speed.value) : null });
  speeds();

  function label() {
    $("time-text").textContent = t(
      "timeText",
      Number(time.value).toLocaleString("en"),
      Number(time.max).toLocaleString("en"),
    );
    time.setAttribute("aria-valuetext", $("time-text").textContent);
  }
  function clock(iteration, rate) {
    $("iteration").textContent = iteration.toLocaleString("en");
    $("rate").textContent = rate && playing() ? `· ${t("perSecond", short(rate))}` : "";
    if (wanted !== null) return;
    time.max = Math.max(Number(time.max), iteration);
    time.value = iteration;
    label();
  }
  function state() {
    const { state } = lab;
    if (!state) return;
    $("play").setAttribute("aria-pressed", Boolean(state.playing));
    $("play").innerHTML =
      `<span aria-hidden="true">${state.playing ? "⏸" : "▶"}</span> ` +
      `<span>${t(state.playing ? "pause" : "play")}</span>`;
    time.max = Math.max(state.history.last, state.iteration);
    if (
      state.speed &&
      !SPEEDS.includes(state.speed) &&
      ![...speed.options].some(o => o.value === String(state.speed))
    )
      speed.add(new Option(t("perSecond", state.speed), state.speed));
    speed.value = state.speed ?? "";
    clock(state.iteration, null);
  }
  lab.on("state", state);
  lab.on("look", () => {
    speeds();
    state();
  });
  lab.on("games", ([game]) => game && clock(game.iteration, game.rate));

  // Who leaves the page pauses; who comes back goes on.
  let was = false;
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      was = playing();
      if (was) lab.do("pause");
    } else if (was) lab.do("play");
  });
}
