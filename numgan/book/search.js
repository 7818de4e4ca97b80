"use strict";
// INDEX holds [place in KINDS, title, address, text]; an address that begins
// with # is on the page of the module before. Every word that is looked for must stand in the title or
// in the text; a title counts more, most of all where it begins with the word.
const bare = text => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
let page = "";
const READY = INDEX.map(([kind, title, place, text]) => {
  if (!place) page = title.replace(/\.py$/, "").replaceAll("/", ".") + ".html";
  const address = !place || place.startsWith("#") ? page + place : place;
  return { kind, title, address, text, head: bare(title), body: bare(`${text} ${address}`) };
});
const MOST = 40;

function points(entry, word) {
  const start = "(^|[^\\p{L}\\p{N}])", end = "($|[^\\p{L}\\p{N}])", it = escaped(word);
  const whole = new RegExp(start + it + end, "u");
  // the title proper begins behind a label or a number: E36 · Adam
  if (new RegExp(`(^|· )${it}`, "u").test(entry.head)) return whole.test(entry.head) ? 12 : 9;
  if (new RegExp(start + it, "u").test(entry.head)) return whole.test(entry.head) ? 8 : 6;
  if (entry.head.includes(word)) return 4;
  if (whole.test(entry.body)) return 3;
  return entry.body.includes(word) ? 1 : 0;
}

const escaped = word => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

function find(text) {
  const words = bare(text).split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  return READY
    .map(entry => {
      const each = words.map(word => points(entry, word));
      const sum = each.includes(0) ? 0 : each.reduce((a, b) => a + b, 0);
      return { entry, sum: sum && sum - entry.kind / 2 };
    })
    .filter(found => found.sum > 0)
    .sort((a, b) => b.sum - a.sum)
    .map(found => found.entry);
}

const field = document.querySelector("main input"), list = document.getElementById("results");
const count = document.getElementById("count");
function show() {
  const found = find(field.value);
  list.replaceChildren(...found.slice(0, MOST).map(entry => {
    const item = document.createElement("li"), link = document.createElement("a");
    const kind = document.createElement("span"), text = document.createElement("p");
    link.href = entry.address; link.textContent = entry.title;
    kind.className = "kind"; kind.textContent = KINDS[entry.kind];
    const module = entry.address.replace(/\.html.*/, "");
    text.textContent = KINDS[entry.kind] === "code" ? `${module} ${entry.text && "· "}${entry.text}` : entry.text;
    item.append(kind, link, text);
    return item;
  }));
  const more = found.length > MOST ? `, the first ${MOST} shown` : "";
  count.textContent = field.value.trim()
    ? `${found.length || "No"} place${found.length === 1 ? "" : "s"}${more}` : "";
}
field.value = new URLSearchParams(location.search).get("q") || "";
field.addEventListener("input", show);
field.closest("form").addEventListener("submit", event => event.preventDefault());
show();
field.focus();
