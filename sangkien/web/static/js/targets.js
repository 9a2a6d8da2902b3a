/* Says at once what the targets of a table add up to. The page works without it: the server says the same. */
const form = document.querySelector("#chi-tieu");
const said = form && form.querySelector("[data-sum]");

const grouped = (number) => number.toLocaleString(document.documentElement.lang === "en" ? "en" : "vi");

/* The number typed ("1.200", "1 200"), the one that stays where nothing is typed, or null for what is no number. */
function value(input) {
  const typed = input.value.trim();
  if (!typed) return Number(input.dataset.value || 0);
  return /^\d{1,10}$|^\d{1,3}([., \u00a0\u202f]\d{3})+$/.test(typed) ? Number(typed.replace(/\D/g, "")) : null;
}

function tell() {
  const values = [...form.querySelectorAll("input[data-value]")].map(value);
  const sum = values.reduce((before, one) => before + (one || 0), 0);
  const own = "own" in said.dataset ? Number(said.dataset.own) : null;
  const gap = own === null ? 0 : sum - own;
  const { alone, even, less, more, wrong } = said.dataset;
  const text = values.includes(null) ? wrong : own === null ? alone : gap === 0 ? even : gap < 0 ? less : more;
  const numbers = { sum, own, gap: Math.abs(gap) };
  said.textContent = text.replace(/\{(\w+)\}/g, (_all, name) => grouped(numbers[name]));
  said.classList.toggle("off", gap !== 0 || values.includes(null));
  const tick = form.querySelector("[data-uneven]");
  if (tick) tick.hidden = gap === 0;
}

if (said) {
  let waiting = 0;
  form.addEventListener("input", (event) => {
    if (!event.target.matches("input[data-value]")) return;
    clearTimeout(waiting); // once the typing pauses: it is read aloud
    waiting = setTimeout(tell, 150);
  });
  tell();
}
