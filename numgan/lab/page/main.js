// The page begins: one connection, every screen, and how the page looks and speaks.

import * as besides from "./besides.js";
import * as board from "./board.js";
import * as brush from "./brush.js";
import * as controls from "./controls.js";
import * as curves from "./curves.js";
import * as equation from "./equation.js";
import * as keys from "./keys.js";
import * as lessons from "./lessons.js";
import * as sample from "./sample.js";
import * as save from "./save.js";
import * as slow from "./slow.js";
import * as spectrum from "./spectrum.js";
import * as time from "./time.js";
import { ink } from "./draw.js";
import { Lab } from "./socket.js";
import { language, speak, t, translate } from "./text.js";

const kept = {
  get: key => {
    try {
      return localStorage.getItem(`numgan-${key}`);
    } catch {
      return null;
    }
  },
  set: (key, value) => {
    try {
      localStorage.setItem(`numgan-${key}`, value);
    } catch {
      /* a private window keeps nothing */
    }
  },
};
const root = document.documentElement,
  $ = id => document.getElementById(id);

// Light or dark as the reader's system has it, until it is chosen here.
const dark = () =>
  root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
const look = {
  theme() {
    root.dataset.theme = dark() ? "light" : "dark";
    kept.set("theme", root.dataset.theme);
    seen();
  },
  projector() {
    const on = root.dataset.projector !== "on";
    root.dataset.projector = on ? "on" : "off";
    kept.set("projector", root.dataset.projector);
    seen();
  },
  language() {
    speak(language() === "en" ? "zh" : "en");
    kept.set("language", language());
    said();
  },
};

function seen() {
  $("projector").setAttribute("aria-pressed", root.dataset.projector === "on");
  ink.read();
  for (const screen of [lab.view, lab.besides, lab.curves, lab.spectrum]) screen?.redraw();
}
function said() {
  translate();
  $("language").textContent = language() === "en" ? "中文" : "EN";
  $("language").lang = language() === "en" ? "zh" : "en";
  lab.tell("look");
  if (lab.state) lab.tell("state", lab.state);
  seen();
}

const lab = new Lab();
window.lab = lab; // for who opens the console

if (kept.get("theme")) root.dataset.theme = kept.get("theme");
if (kept.get("projector")) root.dataset.projector = kept.get("projector");
speak(kept.get("language") || (navigator.language.startsWith("zh") ? "zh" : "en"));
ink.read();
for (const screen of [
  board,
  besides,
  time,
  controls,
  curves,
  spectrum,
  sample,
  slow,
  lessons,
  brush,
  save,
  equation,
])
  screen.start(lab);
keys.start(lab, look);
for (const name of Object.keys(look)) $(name).onclick = look[name];
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", seen);
said();

// One line for the reader: an error, a lost connection, a player that diverged.
let gone;
function notice(text, act) {
  const place = $("notice");
  clearTimeout(gone);
  place.hidden = !text;
  place.textContent = text;
  if (act)
    place.append(
      " ",
      Object.assign(document.createElement("button"), { textContent: act.text, onclick: act.do }),
    );
  else if (text)
    gone = setTimeout(() => {
      place.hidden = true;
    }, 8000);
}
lab.on("error", message => notice(message.text));
lab.on("shut", () => notice(t("shut")));
lab.on("open", () => notice(""));
let lost = null;
lab.on("state", ({ lost: now }) => {
  if (now && now.iteration !== lost)
    notice(t(now.player === "g" ? "lostG" : "lostD", now.iteration), {
      text: t("lostBack", now.back),
      do: () => {
        notice("");
        lab.do("back", { iteration: now.back });
      },
    });
  if (!now && lost !== null) notice("");
  lost = now ? now.iteration : null;
});

// A link's state stands behind the # of the address.
function follow() {
  lab.do("open", { link: location.hash.slice(1) });
  history.replaceState(null, "", location.pathname + location.search);
}
lab.on("hello", () => {
  if (location.hash.length > 20) follow();
});
addEventListener("hashchange", () => {
  if (location.hash.length > 20) follow();
});
lab.connect();
