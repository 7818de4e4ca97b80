// The page of the lab in the output of a notebook: a frame with a document of its own.
//
// A frame and not a shadow root, for the page is a document: its ids, media queries, rem, dialogs
// and keys stay its own. D pressed twice in the page is two steps of D; in the notebook it would
// delete the cell.

// The document, its modules at Blob URLs. A part follows those that it names (modules.py).
function documentOf(parts) {
  const urls = {};
  for (const [name, pieces] of parts) {
    const text = pieces.map((piece, i) => (i % 2 ? urls[piece] : piece)).join("");
    if (name === "index.html") return { text, urls: Object.values(urls) };
    urls[name] = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  }
}

// The notebook is dark where its letters are light; what is no rgb is left to the reader's system.
function theme() {
  const [, ...rgb] = getComputedStyle(document.body).color.match(/^rgba?\((\d+), (\d+), (\d+)/) ?? [];
  if (!rgb.length) return "";
  return rgb.reduce((sum, x) => sum + Number(x), 0) > 382 ? "dark" : "light";
}

// What socket.js opens in place of a WebSocket: the widget's messages, those of this page alone.
function connection(model, pages) {
  const page = Math.random().toString(36).slice(2);
  const say = (what, fields = {}) => model.send({ page, say: what, ...fields });
  const socket = { readyState: 1, send: text => say("command", { text }) };
  const hear = message => {
    if (message.page === page) socket.onmessage?.({ data: message.text });
  };
  model.on("msg:custom", hear);
  pages.push(() => {
    model.off("msg:custom", hear);
    say("leave");
  });
  queueMicrotask(() => {
    socket.onopen?.();
    say("come");
  });
  return socket;
}

function render({ model, el }) {
  const frame = document.createElement("iframe"),
    pages = [];
  const { text, urls } = documentOf(model.get("parts"));
  frame.connection = () => connection(model, pages);
  frame.title = "numgan lab";
  frame.allow = "clipboard-write";
  frame.style.cssText = `display: block; width: 100%; height: ${model.get("height")}px; border: 0;`;
  frame.srcdoc = text.replace("<html", `<html data-theme="${theme()}"`);
  el.append(frame);
  return () => {
    for (const leave of pages) leave();
    for (const url of urls) URL.revokeObjectURL(url);
    frame.remove();
  };
}

export default { render };
