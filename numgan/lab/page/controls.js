// The settings: live ones act from the next step on; a restart begins a new game; two games differ
// in one of them.

import { short } from "./draw.js";
import { either, help as says, known, t } from "./text.js";

const LIVE = [
  "k",
  "k_g",
  "lr_d",
  "lr_g",
  "batch",
  "optimizer",
  "beta1",
  "objective",
  "penalty",
  "weight",
  "rule",
  "strength",
];
const RESTART = ["dataset", "seed", "latent", "hidden", "activation", "activation_d", "pack"];
// sliders: from, to, step; `log`: the exponent of 10 moves, and two digits are kept
const SLIDERS = {
  k: { from: 1, to: 20, step: 1 },
  k_g: { from: 1, to: 20, step: 1 },
  lr_d: { from: -5, to: 0, step: 0.05, log: true },
  lr_g: { from: -5, to: 0, step: 0.05, log: true },
  batch: { from: 1, to: 11, step: 1, two: true },
  beta1: { from: -0.9, to: 0.99, step: 0.01 },
  weight: { from: -4, to: 2, step: 0.05, log: true },
  strength: { from: -4, to: 0, step: 0.05, log: true },
};

// One control: { element, value, set(value) }. `heard` is called when the reader has changed it.
export function control(name, meta, heard, prefix) {
  const row = document.createElement("div"),
    id = `${prefix}-${name}`;
  row.className = "control";
  const label = Object.assign(document.createElement("label"), {
    htmlFor: id,
    textContent: t(name),
  });
  const out = Object.assign(document.createElement("output"), { htmlFor: id });
  const slider = SLIDERS[name];
  if (slider) {
    const input = Object.assign(document.createElement("input"), {
      type: "range",
      id,
      min: slider.from,
      max: slider.to,
      step: slider.step,
    });
    let value = null;
    const read = () => {
      const x = Number(input.value);
      return slider.log ? Number((10 ** x).toPrecision(2)) : slider.two ? 2 ** x : x;
    };
    const show = () => {
      out.textContent = value === null ? "–" : [value].flat().map(short).join(", ");
      input.setAttribute("aria-valuetext", out.textContent);
    };
    input.oninput = () => {
      value = read();
      show();
      heard?.(name, value);
    };
    label.append(" ", out);
    row.append(label, input);
    return {
      element: row,
      get value() {
        return value;
      },
      set(next) {
        value = next;
        row.hidden = next === null && name === "weight" && prefix === "live";
        if (document.activeElement !== input && next !== null && !Array.isArray(next))
          input.value = slider.log ? Math.log10(next) : slider.two ? Math.log2(next) : next;
        show();
      },
    };
  }
  if (["seed", "latent", "hidden", "pack"].includes(name)) {
    const input = Object.assign(document.createElement("input"), {
      id,
      type: name === "hidden" ? "text" : "number",
      min: name === "seed" ? 0 : 1,
      inputMode: "numeric",
      autocomplete: "off",
      title: name === "hidden" ? t("hiddenSays") : "",
    });
    if (name === "hidden") input.pattern = "\\s*\\d+(\\s*[,，]\\s*\\d+)*\\s*";
    input.required = true;
    row.append(label, input);
    return {
      element: row,
      get value() {
        return name === "hidden" ? input.value.split(/[,，]/).map(Number) : Number(input.value);
      },
      set(next) {
        input.value = Array.isArray(next) ? next.join(",") : next;
      },
    };
  }
  const select = Object.assign(document.createElement("select"), { id }),
    help = document.createElement("p");
  help.className = "faint help";
  const list = meta ?? [],
    none = name === "penalty" || name === "activation_d";
  if (none) select.add(new Option(t(name === "penalty" ? "none" : "same"), ""));
  for (const each of list)
    select.add(
      new Option(known(`name_${each.name}`) ? t(`name_${each.name}`) : each.name, each.name),
    );
  const show = () => {
    help.textContent = says(
      select.value,
      either(list.find(each => each.name === select.value)?.help),
    );
    help.hidden = !help.textContent;
  };
  select.onchange = () => {
    show();
    heard?.(name, select.value || null);
  };
  row.append(label, select, help);
  return {
    element: row,
    get value() {
      return select.value || null;
    },
    set(next) {
      if (next && ![...select.options].some(o => o.value === next))
        select.add(new Option(next, next));
      select.value = next ?? "";
      show();
    },
  };
}

