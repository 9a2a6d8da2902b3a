// The form of an initiative: steps on a phone, saving by itself, rows of authors. Everything works without it, too.
const form = document.querySelector("form[data-draft]");
const main = document.querySelector(".form-main");
const say = form?.dataset;
const one = (selector, inside = document) => inside.querySelector(selector);
const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
const make = (tag, text = "", classes = "") => Object.assign(document.createElement(tag), { textContent: text, className: classes });
const icon = (name) => {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.classList.add("ico");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
};
const cookie = (name) => document.cookie.split("; ").find((c) => c.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";

const loaded = (then) => (document.readyState === "complete" ? then() : addEventListener("load", () => setTimeout(then)));
const token = () => cookie("csrftoken") || form.elements.csrfmiddlewaretoken.value; // signing in again makes another

// --- what stands in the inputs -------------------------------------------------------------------------------------

const OURS = new Set(["csrfmiddlewaretoken", "version", "ticket", "tab", "action", "file"]);
const inputs = () => [...form.elements].filter((e) => e.name && !OURS.has(e.name) && !["file", "submit", "button"].includes(e.type));
const longest = (input) => (input.maxLength > 0 ? input.maxLength : 10000);

function values(read = (e) => (["radio", "checkbox"].includes(e.type) ? e.checked && e.value : e.value)) {
  const found = {};
  for (const input of inputs()) {
    const value = read(input) || "";
    if (input.type === "radio" && !value) found[input.name] ??= "";
    else found[input.name] = value.slice(0, longest(input));
  }
  return found;
}
const asMade = () =>
  values((e) => {
    if (["radio", "checkbox"].includes(e.type)) return e.defaultChecked && e.value;
    return e.options ? ([...e.options].find((o) => o.defaultSelected) ?? e.options[0])?.value : e.defaultValue;
  });
const isSame = (a, b) => [...new Set([...Object.keys(a), ...Object.keys(b)])].every((n) => n === "step" || (a[n] ?? "") === (b[n] ?? ""));

function fill(typed) {
  while (rows().length < Math.min(+typed.authors || 1, 20)) addRow();
  while (rows().length > Math.max(+typed.authors || 1, 1)) rows().at(-1).remove();
  for (const input of inputs()) {
    const value = typed[input.name] ?? "";
    if (["radio", "checkbox"].includes(input.type)) input.checked = input.value === value;
    else input.value = value;
  }
  refresh();
}

// --- saving by itself ----------------------------------------------------------------------------------------------

const PAUSE = 3000; // after the last letter
const APART = 5000; // between two saves
const COPY = `sangkien:${say?.person}:`;
const keepsCopies = say && "copies" in say;
let version = +form?.elements.version.value;
let base = {}; // what the server has, or what the page was made with
let owes = !version || (say && "whole" in say); // the server has nothing of it yet, or not all
let timer, copyTimer, busy, lastSave = 0, lastLeft = "", failures = 0, isStopped = false, isSending = false;
const touched = new Set();

function copies(change) {
  if (!keepsCopies) return undefined;
  try {
    return change(localStorage);
  } catch {
    return undefined; // no room, or not allowed here
  }
}
const keepCopy = () => copies((s) => s.setItem(COPY + say.draft, JSON.stringify({ typed: values(), version, at: Date.now() })));
const dropCopy = (id = say.draft) => copies((s) => s.removeItem(COPY + id));
const copyOf = (id) => copies((s) => JSON.parse(s.getItem(COPY + id)));

function changes() {
  const now = values();
  return Object.fromEntries(Object.entries(now).filter(([name, value]) => value !== (base[name] ?? "")));
}

function tell(text, look, link) {
  const bar = one("[data-saved]");
  const span = make("span", text);
  if (link) span.append(" ", Object.assign(make("a", link.text), { href: link.href }));
  bar.replaceChildren(icon(look), span);
  bar.classList.toggle("unsaved", look === "warn");
}

function saveSoon(wait = PAUSE) {
  clearTimeout(timer);
  if (!isStopped) timer = setTimeout(save, Math.max(wait, lastSave + APART - Date.now()));
}

function save({ leaving = false, whole = false, always = false } = {}) {
  if (busy && !leaving) return busy.then(() => save({ whole, always }));
  clearTimeout(timer);
  const different = changes();
  if (!whole && !always && !Object.keys(different).some((n) => n !== "step" || version)) return Promise.resolve();
  whole ||= owes;
  const part = whole ? values() : different;
  const { tab, ticket } = form.elements;
  const body = new URLSearchParams({ ...part, tab: tab.value, version, ticket: ticket.value, touched: [...touched].join(",") });
  if (!whole) body.set("part", "1");
  if (leaving && String(body) === lastLeft) return Promise.resolve();
  lastLeft = leaving ? String(body) : "";
  lastSave = Date.now();
  const headers = { "X-CSRFToken": token() };
  const sent = fetch(say.save, { method: "POST", body, headers, keepalive: leaving && lastLeft.length < 60000 })
    .then(async (answer) => answered(answer, await answer.json().catch(() => ({})), part))
    .catch(() => failed())
    .finally(() => (busy = undefined));
  if (!leaving) busy = sent;
  return sent;
}

function saved(said, part) {
  version = said.version;
  form.elements.version.value = version;
  form.elements.csrfmiddlewaretoken.value = token();
  base = { ...base, ...part };
  failures = 0;
  owes = false;
  if (Object.keys(changes()).length) saveSoon();
  else dropCopy();
}

function answered(answer, said, part) {
  if (answer.ok) {
    saved(said, part);
    tell(`${say.tSaved} `, "check");
    one("[data-saved] span").append(make("b", said.saved_at, "num"));
    remark(said);
  } else if (answer.status === 401) {
    if (said.version) saved(said, part);
    else keepCopy();
    tell(said.version ? say.tSignedOut : unsaved(), "warn", { text: say.tSignIn, href: said.sign_in });
  } else if (answer.status === 409 && said.sent) {
    isStopped = true;
    tell(say.tSent, "warn", { text: say.tLook, href: said.sent });
  } else if (answer.status === 409) {
    disagree(said.version, said.saved_at);
  } else if (answer.status === 404 && version) {
    version = 0; // it was discarded elsewhere: what stands here is kept whole
    form.elements.version.value = 0;
    owes = true;
    saveSoon(0);
  } else if ([404, 413, 422].includes(answer.status)) {
    keepCopy();
    tell(said.message || unsaved(), "warn");
  } else failed();
}

const unsaved = () => (keepsCopies ? say.tUnsaved : say.tUnkept);
function failed() {
  keepCopy();
  if (isSending) return;
  tell(unsaved(), "warn");
  failures += 1;
  saveSoon(Math.min(60000, PAUSE * 2 ** failures));
}

function disagree(theirs, time) {
  isStopped = true;
  keepCopy();
  version = theirs;
  form.elements.version.value = theirs;
  if (time) one("[data-conflict-time]").textContent = time;
  const note = one("[data-conflict]");
  note.hidden = false;
  note.focus();
  tell(unsaved(), "warn");
}

function changed(event) {
  if (event?.target.name && OURS.has(event.target.name)) return;
  clearTimeout(copyTimer);
  copyTimer = setTimeout(keepCopy, 300);
  refresh();
  saveSoon();
}

// --- remarks at the inputs -----------------------------------------------------------------------------------------

function touch(name) {
  if (!name || OURS.has(name)) return;
  touched.add(name);
  if (/^author\d+_share$/.test(name)) touched.add("authors");
  if (name === "benefit" || name === "no_benefit_reason") touched.add("benefit").add("no_benefit_reason");
}

function remark(said) {
  for (const place of all("[data-remarks]", form)) {
    const name = place.dataset.remarks;
    if (!touched.has(name)) continue;
    const notes = said.notes?.[name] ?? [];
    place.replaceChildren(...notes.map(noteOf));
    const isBad = notes.some((note) => note.look === "no");
    place.closest(".field")?.classList.toggle("bad", notes.length > 0 && !place.closest("li"));
    for (const input of all(`[name="${name}"]`, form)) input.toggleAttribute("aria-invalid", isBad) && input.setAttribute("aria-invalid", "true");
  }
  for (const place of all("[data-reading]", form)) place.textContent = said.readings?.[place.dataset.reading] ?? "";
}

function noteOf(note) {
  const box = make("div", "", `note note-${note.look}`);
  const first = make(note.heading ? "b" : "p");
  first.append(icon("warn"), ` ${note.heading || note.message}`);
  box.append(first);
  if (note.heading) box.append(make("p", note.message));
  if (note.source) box.append(make("p", note.source, "small-3"));
  return box;
}

function countLetters(area) {
  const limit = +area.dataset.limit;
  const length = area.value.length > limit * 4 ? area.value.length : area.value.normalize("NFC").length;
  let place = area.nextElementSibling;
  if (!place?.matches(".meta")) {
    if (length < limit * 0.8) return;
    area.after((place = make("p", "", "hint meta num")));
  }
  const written = (n) => n.toLocaleString(document.documentElement.lang);
  place.textContent = `${written(length)} / ${written(limit)}`;
  place.classList.toggle("over", length > limit);
}

// --- authors -------------------------------------------------------------------------------------------------------

const rows = () => all("[data-author]", one("[data-authors]"));
const shares = () => all("[name$=_share]", one("[data-authors]"));

function addRow() {
  const row = one("[data-author-model]").content.cloneNode(true).firstElementChild;
  one("[data-authors]").append(row);
  number();
  row.dispatchEvent(new Event("unit-fields", { bubbles: true }));
  return row;
}

function number() {
  rows().forEach((row, at) => {
    for (const element of [row, ...all("*", row)])
      for (const { name, value } of [...element.attributes])
        if (/author\d+_|drop_author:\d+/.test(value)) element.setAttribute(name, value.replace(/(author)\d+(_)|(drop_author:)\d+/g, (_m, a, b, c) => (c ?? a) + (at + 1) + (b ?? "")));
        else if (name === "aria-label") element.setAttribute(name, value.replace(/\d+/, at + 1));
    const label = at && one(".who b", row);
    if (label) label.textContent = label.textContent.replace(/\d+/, at + 1);
  });
  form.elements.authors.value = rows().length;
}

function split() {
  const fields = shares();
  const each = Math.floor(100 / fields.length);
  fields.forEach((field, at) => (field.value = at ? each : 100 - each * (fields.length - 1)));
  for (const field of fields) touch(field.name);
}

function act(event) {
  const [action] = (event.target.closest("button[name=action]")?.value ?? "").split(":");
  if (!["more_authors", "drop_author", "split_shares"].includes(action)) return;
  event.preventDefault();
  if (action === "more_authors" && rows().length < 20) {
    const wasEven = isEven();
    const row = addRow();
    if (wasEven) split();
    one("input[name$=_name]", row).focus();
  } else if (action === "drop_author") {
    const wasEven = isEven();
    event.target.closest("[data-author]").remove();
    number();
    if (wasEven || rows().length === 1) split();
    one("[value=more_authors]").focus();
  } else if (action === "split_shares") split();
  changed();
}
function isEven() {
  const each = shares().map((field) => +field.value).sort((a, b) => a - b);
  return each.at(-1) - each[0] < each.length;
}

function refresh() {
  const box = one("[data-authors]");
  box.classList.toggle("alone", rows().length === 1);
  const sum = one("[data-sum]");
  const total = shares().reduce((so, field) => so + (/^\d+$/.test(field.value.trim()) ? +field.value : 0), 0);
  const text = total === 100 ? sum.dataset.right : total < 100 ? sum.dataset.less : sum.dataset.more;
  const said = rows().length > 1 ? text.replace("{total}", total).replace("{rest}", Math.abs(100 - total)) : "";
  if (sum.textContent.trim() !== said) sum.replaceChildren(...(said ? [icon(total === 100 ? "check" : "warn"), ` ${said}`] : []));
  sum.className = total === 100 ? "ok" : "not-yet";
  one("[data-principal]").textContent = form.elements.author1_name.value || one("[data-principal]").dataset.principal;
  one("[value=split_shares]").hidden = rows().length === 1;
  one("[value=more_authors]").hidden = rows().length >= 20;
}

function notAuthor(tick) {
  const name = form.elements.author1_name;
  if (tick.checked && name.value === name.defaultValue) {
    name.value = form.elements.author1_title.value = "";
    name.focus();
  } else if (!tick.checked && !name.value) name.value = name.defaultValue;
}

// --- steps on a phone ----------------------------------------------------------------------------------------------

const phone = matchMedia("(max-width: 767px)");
const sections = form ? all("[data-step]", form) : [];
const titles = all("[data-steps] li a").map((a) => a.textContent);
let step = 0; // 0: all at once

function show(wanted, { focus = true } = {}) {
  const is = phone.matches;
  main.classList.toggle("stepped", is);
  step = is ? wanted : 0;
  main.classList.toggle("later", step > 1);
  sections.forEach((section, at) => (section.hidden = is && at + 1 !== step));
  all("[data-steps] li").forEach((line, at) => {
    line.classList.toggle("done", is && at + 1 < step);
    is && at + 1 === step ? line.setAttribute("aria-current", "step") : line.removeAttribute("aria-current");
  });
  const now = one("[data-step-now]");
  now.textContent = is ? now.dataset.stepNow.replace("{n}", step).replace("{name}", titles[step - 1]) : "";
  one("[data-back]").hidden = !is || step === 1;
  const next = one("[data-next]");
  next.hidden = !is || step === 4;
  next.textContent = next.dataset.next.replace("{name}", titles[step] ?? "");
  one(".form-bar [value=submit]").hidden = is && step !== 4;
  one(".form-bar [value=save]").hidden = is;
  if (is && step === 4) review();
  if (!is) return;
  form.elements.step.value = step;
  if (!location.hash) loaded(() => location.hash || history.replaceState(history.state, "", `#buoc-${step}`));
  if (focus) {
    scrollTo(0, main.getBoundingClientRect().top + scrollY - 8);
    one("h2", sections[step - 1]).focus({ preventScroll: true });
  }
}

function go(to) {
  for (const input of inputs()) if (sections[step - 1]?.contains(input)) touch(input.name);
  saveSoon(0);
  location.hash = `buoc-${to}`; // so that the browser's back goes back a step
}

function follow(first = false) {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const section = target?.closest("[data-step]");
  if (!section) return show(step || +form.elements.step.value || 1, { focus: !first });
  show(+section.dataset.step, { focus: section === target && !first });
  if (section !== target) reach(target);
}

function reach(target) {
  for (let box = target.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  const field = target.matches("input,select,textarea,[tabindex]") ? target : one("input,select,textarea", target) ?? target;
  field.scrollIntoView({ block: "center" });
  field.focus({ preventScroll: true });
}

function written(inside) {
  return all("input,select,textarea", inside)
    .filter((e) => e.type !== "hidden" && e.type !== "file" && (["radio", "checkbox"].includes(e.type) ? e.checked : e.value.trim()))
    .map((e) => (e.options ? e.selectedOptions[0].text : e.type === "radio" ? e.closest("label").querySelector("span").firstChild.data : e.type === "checkbox" ? "✓" : e.value.trim() + (e.name.endsWith("_share") ? "%" : "")))
    .join(" · ");
}

function author(row) {
  const name = one("[data-principal]", row)?.textContent ?? one("[name$=_name]", row).value.trim();
  return [name, ...written(row).split(" · ").filter((part) => part !== name)].filter(Boolean).join(" · ");
}

function review() {
  const list = one("[data-review]");
  const isSecret = form.elements.is_secret.checked;
  const lines = [];
  for (const section of sections.slice(0, 3)) {
    const said = make("dl");
    lines.push(make("h3", one("h2", section).textContent), said);
    for (const field of all(".field", section)) {
      if ((one(".field", field) && !one("[data-files]", field)) || field.closest(isSecret ? "[data-open]" : "[data-secret]")) continue;
      const label = one("legend,label", field).firstChild.textContent.trim() || one("label span", field)?.firstChild.data;
      const parts = field.id === "id_authors" && rows().length > 1 ? rows().map(author) : [written(field)];
      const files = all("[data-remove]", field).map((file) => file.dataset.name);
      const text = [...parts, ...files].filter(Boolean).join("\n") || field.dataset.otherwise;
      const isMissing = !text && one("[required]", field);
      const control = field.id ? field : one("input,select,textarea", field);
      if ((!text && !isMissing) || !control?.id || (field.id === "id_authors" && rows().length === 1)) continue;
      const value = make("dd", text || list.dataset.missing, text ? "lines" : "missing");
      const fault = one(".note-no b, .note-no p", field);
      if (fault) value.append(make("p", fault.textContent.trim(), "missing"));
      const edit = Object.assign(make("a", list.dataset.edit), { href: `#${control.id}` });
      edit.append(make("span", `: ${label}`, "visually-hidden"));
      const row = make("div");
      row.append(make("dt", label), value, make("dd", "", "edit"));
      row.lastChild.append(edit);
      said.append(row);
    }
  }
  list.replaceChildren(...lines);
  list.hidden = false;
}

// --- beginning, sending, leaving -----------------------------------------------------------------------------------

function recover() {
  const gone = cookie("sent_draft");
  if (gone) dropCopy(gone);
  const copy = copyOf(say.draft);
  if (copy && isSame(copy.typed, values())) dropCopy();
  else if (copy && copy.version >= version) {
    fill(copy.typed);
    one("[data-restored]").hidden = false;
  } else if (copy) {
    fill(copy.typed);
    disagree(version);
  } else if (!version) offerCopies();
}

function offerCopies() {
  const box = one("[data-old-copies]");
  for (const key of copies((s) => Object.keys(s).filter((k) => k.startsWith(COPY))) ?? []) {
    const id = key.slice(COPY.length);
    const copy = copyOf(id);
    if (!copy || Date.now() - copy.at > 60 * 86400e3) dropCopy(id);
    else if (!copy.version && id !== say.draft && !one(`.drafts a[href*="${id}"]`)) {
      const link = one("[data-copy-link]", box);
      link.href = `${new URL(link.href).pathname}?ban=${id}`;
      link.textContent = copy.typed.title || link.dataset.unnamed;
      box.hidden = false;
    }
  }
}

function send(event) {
  const button = event.submitter;
  if (button?.value === "save" && !button.matches("[data-keep-mine]")) {
    event.preventDefault();
    save({ always: true });
    return;
  }
  if (isSending || !navigator.onLine) {
    event.preventDefault();
    if (!navigator.onLine) keepCopy(), tell(say.tOffline, "warn");
    return;
  }
  if (busy) {
    event.preventDefault();
    Promise.race([busy, new Promise((done) => setTimeout(done, 4000))]).then(() => ((busy = undefined), form.requestSubmit(button)));
    return;
  }
  for (const input of inputs()) if (input.value.length > longest(input)) input.value = input.value.slice(0, longest(input));
  form.elements.csrfmiddlewaretoken.value = token();
  // Files have gone ahead by themselves: the short form is read in half the time.
  if (!all("input[type=file]").some((input) => input.files.length)) form.enctype = "application/x-www-form-urlencoded";
  keepCopy();
  isSending = true;
  clearTimeout(timer);
  if (button?.dataset.sending) {
    button.dataset.label = button.textContent;
    button.textContent = button.dataset.sending;
    button.setAttribute("aria-busy", "true");
  }
}

function start() {
  one("[data-principal]").dataset.principal = one("[data-authors] small").textContent;
  // A new form has an address of its own from the start, so that loading it again finds what was saved under it.
  if (!version && form.getAttribute("action") !== location.pathname) history.replaceState(null, "", `?ban=${say.draft}${location.hash}`);
  base = asMade();
  isStopped = !one("[data-conflict]").hidden;
  recover();
  form.addEventListener("input", changed);
  form.addEventListener("change", (event) => {
    if (event.target.name === "not_author") notAuthor(event.target);
    touch(event.target.name);
    changed(event);
  });
  form.addEventListener("focusout", (event) => {
    if (!event.target.name || event.target.type === "submit") return;
    if (event.target.value || event.target.defaultValue) touch(event.target.name);
  });
  form.addEventListener("input", (event) => event.target.matches("textarea[data-limit]") && countLetters(event.target));
  form.addEventListener("click", act);
  form.addEventListener("submit", send);
  one("[data-back]").addEventListener("click", () => go(step - 1));
  one("[data-next]").addEventListener("click", () => go(step + 1));
  one("[data-drop-copy]")?.addEventListener("click", () => (dropCopy(), (isStopped = true), location.reload()));
  one("[data-take-theirs]").addEventListener("click", () => (dropCopy(), (isStopped = true)));
  one("[data-keep-mine]").addEventListener("click", (event) => {
    event.preventDefault();
    one("[data-conflict]").hidden = true;
    isStopped = false;
    save({ whole: true });
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (link && link.hash === location.hash) follow(); // the same place again
  });
  addEventListener("hashchange", () => follow());
  phone.addEventListener("change", () => follow(true));
  addEventListener("online", () => ((lastSave = 0), saveSoon(0)));
  const leave = () => !isStopped && !isSending && save({ leaving: true });
  addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", () => document.hidden && leave());
  addEventListener("pageshow", () => {
    isSending = false;
    for (const button of all("[data-label]", form)) {
      button.textContent = button.dataset.label;
      button.removeAttribute("aria-busy");
    }
  });
  form.addEventListener("draft:needed", (event) => event.detail.wait(save({ always: true })));
  refresh();
  const faulty = one("#faults a");
  if (faulty && phone.matches && !location.hash) show(+document.getElementById(faulty.hash.slice(1))?.closest("[data-step]")?.dataset.step || 1, { focus: false });
  else follow(true);
  loaded(() => one("[data-focus]")?.focus());
  if (Object.keys(changes()).some((name) => name !== "step")) saveSoon();
}

if (form) start();
