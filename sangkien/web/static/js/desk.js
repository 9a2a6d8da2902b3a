/* The officer's queue by keyboard: the next initiative is fetched before it is asked for, a decision needs no new page, and
   nothing typed is lost. Without this script the same page is links and forms. */

const desk = document.querySelector("[data-desk]");
const say = desk.dataset;
const one = (selector, inside = desk) => inside.querySelector(selector);
const all = (selector, inside = desk) => [...inside.querySelectorAll(selector)];
const cookie = (name) => document.cookie.split("; ").find((c) => c.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";
const count = (n) => n.toLocaleString(document.documentElement.lang === "en" ? "en" : "vi");
const FRESH = 60_000; // how long what was fetched beforehand may be shown
const UNDOABLE = 600_000; // the server decides; after this the line goes
const REFILL = 12; // fewer lines left than this: the next ones are fetched
const LISTED = 1_500; // the counts follow so long after a decision

const list = one("[data-list]");
const place = one("[data-place]");
const undoForm = one("[data-undo]");
const rows = () => all("[data-rows] > li");
const item = () => one("[data-item]", place);
const form = () => one("[data-decide]", place);
const current = () => one("[data-rows] > [aria-current]");
const query = () => new URLSearchParams(say.query);
const isWaiting = () => ["", "cho", "qua-han"].includes(query().get("muc") ?? "");

// --- what was typed: kept on this device until it is decided ---------------------------------------------------------

const HELD = `sangkien:desk:${say.person}:`;
function store(change) {
  try { return change(sessionStorage); } catch { return undefined; } // no room, or not allowed here
}
/* What was sent with a decision comes back when that is undone. A reason and a note against something do not go along with
   "valid" as long as they stand there as they were sent. */
const REASONS = ["reason", "note"];
const SENT = `${HELD}sent:`;
let back = {};
const unfit = (decision) => (decision === "valid" ? REASONS.filter((name) => back[name] && form().elements[name]?.value === back[name]) : []);
const typedIn = (where) => [...where.elements].filter((e) => e.name && !["hidden", "submit"].includes(e.type) && e.type !== "button");
const isTyped = (e) => (e.type === "checkbox" ? e.checked !== e.defaultChecked : e.options ? !e.options[e.selectedIndex]?.defaultSelected && e.selectedIndex > 0 : e.value !== e.defaultValue);
function typed() {
  const found = {};
  for (const e of form() ? typedIn(form()) : []) if (isTyped(e)) found[e.name] = e.type === "checkbox" ? e.checked : e.value;
  if (REASONS.some((name) => found[name])) found.back = back;
  return found;
}
function hold() {
  if (!form() || form().dataset.decided) return; // a field says that it changed once more while it is taken away
  const found = typed();
  store((s) => (Object.keys(found).length ? s.setItem(HELD + item().dataset.code, JSON.stringify(found)) : s.removeItem(HELD + item().dataset.code)));
}
const held = (code) => store((s) => JSON.parse(s.getItem(HELD + code))) ?? {};
const letGo = (code) => store((s) => s.removeItem(HELD + code));
function keepSent(code, decision) {
  const found = typed();
  const against = decision === "valid" ? unfit(decision) : REASONS;
  found.back = Object.fromEntries(against.map((name) => [name, found[name]]));
  store((s) => s.setItem(SENT + code, JSON.stringify(found)));
}
function takeSent(code) {
  const found = store((s) => JSON.parse(s.getItem(SENT + code)));
  store((s) => s.removeItem(SENT + code));
  return found;
}
function fill(found) {
  back = found.back ?? {};
  for (const e of form() ? typedIn(form()) : []) if (e.name in found) e.type === "checkbox" ? (e.checked = found[e.name]) : (e.value = found[e.name]);
  const asking = one("[data-asking]", place);
  if (asking && Object.keys(found).some((name) => name.startsWith("asked_"))) asking.open = true;
}

// --- one initiative after the other ------------------------------------------------------------------------------------

const fetched = new Map(); // code -> { at, html: promise }
const addressOf = (code, part) => {
  const asked = query();
  if (part) asked.set("phan", part);
  const text = asked.toString();
  return `${say.home}${code}/${text ? `?${text}` : ""}`;
};
class SignedOut extends Error {}
async function read(address, options = {}) {
  const answer = await fetch(address, { credentials: "same-origin", ...options });
  if (answer.status === 401 || new URL(answer.url).pathname.startsWith(say.signIn)) throw new SignedOut();
  return answer;
}
function get(code, anew = false) {
  const kept = fetched.get(code);
  if (kept && !anew && Date.now() - kept.at < FRESH) return kept.html;
  const html = read(addressOf(code, "bai")).then((answer) => {
    if (!answer.ok) throw new Error(answer.status);
    return answer.text();
  });
  html.catch(() => fetched.delete(code));
  fetched.set(code, { at: Date.now(), html });
  return html;
}
function prefetch() {
  const next = current()?.nextElementSibling;
  if (next) get(next.dataset.code).catch(() => {});
}
function remember(code) {
  const asked = query();
  const done = decided.at(-1);
  if (done) asked.set("vua", `${done.code}.${done.event}`);
  const text = asked.toString();
  history.replaceState(null, "", (code ? `${say.home}${code}/` : say.home) + (text ? `?${text}` : ""));
}
let wanted = "";
async function show(code, { anew = false, keep = null } = {}) {
  wanted = code;
  let html;
  try { html = await get(code, anew); } catch (error) { fault(error); return false; }
  if (wanted !== code) return false; // another one has been asked for meanwhile
  place.innerHTML = html;
  fault(null);
  for (const row of rows()) row.dataset.code === code ? row.setAttribute("aria-current", "true") : row.removeAttribute("aria-current");
  current()?.scrollIntoView({ block: "nearest" });
  const before = keep ?? held(code);
  fill(before);
  if (!keep && Object.keys(before).length) said(say.tKept);
  one("h2", place)?.focus({ preventScroll: innerWidth >= 992 });
  if (innerWidth < 992) (undoForm.hidden ? place : undoForm).scrollIntoView(); // what was just done stays in sight
  remember(code);
  prefetch();
  return true;
}
function move(step) {
  const here = current();
  const to = here ? (step > 0 ? here.nextElementSibling : here.previousElementSibling) : rows()[0];
  if (!to) return said(step > 0 ? say.tLast : say.tFirst);
  hold();
  show(to.dataset.code);
  if (step > 0) refill();
}

// --- deciding ------------------------------------------------------------------------------------------------------------

const decided = []; // what can be undone, the last one at the end
const said = (text) => { one("[data-said]").textContent = text; };
let undone = null; // what was undone last: { code, at }
let busy = false;
let pending = ""; // what was begun with 2 or 3 and waits for a reason

function fault(error, text = "") {
  const box = one("[data-fault]");
  box.hidden = !error;
  box.replaceChildren();
  if (!error) return;
  const isOut = error instanceof SignedOut;
  box.append(text || (isOut ? say.tSignedOut : error instanceof TypeError ? say.tOffline : say.tFailed));
  if (isOut) {
    const link = Object.assign(document.createElement("a"), { href: say.signIn, target: "_blank", textContent: say.tSignIn });
    box.append(" ", link);
  }
}
async function post(where, button, without = []) {
  const data = new FormData(where, button);
  for (const name of without) data.set(name, "");
  const token = cookie("csrftoken"); // signing in again makes another
  if (token) data.set("csrfmiddlewaretoken", token);
  const answer = await read(where.action, { method: "POST", body: data, headers: { Accept: "application/json", "X-Requested-With": "fetch" } });
  const told = (answer.headers.get("Content-Type") ?? "").includes("json") ? await answer.json() : {};
  return { status: answer.status, told };
}
async function once(work) {
  if (busy) return;
  busy = true;
  desk.setAttribute("aria-busy", "true");
  try { await work(); } catch (error) { fault(error); } finally { busy = false; desk.removeAttribute("aria-busy"); }
}
const decide = (button) => once(async () => {
  pending = button.value;
  hold();
  const here = { code: item().dataset.code, title: item().dataset.title };
  const { status, told } = await post(form(), button, unfit(button.value));
  if (status === 409) {
    const keep = typed();
    await show(here.code, { anew: true, keep });
    return overtaken();
  }
  if (status === 422) return refused(told);
  if (status !== 200 || !told.done) throw new Error(status);
  keepSent(here.code, button.value);
  letGo(here.code);
  form().dataset.decided = "1";
  fault(null);
  pending = "";
  await after(here, told);
});
/* Says what somebody else did first: the newest line of the history. */
function overtaken() {
  fault(new Error(), say.tChanged);
  const step = one(".hist li", place);
  const textContent = step ? [...step.childNodes].map((n) => n.textContent.trim()).filter(Boolean).join(" · ") : "";
  one("[data-fault]").append(Object.assign(document.createElement("p"), { textContent }));
}
function refused(told) {
  const errors = told.errors ?? {};
  for (const box of all("[data-error]", place)) {
    const found = errors[box.dataset.error || "__all__"] ?? [];
    box.replaceChildren(...found.map((text) => Object.assign(document.createElement("p"), { className: "error", id: `id_${box.dataset.error}_error`, textContent: text })));
    const input = box.dataset.error && form().elements[box.dataset.error];
    if (input) found.length ? input.setAttribute("aria-invalid", "true") : input.removeAttribute("aria-invalid");
  }
  const first = ["reason", "note", "benefit_verified"].find((name) => errors[name]);
  if (first) form().elements[first].focus();
  else if (!Object.keys(errors).length) fault(new Error(), told.message ?? "");
  else if (!errors.__all__) fault(new Error(), Object.values(errors).flat().join(" "));
}
/* What is being put right is no longer called wrong. */
function mend(input) {
  if (!input.hasAttribute("aria-invalid")) return;
  input.removeAttribute("aria-invalid");
  all("[data-error]", place).find((box) => box.dataset.error === input.name)?.replaceChildren();
}
async function after(here, told) {
  const row = rows().find((r) => r.dataset.code === here.code);
  const next = row?.nextElementSibling ?? row?.previousElementSibling;
  undone = null;
  decided.push({ ...here, event: told.event, address: told.undo, words: told.message, row, before: row?.nextElementSibling, at: Date.now() });
  undoLine();
  fetched.delete(here.code);
  if (isWaiting() && row) { row.remove(); change(-1); }
  said(told.message ?? "");
  await refill();
  const to = next?.isConnected ? next : rows()[0];
  if (to) await show(to.dataset.code);
  else location.assign(say.home + say.query);
  follow();
}
/* What was decided last, or what was undone last: the button then names what it would undo next. */
function undoLine() {
  const last = decided.at(-1);
  const button = one("button", undoForm);
  undoForm.hidden = !undone && !last?.address;
  button.hidden = !last?.address;
  one("[data-undo-state]", undoForm).textContent = undone ? say.tUndone.replace("{}", undone.code) : last?.words ?? "";
  one("[data-undo-code]", undoForm).textContent = undone ? "" : last?.code ?? "";
  one("[data-undo-title]", undoForm).textContent = undone ? "" : last?.title ?? "";
  one("[data-undo-next]", undoForm).textContent = undone && last ? last.code : "";
  if (!last?.address) return;
  undoForm.action = last.address;
  undoForm.elements.event.value = last.event;
}
setInterval(() => {
  while (decided.length && Date.now() - decided[0].at > UNDOABLE) takeSent(decided.shift().code);
  if (undone && Date.now() - undone.at > FRESH) undone = null;
  if (!undoForm.hidden) undoLine();
}, 5_000);
const undo = () => once(async () => {
  const last = decided.at(-1);
  if (!last?.address) return said(say.tNothing);
  const { status, told } = await post(undoForm);
  const sent = takeSent(last.code);
  decided.pop();
  undone = status === 200 && told.done ? { code: last.code, at: Date.now() } : null;
  undoLine();
  if (status !== 200 || !told.done) return fault(new Error(), told.message || say.tTooLate);
  if (last.row && !last.row.isConnected) {
    const list = one("[data-rows]");
    last.before?.isConnected ? list.insertBefore(last.row, last.before) : list.append(last.row);
    change(+1);
  } else if (!last.row) one("[data-rows]").replaceWith((await listed({})).querySelector("[data-rows]")); // decided before this page
  if (sent && Object.keys(sent).length > 1) store((s) => s.setItem(HELD + last.code, JSON.stringify(sent)));
  await show(last.code, { anew: true });
  said(say.tUndone.replace("{}", last.code));
  follow();
});

// --- the list and its counts ------------------------------------------------------------------------------------------

function change(by) {
  for (const box of [one("[data-total]"), one(".tabs [aria-current] b")]) {
    const text = box?.textContent ?? "";
    if (box && !text.includes("+")) box.textContent = count(Math.max(0, Number(text.replace(/\D/g, "")) + by));
  }
}
let refilling = null;
function refill() {
  const list = one("[data-rows]");
  const here = current();
  const left = rows().length - (here ? rows().indexOf(here) : 0);
  if (left > REFILL || !list.dataset.next) return Promise.resolve();
  refilling ??= more(list.dataset.next).finally(() => { refilling = null; });
  return left > 2 ? Promise.resolve() : refilling;
}
async function listed(changes) {
  const asked = query();
  for (const [name, value] of Object.entries({ phan: "hang", ...changes })) asked.set(name, value);
  const answer = await read(`${say.home}?${asked}`);
  if (!answer.ok) throw new Error(answer.status);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}
async function more(next) {
  try {
    const page = await listed({ sau: next });
    const have = new Set(rows().map((r) => r.dataset.code).concat(decided.map((d) => d.code)));
    const list = one("[data-rows]");
    list.append(...[...page.querySelectorAll("[data-rows] > li")].filter((r) => !have.has(r.dataset.code)));
    list.dataset.next = page.querySelector("[data-rows]").dataset.next;
    if (!list.dataset.next) one("[data-more]")?.remove();
  } catch { /* the link to the next ones stands below */ }
}
let followTimer;
function follow() {
  clearTimeout(followTimer);
  followTimer = setTimeout(async () => {
    if (busy || one("[data-filters]").open) return;
    try {
      const page = await listed({});
      for (const part of ["[data-total]", ".tabs", "[data-filters] > summary"]) one(part).replaceWith(page.querySelector(part));
    } catch { /* the counts of before stand a little longer */ }
  }, LISTED);
}
function marks() {
  const marked = all("[name=so]:checked").length;
  if (one("[data-marked]")) one("[data-marked]").textContent = count(marked);
}
function mark() {
  const box = current() && one("[name=so]", current());
  if (!box) return;
  list.classList.add("marking");
  box.checked = !box.checked;
  marks();
}

// --- keys ----------------------------------------------------------------------------------------------------------------

const OFF = "sangkien:desk:keys-off";
const areOff = () => { try { return localStorage.getItem(OFF) === "1"; } catch { return false; } };
const press = (decision) => form() && one(`button[value=${decision}]`, form())?.click();
function find() {
  const filters = one("[data-filters]");
  filters.open = true;
  one("[data-find]", filters).focus();
}
const KEYS = {
  ArrowDown: () => move(1), ArrowUp: () => move(-1), j: () => move(1), k: () => move(-1),
  1: () => press("valid"), 2: () => press("return"), 3: () => press("invalid"),
  n: () => form()?.elements.note?.focus(), "/": find, z: undo, x: mark,
  "?": () => { const help = one("[data-help]"); help.open = !help.open; },
};
const isField = (e) => e.matches?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.defaultPrevented) return;
  if (isField(event.target)) {
    if (event.key === "Escape") { event.target.blur(); one("h2", place)?.focus({ preventScroll: true }); }
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && pending && event.target.form === form()) { event.preventDefault(); press(pending); }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || areOff()) return;
  if (event.key === "Escape") one("[data-help]").open = false;
  const act = KEYS[event.key] ?? KEYS[event.key.toLowerCase()];
  if (!act) return;
  event.preventDefault();
  if (!event.repeat || event.key.startsWith("Arrow")) act();
});

