/* The tree of units: a unit that was found by typing is gone to at once, or joins the list of those that merge. The
   pages work without it. After units.js, which makes the fields. */

const find = document.querySelector("form[data-find]");
if (find) find.addEventListener("change", (event) => { if (event.target.matches("[data-unit-sent]")) find.requestSubmit(); });

const add = document.querySelector("[data-add-to]");
if (add) {
  const list = document.getElementById(add.dataset.addTo);
  const field = add.querySelector("input[data-unit-combobox]");
  add.hidden = false;
  add.addEventListener("change", (event) => {
    if (!event.target.matches("[data-unit-sent]") || !event.target.value) return;
    const code = event.target.value;
    const codes = list.value.split("\n").map((line) => line.trim().split(/\s+/)[0]);
    if (!codes.includes(code)) list.value = `${list.value.trimEnd()}\n${code} ${field.value}\n`.trimStart();
    field.unitField.set("", "");
  });
}

/* Of the two ways of merging only the fields of the one that was chosen are shown. */
const ways = document.querySelectorAll("[data-way]");
function show() {
  const chosen = document.querySelector("input[name=way]:checked");
  for (const part of ways) part.hidden = Boolean(chosen) && part.dataset.way !== chosen.value;
}
if (ways.length) {
  document.addEventListener("change", (event) => { if (event.target.name === "way") show(); });
  show();
}
