// What can be taken along: a run folder, a script, a picture, a film, a link.

import { film } from "./gif.js";
import { escaped } from "./tex.js";
import { t } from "./text.js";

export function start(lab) {
  const dialog = document.getElementById("keep"),
    place = document.getElementById("keep-text");
  document.getElementById("saving").onclick = () => {
    build();
    dialog.showModal();
  };

  function build() {
    place.innerHTML = `
      <section><h3>${t("saveFolder")}</h3><p class="faint">${t("saveFolderSays")}</p>
        <form id="save-form"><label>${t("name")}
          <input id="save-name" value="my-run" required autocomplete="off"
            pattern="[A-Za-z0-9][A-Za-z0-9._\\-]{0,63}"></label>
        <button class="main">${t("saveNow")}</button></form>
        <div id="saved" role="status"></div></section>
      <section><h3>${t("script")}</h3><p class="faint">${t("scriptSays")}</p>
        <button id="script-show">${t("scriptShow")}</button><div id="script-text"></div></section>
      <section><h3>${t("pictureSave")}</h3><p class="faint">${t("pictureSays")}</p>
        <button id="png">${t("png")}</button> <button id="gif">${t("gif")}</button>
        <span id="gif-text" role="status"></span></section>
      <section><h3>${t("link")}</h3><p class="faint">${t("linkSays")}</p>
        <label class="hidden" for="link-text">${t("link")}</label>
        <textarea id="link-text" rows="3" spellcheck="false"></textarea>
        <button id="link-make">${t("linkMake")}</button>
        <button id="link-open">${t("linkOpen")}</button></section>`;
    const $ = id => document.getElementById(id);
    $("save-form").onsubmit = async event => {
      event.preventDefault();
      const answer = await lab.do("save", { name: $("save-name").value });
      $("saved").innerHTML = answer
        ? `<p>${escaped(t("savedTo", answer.folder))}</p>${code(answer.command)}`
        : "";
      copies(place);
    };
    $("script-show").onclick = async () => {
      const answer = await lab.do("script");
      if (answer) {
        $("script-text").innerHTML = code(answer.text);
        copies(place);
      }
    };
    $("png").onclick = () => sheet().toBlob(blob => keep(blob, name("png")));
    $("gif").onclick = async () => {
      const blob = await film(sheet, 45, 15, left => {
        $("gif-text").textContent = t("recording", left);
      });
      $("gif-text").textContent = "";
      keep(blob, name("gif"));
    };
    $("link-make").onclick = async () => {
      const answer = await lab.do("link");
      if (answer) {
        $("link-text").value = `#${answer.link}`;
        $("link-text").select();
      }
    };
    $("link-open").onclick = () => {
      const text = $("link-text").value.trim();
      if (text) {
        dialog.close();
        lab.do("open", { link: text.slice(text.indexOf("#") + 1) });
      }
    };
  }
  const name = ending =>
    `numgan-${lab.state?.choices.dataset ?? "lab"}-${lab.view.games[0]?.iteration ?? 0}.${ending}`;
}

// The pictures that are seen, side by side on the page's own colour.
function sheet() {
  const boards = [...document.querySelectorAll(".board")].filter(board => board.checkVisibility());
  const pad = Object.assign(document.createElement("canvas"), {
    width: boards.reduce((sum, b) => sum + b.width, 0),
    height: boards[0].height,
  });
  const ctx = pad.getContext("2d");
  ctx.fillStyle = getComputedStyle(document.body).backgroundColor;
  ctx.fillRect(0, 0, pad.width, pad.height);
  boards.reduce((x, board) => {
    ctx.drawImage(board, x, 0);
    return x + board.width;
  }, 0);
  return pad;
}

const code = text =>
  `<div class="code"><pre tabindex="0">${escaped(text)}</pre>` +
  `<button class="copy">${t("copy")}</button></div>`;

function copies(place) {
  for (const button of place.querySelectorAll(".copy"))
    button.onclick = async () => {
      await navigator.clipboard.writeText(button.previousElementSibling.textContent);
      button.textContent = t("copied");
    };
}

function keep(blob, name) {
  const link = Object.assign(document.createElement("a"), {
    href: URL.createObjectURL(blob),
    download: name,
  });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
