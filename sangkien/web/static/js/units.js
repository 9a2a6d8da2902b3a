/* A field in which somebody finds a trade union by typing, with or without diacritics: the combobox of ARIA 1.2.

   Mark up an ordinary text field that works without this script, and load the script with its texts and style:

     {% block head %}{% include "profile/unit_fields.html" %}{% endblock %}
     <label for="id_unit">…</label>
     <input class="form-control" id="id_unit" name="unit" value="HNI-001" data-unit-name="LĐLĐ quận Ba Đình"
            data-unit-combobox autocomplete="off">

   What is sent under the field's name: the code of the unit that was chosen, or else the text as it was typed. So that the
   field can show a name and send a code, a hidden field takes over its name, and stands right behind it. "input" and
   "change" bubble from there, with the value in place. data-unit-name says what to show for a code that is there at
   first; without it the code is shown. To give the field a value later: input.unitField.set(code, name). Fields that are
   put into the page later, or copied, need a "unit-fields" event that bubbles from anything around them. */

const script = document.querySelector("script[data-units]");
const texts = script ? script.dataset : {};
const isEnglish = document.documentElement.lang === "en";
const WAIT = 250; // milliseconds without a key before asking
const LIMIT = 8;
let serial = 0;

const nameOf = (unit) => (isEnglish && unit.name_en) || unit.name;
const shortOf = (unit) => (isEnglish ? unit.name_en : unit.short_name) || unit.name;
/* The units above, from the nearest up, without the one at the top: everything stands below it. */
const placeOf = (unit) => unit.ancestors.slice(1).reverse().map(shortOf).join(" · ");

function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

class UnitField {
  constructor(input) {
    this.input = input;
    this.units = [];
    this.active = -1;
    this.asked = 0;
    const id = `units-${++serial}`;
    this.sent = element("input", { type: "hidden", name: input.name, "data-unit-sent": "" });
    this.sent.value = input.value;
    this.list = element("ul", { id, role: "listbox", class: "units-list", "aria-label": texts.label || input.name });
    this.list.hidden = true;
    this.said = element("div", { role: "status", class: "visually-hidden" });
    input.removeAttribute("name");
    input.unitField = this;
    for (const [name, value] of Object.entries({
      role: "combobox", autocomplete: "off", spellcheck: "false",
      "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id,
    })) input.setAttribute(name, value);
    if (input.dataset.unitName) input.value = input.dataset.unitName;
    const around = element("div", { class: "units-field" });
    input.replaceWith(around);
    around.append(input, this.sent, this.list, this.said);
    input.addEventListener("input", (event) => this.typed(event));
    input.addEventListener("change", (event) => event.stopPropagation()); // said by the hidden field
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("blur", () => this.close());
    this.list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.choose([...this.list.children].indexOf(option));
    });
  }

  typed(event) {
    event.stopPropagation();
    this.send(this.input.value);
    clearTimeout(this.timer);
    this.asked++; // an answer that is on its way is too old
    if (this.input.value.trim().length < 2) return this.close();
    this.timer = setTimeout(() => this.ask(), WAIT);
  }

  async ask() {
    const query = this.input.value.trim();
    const asked = ++this.asked;
    const address = `${texts.address || "/api/v1/units"}?${new URLSearchParams({ q: query, limit: LIMIT, open: true })}`;
    let found = null;
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" } });
      if (answer.ok) found = (await answer.json()).units;
    } catch { /* no connection: what was typed is sent and looked up then */ }
    if (asked !== this.asked || document.activeElement !== this.input) return;
    if (found === null) return this.close();
    this.show(found);
  }

  show(units) {
    this.units = units;
    this.active = -1;
    this.list.replaceChildren(...units.map((unit, place) => element(
      "li", { role: "option", id: `${this.list.id}-${place}`, "aria-selected": "false" },
      element("span", {}, nameOf(unit)),
      element("small", {}, [placeOf(unit), unit.code].filter(Boolean).join(" · ")),
    )));
    if (!units.length && texts.none) this.list.append(element("li", { class: "none", "aria-hidden": "true" }, texts.none));
    this.open(this.list.children.length > 0);
    this.makeRoom();
    this.said.textContent = units.length ? (texts.found || "{n}").replace("{n}", units.length) : texts.none || "";
  }

  open(isOpen) {
    this.list.hidden = !isOpen;
    this.input.setAttribute("aria-expanded", String(isOpen && this.units.length > 0));
    if (!isOpen) this.mark(-1);
  }

  /* On a phone the keys and the bar at the foot take half the screen: then the field goes to the top of what is left. */
  makeRoom() {
    const bar = document.querySelector(".form-bar");
    const taken = bar && getComputedStyle(bar).position === "sticky" ? bar.offsetHeight : 0;
    const seen = window.visualViewport ? window.visualViewport.height : window.innerHeight;
    if (this.list.getBoundingClientRect().bottom > seen - taken) this.input.scrollIntoView({ block: "start" });
  }

  close() {
    clearTimeout(this.timer);
    this.asked++;
    this.said.textContent = "";
    this.open(false);
  }

  mark(place) {
    this.active = place;
    [...this.list.children].forEach((option, n) => option.setAttribute("aria-selected", String(n === place)));
    const option = this.list.children[place];
    if (option) {
      this.input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else this.input.removeAttribute("aria-activedescendant");
  }

  key(event) {
    const isOpen = !this.list.hidden && this.units.length > 0;
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!isOpen) return this.units.length ? this.open(true) : this.input.value.trim().length > 1 && this.ask();
      const step = event.key === "ArrowDown" ? 1 : -1;
      const last = this.units.length - 1;
      const next = this.active < 0 ? (step > 0 ? 0 : last) : this.active + step;
      this.mark(next < 0 ? last : next > last ? 0 : next);
    } else if (event.key === "Enter" && isOpen && this.active >= 0) {
      event.preventDefault();
      this.choose(this.active);
    } else if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      this.close();
    }
  }

  choose(place) {
    const unit = this.units[place];
    if (!unit) return;
    this.set(unit.code, nameOf(unit));
    this.units = [];
    this.close();
    this.said.textContent = `${nameOf(unit)}, ${placeOf(unit)}`;
  }

  set(code, name) {
    this.input.value = name || code;
    this.send(code);
    this.sent.dispatchEvent(new Event("change", { bubbles: true }));
  }

  send(value) {
    if (this.sent.value === value) return;
    this.sent.value = value;
    this.sent.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function enhance(root) {
  for (const input of root.querySelectorAll("input[data-unit-combobox]")) {
    if (input.unitField) continue;
    const copied = input.closest(".units-field"); // of a row that was copied: begin again from the plain field
    if (copied) {
      const sent = copied.querySelector("[data-unit-sent]");
      input.dataset.unitName = sent.value && input.value;
      input.name = sent.name;
      input.value = sent.value;
      copied.replaceWith(input);
    }
    new UnitField(input);
  }
}

enhance(document);
document.addEventListener("unit-fields", (event) => enhance(event.target));