// --- what is clicked -----------------------------------------------------------------------------------------------------

desk.addEventListener("submit", (event) => {
  if (event.target.matches("[data-decide]")) {
    event.preventDefault();
    if (event.submitter) decide(event.submitter);
  } else if (event.target === undoForm && decided.length) {
    event.preventDefault();
    undo();
  }
});
desk.addEventListener("click", (event) => {
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = event.target.closest("[data-rows] a");
  if (link) {
    event.preventDefault();
    hold();
    show(link.closest("li").dataset.code).then(refill);
  } else if (event.target.closest("[data-start-marking], [data-stop-marking]")) {
    event.preventDefault();
    list.classList.toggle("marking", Boolean(event.target.closest("[data-start-marking]")));
  } else if (event.target.closest("[data-more] a")) {
    event.preventDefault();
    more(one("[data-rows]").dataset.next);
  }
});
desk.addEventListener("input", (event) => {
  if (event.target.form !== form()) return;
  mend(event.target);
  hold();
});
desk.addEventListener("change", (event) => {
  if (event.target.name === "so") marks();
  else if (event.target.form === form()) { mend(event.target); hold(); }
  else if (event.target.matches("[data-keys-off]")) { try { localStorage.setItem(OFF, event.target.checked ? "1" : ""); } catch { /* not kept */ } }
});
addEventListener("pagehide", hold);

one("[data-keys]").hidden = false;
one("[data-keys-off]").checked = areOff();
if (!undoForm.hidden) {
  const title = one("[data-undo-title]", undoForm).textContent;
  decided.push({ code: one("[data-undo-code]", undoForm).textContent, title, event: undoForm.elements.event.value, address: undoForm.action, words: one("[data-undo-state]", undoForm).textContent, at: Date.now() });
}
if (item()) {
  fill(held(item().dataset.code));
  current()?.scrollIntoView({ block: "nearest" });
  prefetch();
  if (innerWidth >= 992) one("h2", place).focus({ preventScroll: true });
}
marks();
