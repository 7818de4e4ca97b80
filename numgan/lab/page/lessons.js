// Lessons: states and sentences, one after the other, with back and next.

import { either, t } from "./text.js";

export function start(lab) {
  const $ = id => document.getElementById(id),
    panel = $("lesson");
  const go = (number, step) => lab.do("lesson", { number, step });
  const now = () => lab.state?.lesson;

  $("lessons").onclick = () => {
    list();
    $("contents").showModal();
  };
  $("lesson-back").onclick = () => back();
  $("lesson-next").onclick = () => next();
  $("lesson-end").onclick = () => go(null, 0);

  function next() {
    const { number, step, steps } = now();
    return step + 1 < steps ? go(number, step + 1) : go(null, 0);
  }
  function back() {
    const { number, step } = now();
    return step > 0 ? go(number, step - 1) : null;
  }

  function list() {
    $("contents-list").replaceChildren(
      ...(lab.hello?.lessons || []).map((lesson, i) => {
        const item = document.createElement("li"),
          button = document.createElement("button");
        button.textContent = either(lesson.title ?? lesson);
        button.onclick = () => {
          $("contents").close();
          go(lesson.number ?? i + 1, 0);
        };
        item.append(button);
        return item;
      }),
    );
  }

  function show() {
    const lesson = now();
    panel.hidden = !lesson;
    if (!lesson) return;
    const { left: steps } = lab.state;
    const left = steps ? ` · ${t("lessonLeft", steps.toLocaleString("en"))}` : "";
    $("lesson-where").textContent =
      t("lessonWhere", lesson.number, lesson.step + 1, lesson.steps) + left;
    $("lesson-title").textContent = either(lesson.title);
    const text = either(lesson.text);
    if ($("lesson-text").textContent !== text) $("lesson-text").textContent = text;
    $("lesson-back").disabled = lesson.step === 0;
    $("lesson-next").textContent = t(lesson.step + 1 < lesson.steps ? "next" : "finish");
  }
  lab.on("state", show);
  lab.on("look", show);
  lab.lessons = {
    next: () => now() && next(),
    back: () => now() && back(),
    open: () => Boolean(now()),
    end: () => now() && go(null, 0),
  };
}
