// The derivation's own Markdown and TeX as HTML and MathML, which a browser draws by itself.

const LETTERS = {
  alpha: "α",
  beta: "β",
  gamma: "γ",
  delta: "δ",
  epsilon: "ϵ",
  varepsilon: "ε",
  eta: "η",
  theta: "θ",
  lambda: "λ",
  mu: "μ",
  pi: "π",
  rho: "ρ",
  sigma: "σ",
  tau: "τ",
  phi: "ϕ",
  varphi: "φ",
  chi: "χ",
  psi: "ψ",
  Lambda: "Λ",
  Pi: "Π",
  Sigma: "Σ",
  Phi: "Φ",
  ell: "ℓ",
  infty: "∞",
};
const SIGNS = {
  ast: "∗",
  cdot: "·",
  odot: "⊙",
  pm: "±",
  mp: "∓",
  times: "×",
  le: "≤",
  ge: "≥",
  ne: "≠",
  sim: "∼",
  approx: "≈",
  in: "∈",
  to: "→",
  mapsto: "↦",
  leftarrow: "←",
  longrightarrow: "⟶",
  Rightarrow: "⇒",
  Leftrightarrow: "⟺",
  gg: "≫",
  nabla: "∇",
  partial: "∂",
  int: "∫",
  iint: "∬",
  sum: "∑",
  prod: "∏",
  Vert: "‖",
  lVert: "‖",
  rVert: "‖",
  lvert: "|",
  rvert: "|",
  langle: "⟨",
  rangle: "⟩",
  lbrace: "{",
  rbrace: "}",
  lceil: "⌈",
  rceil: "⌉",
  ldots: "…",
  cdots: "⋯",
  "{": "{",
  "}": "}",
  "|": "‖",
};
const NAMES = ["log", "max", "min", "sup", "inf", "lim", "det", "tanh", "cosh", "exp", "arg"];
const ACCENTS = { hat: "^", tilde: "~", bar: "¯" };
const SPACES = { ",": 0.17, quad: 1, qquad: 2, " ": 0.3, ";": 0.28, "!": 0 };
const LIMITS = new Set(["max", "min", "sup", "inf", "lim"]);
const WIDE = new Set(["∑", "∏"]);
const FENCES = new Set(["‖", "|", "⟨", "⟩", "{", "}", "⌈", "⌉", "(", ")", "[", "]"]);

export const escaped = text =>
  String(text).replace(
    /[&<>"]/g,
    c => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c],
  );

const tokens = tex => tex.match(/\\[a-zA-Z]+|\\.|[{}^_&]|\d+(?:\.\d+)?|[^\s]/g) || [];

