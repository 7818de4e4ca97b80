// The page speaks English or Chinese: the choice, and the words of a key in it.

import { CAPTIONS } from "./captions.js";
import { HELP, WORDS } from "./words.js";

const TEXT = { ...WORDS, ...CAPTIONS };

let which = 0;

export const language = () => (which ? "zh" : "en");
export function speak(name) {
  which = name === "zh" ? 1 : 0;
  document.documentElement.lang = which ? "zh-Hans" : "en";
}

// The words of a key in the language of the page; {0}, {1} … are replaced.
export const t = (key, ...values) =>
  (TEXT[key] || [key, key])[which].replace(/\{(\d)\}/g, (_, n) => values[n]);
export const known = key => key in TEXT;

export const help = (name, english) => (which && HELP[name]) || english || "";

// A text that the lab has in both languages, or in one.
export const either = text =>
  typeof text === "string" || !text ? text || "" : text[language()] || text.en || "";

// Give every element its words: its text, its name for those who hear it, its hint.
export function translate(root = document) {
  for (const e of root.querySelectorAll("[data-t]")) e.textContent = t(e.dataset.t);
  for (const e of root.querySelectorAll("[data-name]"))
    e.setAttribute("aria-label", t(e.dataset.name));
  for (const e of root.querySelectorAll("[data-hint]")) {
    e.title = t(e.dataset.hint);
    e.setAttribute("aria-label", t(e.dataset.hint));
  }
}