export function start(lab) {
  const $ = id => document.getElementById(id);
  let live = {},
    restart = {},
    pair = null;

  // A slider that is dragged sends its newest value, one request at a time.
  const next = {};
  let busy = false;
  async function change(name, value) {
    next[name] = value;
    if (busy) return;
    busy = true;
    while (Object.keys(next).length) {
      const settings = { ...next };
      for (const key of Object.keys(next)) delete next[key];
      await lab.do("set", { settings });
    }
    busy = false;
    fill();
  }

  function build() {
    const meta = lab.hello?.choices ?? {};
    const make = (names, prefix, heard) =>
      Object.fromEntries(names.map(name => [name, control(name, meta[name], heard, prefix)]));
    live = make(LIVE, "live", change);
    $("live").replaceChildren(...Object.values(live).map(each => each.element));
    restart = make(RESTART, "restart");
    const begin = Object.assign(document.createElement("button"), {
      className: "main",
      textContent: t("restartNow"),
    });
    $("restart").replaceChildren(...Object.values(restart).map(each => each.element), begin);
    two();
    fill();
  }

  // Only what was changed is named: another dataset then has its own preset for the rest.
  $("restart").onsubmit = event => {
    event.preventDefault();
    const choices = {},
      now = lab.state.choices;
    for (const [name, each] of Object.entries(restart))
      if (JSON.stringify(each.value) !== JSON.stringify(now[name] ?? null))
        choices[name] = each.value;
    if (choices.dataset === "drawn") {
      lab.brush.begin();
      return;
    }
    lab.do("restart", { choices });
  };

  function two() {
    const meta = lab.hello?.choices ?? {},
      on = Boolean(lab.state?.two);
    const says = Object.assign(document.createElement("p"), {
      className: "faint",
      textContent: t("twoSays"),
    });
    const button = Object.assign(document.createElement("button"), {
      className: "main",
      id: "two-now",
      textContent: t(on ? "twoEnd" : "twoNow"),
    });
    if (on) {
      pair = null;
      $("two").replaceChildren(says, button);
      return;
    }
    const row = document.createElement("div"),
      select = Object.assign(document.createElement("select"), { id: "two-change" });
    row.className = "control";
    for (const name of LIVE) select.add(new Option(t(name), name));
    const label = Object.assign(document.createElement("label"), {
      htmlFor: "two-change",
      textContent: t("change"),
    });
    row.append(label, select);
    const place = document.createElement("div");
    select.onchange = () => {
      pair = control(select.value, meta[select.value], null, "two");
      pair.name = select.value;
      pair.set(lab.state?.settings[select.value] ?? null);
      place.replaceChildren(pair.element);
    };
    select.onchange();
    $("two").replaceChildren(says, row, place, button);
  }
  $("two").onsubmit = event => {
    event.preventDefault();
    lab.do("two", { change: lab.state.two ? null : { [pair.name]: pair.value } });
  };
  lab.controls = {
    two() {
      $("fold-two").open = true;
      ($("two-change") || $("two-now")).focus();
    },
  };

  let kept = "";
  function fill() {
    const { state } = lab;
    if (!state || !live.k) return;
    if (!busy)
      for (const [name, each] of Object.entries(live)) each.set(state.settings[name] ?? null);
    // a slider is one number, and a sum such as r1,r2 has several
    live.weight.element.hidden = !state.settings.penalty || state.settings.penalty.includes(",");
    // a rule moves both players once an iteration
    const alternating = state.settings.rule === "alternating";
    live.k.element.hidden = live.k_g.element.hidden = !alternating;
    live.strength.element.hidden = state.settings.strength === null;
    live.beta1.element.hidden = !["adam", "momentum", "nesterov"].includes(
      state.settings.optimizer,
    );
    const choices = JSON.stringify(state.choices);
    if (choices !== kept)
      for (const [name, each] of Object.entries(restart)) each.set(state.choices[name] ?? null);
    kept = choices;
  }
  let was = false;
  lab.on("hello", build);
  lab.on("look", () => {
    kept = "";
    build();
  });
  lab.on("state", state => {
    fill();
    if (Boolean(state.two) !== was) {
      was = Boolean(state.two);
      two();
    }
  });
  // A narrow page begins with its settings folded.
  if (innerWidth < 700) $("fold-live").open = false;
}
