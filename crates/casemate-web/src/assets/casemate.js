// Everything works without this file; it only saves a few hand movements.
"use strict";

for (const button of document.querySelectorAll("button.copy")) {
  const field = document.getElementById(button.dataset.copies);
  if (!field || !navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(field.value);
    button.textContent = "Copied";
  });
}

const wrong = document.querySelector("[aria-invalid='true']") || document.querySelector(".told.bad");
if (wrong) {
  const fold = wrong.closest("details");
  if (fold) fold.open = true;
  if (wrong.matches(".told")) wrong.tabIndex = -1;
  wrong.focus();
}
