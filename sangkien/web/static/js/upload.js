// Files of a draft: sent in parts, one file after another, with progress; a lost connection is gone on from.
// The markup is templates/files/list.html. Without this script its buttons send the form around it.
//
// Before the first file of a form that has not been saved, the event "draft:needed" is sent to the form; whoever saves
// drafts answers with event.detail.wait(promise). If nobody does, the form is sent to its data-save address from here.

const PART = 256 * 1024;
const box = document.querySelector("[data-upload]");
if (box) takeOver(box);

class Refused extends Error {
  constructor(status, said) {
    super(said.error || "");
    this.status = status;
    this.said = said;
  }
}

function takeOver(box) {
  const form = box.closest("form");
  const [list, pick, plain, uploads, error, said] = ["files", "pick", "plain", "uploads", "error", "said"].map((part) =>
    box.querySelector(`[data-${part}]`)
  );
  const say = (name, file) => (box.dataset[`t${name}`] || "").replace("{}", file || "");
  const queue = [];
  let current = null;

  plain.hidden = true;
  pick.multiple = true;
  pick.addEventListener("change", () => {
    const chosen = [...pick.files];
    pick.value = ""; // so that the form does not carry them as well
    complain("");
    chosen.forEach(enqueue);
    next();
  });
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-remove]");
    if (!button) return;
    event.preventDefault();
    remove(button);
  });
  if (form) {
    form.addEventListener("submit", (event) => {
      const action = event.submitter && event.submitter.value;
      if (!current || action === "save") return;
      event.preventDefault();
      event.stopImmediatePropagation();
      complain(say("Busy"), true);
    }, true);
  }
  addEventListener("beforeunload", (event) => {
    if (current) event.preventDefault();
  });

  function complain(text, alone) {
    error.textContent = !alone && text && error.textContent ? `${error.textContent} ${text}` : text;
    error.hidden = !text;
    error.closest(".field").classList.toggle("bad", Boolean(text));
    if (text) pick.setAttribute("aria-invalid", "true");
    else pick.removeAttribute("aria-invalid");
    if (text && alone) error.focus();
  }

  function enqueue(file) {
    const there = list.querySelectorAll("li").length + queue.length + (current ? 1 : 0);
    if (there >= Number(box.dataset.most)) return complain(say("Many", file.name));
    if (!file.size) return complain(say("Empty", file.name));
    if (file.size > Number(box.dataset.largest)) return complain(say("Large", file.name));
    queue.push(shown(file));
  }

  // An upload as it is shown: its words, its bar, and a button that gives it up.
  function shown(file) {
    const item = document.createElement("li");
    item.className = "d-flex align-items-center gap-3 py-1";
    const words = document.createElement("span");
    words.className = "flex-grow-1 text-break";
    const text = document.createElement("span");
    text.textContent = say("Waiting", file.name);
    const bar = document.createElement("progress");
    bar.className = "d-block w-100";
    bar.max = file.size;
    bar.value = 0;
    bar.setAttribute("aria-label", file.name);
    words.append(text, bar);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-line flex-shrink-0";
    button.textContent = say("Cancel");
    button.setAttribute("aria-label", `${say("Cancel")} ${file.name}`);
    item.append(words, button);
    uploads.append(item);
    const upload = { file, item, text, bar, id: null, stop: new AbortController() };
    button.addEventListener("click", () => cancel(upload));
    return upload;
  }

  async function next() {
    if (current || !queue.length) return;
    current = queue.shift();
    const name = current.file.name;
    try {
      const done = await send(current);
      list.innerHTML = done.list;
      said.textContent = say("Added", done.name);
    } catch (failure) {
      if (failure.name !== "AbortError") complain(reason(failure, name));
    }
    current.item.remove();
    current = null;
    next();
  }

  function reason(failure, name) {
    if (failure.status === 401) return say("SignedOut");
    if (failure.status === 404) return say("Unsaved", name);
    return failure.message && failure.status ? `${name}: ${failure.message}` : say("Failed", name);
  }

  // Sends one file; after a broken connection it asks how much is there and goes on from that.
  async function send(upload) {
    const { file, stop } = upload;
    let failures = 0;
    let saved = false;
    for (;;) {
      try {
        upload.text.textContent = say("Sending", file.name);
        const begun = await order({ do: "start", name: file.name, size: file.size, mark: String(file.lastModified) }, stop);
        upload.id = begun.id;
        let received = begun.received;
        const size = Math.min(PART, begun.part);
        while (received < file.size) {
          upload.bar.value = received;
          const part = file.slice(received, received + size);
          received = (await call(`?tep=${begun.id}&tu=${received}`, part, "application/octet-stream", stop)).received;
          failures = 0;
        }
        upload.bar.removeAttribute("value"); // it takes as long as it takes
        upload.text.textContent = say("Checking", file.name);
        return await order({ do: "finish", id: begun.id }, stop);
      } catch (failure) {
        if (failure.name === "AbortError") throw failure;
        if (failure.status === 404 && failure.said.code === "unknown_draft" && !saved) {
          saved = true;
          await save();
        } else if (failure.status && failure.status < 500 && !("received" in failure.said)) {
          throw failure;
        } else if (failure.status && ++failures > 5) {
          throw failure; // the server answers, and it goes wrong again and again
        } else {
          if (!failure.status) {
            failures += 1;
            upload.text.textContent = say("Lost");
          }
          await pause(Math.min(15000, 500 * 2 ** failures), stop.signal);
        }
      }
    }
  }

  function cancel(upload) {
    upload.stop.abort();
    if (upload.id) order({ do: "cancel", id: upload.id }, new AbortController()).catch(() => {});
    const place = queue.indexOf(upload);
    if (place >= 0) queue.splice(place, 1);
    upload.item.remove();
    said.textContent = say("Cancelled", upload.file.name);
    pick.focus();
  }

  async function remove(button) {
    complain("");
    try {
      const answer = await ask(button.dataset.remove, null, null, new AbortController());
      list.innerHTML = answer.list;
      said.textContent = say("Removed", button.dataset.name);
      pick.focus();
    } catch (failure) {
      complain(reason(failure, button.dataset.name), true);
    }
  }

  // Lets the form be saved for the first time, so that there is a draft that a file can belong to.
  async function save() {
    const waiting = [];
    form.dispatchEvent(new CustomEvent("draft:needed", { detail: { wait: (promise) => waiting.push(promise) } }));
    if (waiting.length) return void (await Promise.allSettled(waiting));
    const data = new FormData(form);
    data.delete("file");
    const answer = await fetch(form.dataset.save, { method: "POST", body: data, headers: { Accept: "application/json" } });
    const { version } = answer.ok ? await answer.json() : {};
    if (version !== undefined && form.elements.version) form.elements.version.value = version;
  }

  function order(what, stop) {
    return call("", JSON.stringify(what), "application/json", stop);
  }

  function call(query, body, type, stop) {
    return ask(box.dataset.upload + query, body, type, stop);
  }

  async function ask(address, body, type, stop) {
    const cookie = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/); // it may be newer than the form's
    const token = cookie ? cookie[1] : form.elements.csrfmiddlewaretoken.value;
    const headers = { Accept: "application/json", "X-CSRFToken": token };
    if (type) headers["Content-Type"] = type;
    const answer = await fetch(address, { method: "POST", body, headers, signal: stop.signal, credentials: "same-origin" });
    const told = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Refused(answer.status, told);
    return told;
  }
}

// Waits so many milliseconds, or until the network is back.
function pause(time, signal) {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener("online", end);
      resolve();
    };
    const timer = setTimeout(end, time);
    addEventListener("online", end);
    signal.addEventListener("abort", () => reject(new DOMException("", "AbortError")), { once: true });
  });
}
