/* The table of units below sorts and filters at once. Without this script, or when the list goes on over several pages
   or was filtered by the server, the same links and the same form ask the server. Empty values stand last. */

const script = document.querySelector("script[data-overview]");
const table = document.querySelector("table[data-sortable]");
if (script && table) begin(table);

function begin(table) {
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const section = table.closest("section");
  const form = section.querySelector("form");
  const [words, only, sort] = ["[data-words]", "[data-only]", "[data-sort]"].map((one) => form.querySelector(one));
  const count = section.querySelector("[data-count]");
  const initial = sort.value;
  const FEW = 12; // rows that a phone shows at first
  const rest = section.querySelector("[data-rest]");
  let all = false;
  const RISING = new Set(["name", "behind"]);
  const CONDITIONS = {
    behind: (row) => "behind" in row.dataset,
    overdue: (row) => Number(row.dataset.overdue) > 0,
    waiting: (row) => Number(row.dataset.waiting) > 0,
    nothing: (row) => Number(row.dataset.submitted) === 0,
  };

  function order(by) {
    const column = by === "behind" ? "progress" : by;
    const sign = RISING.has(by) ? 1 : -1;
    const value = (row) => (row.dataset[column] === "" ? null : Number(row.dataset[column]));
    rows.sort((one, other) => {
      const [a, b] = [value(one), value(other)];
      if ((a === null) !== (b === null)) return a === null ? 1 : -1;
      return sign * ((a ?? 0) - (b ?? 0)) || Number(one.dataset.name) - Number(other.dataset.name);
    });
    body.append(...rows);
    for (const link of table.tHead.querySelectorAll("[data-by]")) {
      const head = link.closest("th");
      if (link.dataset.by === column) head.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
      else head.removeAttribute("aria-sort");
    }
  }

  /* As the server compares: small letters without diacritics. */
  const bare = (text) => text.toLowerCase().replaceAll("đ", "d").normalize("NFD").replace(/\p{M}+/gu, "");

  function show() {
    const wanted = bare(words.value).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
    const fits = CONDITIONS[only.value] ?? (() => true);
    let shown = 0;
    for (const row of rows) {
      row.hidden = !(fits(row) && wanted.every((word) => row.dataset.find.includes(word)));
      shown += row.hidden ? 0 : 1;
      row.classList.toggle("ov-past", shown > FEW);
    }
    if (rest) rest.hidden = all || shown <= FEW;
    count.textContent = script.dataset.found.replace("{n}", shown.toLocaleString(document.documentElement.lang));
  }

  function remember() {
    const address = new URL(location.href);
    const values = { loc: words.value.trim(), chi: only.value, xep: sort.value === "submitted" ? "" : sort.value };
    for (const [name, value] of Object.entries(values)) {
      if (value) address.searchParams.set(name, value);
      else address.searchParams.delete(name);
    }
    history.replaceState(null, "", address);
  }

  function change() {
    order(sort.value);
    show();
    remember();
  }

  words.addEventListener("input", change);
  only.addEventListener("change", change);
  sort.addEventListener("change", change);
  rest?.addEventListener("click", () => {
    all = true;
    table.classList.add("ov-all");
    rest.hidden = true;
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    change();
  });
  table.tHead.addEventListener("click", (event) => {
    const link = event.target.closest("[data-by]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    sort.value = link.dataset.by;
    change();
  });
  if (sort.value !== initial || words.value || only.value) change(); // what the browser kept of an earlier visit
}