// A formula as MathML.
export function math(tex, display = false) {
  const list = tokens(tex);
  let at = 0;
  const row = parts => (parts.length === 1 ? parts[0] : `<mrow>${parts.join("")}</mrow>`);
  const sign = text =>
    FENCES.has(text)
      ? `<mo stretchy="false" lspace="0" rspace="0">${escaped(text)}</mo>`
      : `<mo>${escaped(text)}</mo>`;

  function group() {
    // {…} or one atom
    if (list[at] !== "{") return atom();
    at += 1;
    const inside = until("}");
    at += 1;
    return row(inside);
  }
  function plain() {
    // {…} as text
    let text = "",
      depth = 0;
    do {
      const token = list[at++];
      if (token === "{") depth += 1;
      else if (token === "}") depth -= 1;
      else text += SIGNS[token.slice(1)] ?? LETTERS[token.slice(1)] ?? token;
    } while (depth && at < list.length);
    return text;
  }
  function matrix() {
    plain();
    const rows = [[[]]];
    while (at < list.length && list[at] !== "\\end") {
      if (list[at] === "&") {
        rows.at(-1).push([]);
        at += 1;
      } else if (list[at] === "\\\\") {
        rows.push([[]]);
        at += 1;
      } else rows.at(-1).at(-1).push(scripted());
    }
    at += 1;
    plain();
    const cells = rows.map(r => `<mtr>${r.map(c => `<mtd>${row(c)}</mtd>`).join("")}</mtr>`);
    return `<mrow><mo>(</mo><mtable>${cells.join("")}</mtable><mo>)</mo></mrow>`;
  }
  const fence = () => {
    const token = list[at++];
    return SIGNS[token.slice(1)] ?? (token === "." ? "" : token);
  };
  function atom() {
    const token = list[at++];
    if (token === undefined) return "<mrow></mrow>";
    if (token === "{") {
      at -= 1;
      return group();
    }
    if (token[0] !== "\\" || token === "\\\\") {
      if (/\d/.test(token[0])) return `<mn>${token}</mn>`;
      if (/[\p{L}]/u.test(token)) return `<mi>${token}</mi>`;
      return sign(token === "-" ? "−" : token === "'" ? "′" : token);
    }
    const name = token.slice(1);
    if (name === "frac") return `<mfrac>${group()}${group()}</mfrac>`;
    if (name === "sqrt") return `<msqrt>${group()}</msqrt>`;
    if (name === "mathrm" || name === "text") {
      const text = plain();
      return text.length > 1 ? `<mi>${text}</mi>` : `<mi mathvariant="normal">${text}</mi>`;
    }
    if (name === "mathbb") return `<mi>${{ E: "𝔼", R: "ℝ" }[plain()] ?? ""}</mi>`;
    if (name === "mathcal") return `<mi>${{ D: "𝒟", F: "ℱ", G: "𝒢" }[plain()] ?? ""}</mi>`;
    if (name in ACCENTS)
      return `<mover accent="true">${group()}<mo stretchy="false">${ACCENTS[name]}</mo></mover>`;
    if (name === "left") {
      const open = fence(),
        inside = until("\\right");
      at += 1;
      const close = fence();
      const tall = text => `<mo stretchy="true">${escaped(text)}</mo>`;
      return `<mrow>${tall(open)}${row(inside)}${tall(close)}</mrow>`;
    }
    if (name === "begin") return matrix();
    if (name in SPACES) return `<mspace width="${SPACES[name]}em"/>`;
    if (NAMES.includes(name))
      return `<mi data-limit="${LIMITS.has(name)}">${name}</mi><mspace width="0.12em"/>`;
    if (name in LETTERS) return `<mi>${LETTERS[name]}</mi>`;
    return sign(SIGNS[name] ?? name);
  }
  function scripted() {
    const limits =
      LIMITS.has((list[at] || "").slice(1)) || WIDE.has(SIGNS[(list[at] || "").slice(1)]);
    let base = atom(),
      after = "",
      below = null,
      above = null;
    const gap = base.indexOf("<mspace");
    if (gap > 0 && base.startsWith("<mi")) [base, after] = [base.slice(0, gap), base.slice(gap)];
    while (list[at] === "_" || list[at] === "^" || list[at] === "'") {
      const kind = list[at];
      if (kind === "'") {
        at += 1;
        above = (above ?? "") + "<mo>′</mo>";
        continue;
      }
      at += 1;
      if (kind === "_") below = group();
      else above = (above ?? "") + group();
    }
    if (above?.startsWith("<mo>′</mo><")) above = `<mrow>${above}</mrow>`;
    const [sub, sup, both] =
      limits && display ? ["munder", "mover", "munderover"] : ["msub", "msup", "msubsup"];
    if (below !== null && above !== null)
      return `<${both}>${base}${below}${above}</${both}>${after}`;
    if (below !== null) return `<${sub}>${base}${below}</${sub}>${after}`;
    if (above !== null) return `<${sup}>${base}${above}</${sup}>${after}`;
    return base + after;
  }
  function until(end) {
    const parts = [];
    while (at < list.length && list[at] !== end) parts.push(scripted());
    return parts;
  }
  return `<math${display ? ' display="block"' : ""}>${row(until(undefined))}</math>`;
}

// A paragraph's own marks: formulas, code, bold, slanted, links. A formula is kept apart first.
export function inline(text) {
  const kept = [];
  const keep = html => `\u0000${kept.push(html) - 1}\u0000`;
  const html = escaped(
    text
      .replace(/\$([^$]+)\$/g, (_, tex) => keep(math(tex)))
      .replace(/`([^`]+)`/g, (_, code) => keep(`<code>${escaped(code)}</code>`)),
  )
    .replace(/\*\*([^*]+)\*\*/g, "<strong>$1</strong>")
    .replace(/\*([^*]+)\*/g, "<em>$1</em>")
    .replace(/\[([^\]]+)\]\([^)]*\)/g, "$1");
  return html.replace(/\u0000(\d+)\u0000/g, (_, n) => kept[n]);
}

// Paragraphs, formulas of their own, quotations, lists and tables.
export function markdown(text) {
  return text
    .trim()
    .split(/\n\s*\n/)
    .map(block => {
      const lines = block.split("\n");
      if (block.startsWith("$$"))
        return `<div class="formula">${math(block.replaceAll("$$", ""), true)}</div>`;
      if (block.startsWith("`code:"))
        return `<p class="places">${escaped(block.replaceAll("`", ""))}</p>`;
      if (block.startsWith(">"))
        return `<blockquote>${markdown(block.replace(/^> ?/gm, ""))}</blockquote>`;
      if (block.startsWith("- "))
        return `<ul>${lines.map(l => `<li>${inline(l.slice(2))}</li>`).join("")}</ul>`;
      if (block.startsWith("|")) return table(lines);
      return `<p>${inline(block.replaceAll("\n", " "))}</p>`;
    })
    .join("\n");
}

function table([head, , ...body]) {
  const cells = line =>
    line
      .split("|")
      .slice(1, -1)
      .map(c => inline(c.trim()));
  const row = (line, tag) =>
    `<tr>${cells(line)
      .map(c => `<${tag}>${c}</${tag}>`)
      .join("")}</tr>`;
  const lines = body.map(line => row(line, "td")).join("");
  return `<div class="wide"><table><thead>${row(head, "th")}</thead>
    <tbody>${lines}</tbody></table></div>`;
}
