"use strict";
(() => {
  const bar = document.getElementById("filter");
  const findings = Array.from(document.querySelectorAll("#findings .finding"));
  if (!bar || findings.length === 0) return;
  const boxes = Array.from(bar.querySelectorAll("input[type=checkbox]"));
  const search = bar.querySelector("input[type=search]");
  const shown = bar.querySelector("output");
  const texts = new Map();
  const textOf = (finding) => {
    if (!texts.has(finding)) texts.set(finding, finding.textContent.toLowerCase());
    return texts.get(finding);
  };
  const apply = () => {
    const off = new Set(boxes.filter((box) => !box.checked).map((box) => box.value));
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const finding of findings) {
      const fits =
        !off.has(finding.dataset.severity) &&
        !off.has(finding.dataset.topic) &&
        words.every((word) => textOf(finding).includes(word));
      finding.hidden = !fits;
      if (fits) count += 1;
    }
    shown.textContent = count + " of " + findings.length + " shown";
  };
  let later = 0;
  const soon = () => {
    clearTimeout(later);
    later = setTimeout(apply, 120);
  };
  bar.addEventListener("change", apply);
  search.addEventListener("input", soon);
  const openAll = (isOpen) => {
    for (const finding of findings) if (!finding.hidden) finding.open = isOpen;
  };
  bar.querySelector("[data-do=open]").addEventListener("click", () => openAll(true));
  bar.querySelector("[data-do=close]").addEventListener("click", () => openAll(false));
  addEventListener("beforeprint", () => openAll(true));
  bar.hidden = false;
  apply();
})();
