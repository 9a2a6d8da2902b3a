/* How far a bulk decision has got. Without this script the page loads itself again. */
const box = document.querySelector("[data-progress]");
const count = (n) => n.toLocaleString(document.documentElement.lang === "en" ? "en" : "vi");
const put = (name, n) => { box.querySelector(`[data-${name}]`).textContent = count(n); };

async function look() {
  try {
    const answer = await fetch(location.pathname, { headers: { Accept: "application/json" } });
    if (answer.ok && !answer.redirected) {
      const now = await answer.json();
      box.querySelector("progress").value = now.done + now.skipped;
      put("gone", now.done + now.skipped);
      put("done", now.done);
      put("skipped", now.skipped);
      if (now.finished) return location.reload();
    }
  } catch { /* no connection: it goes on without us */ }
  setTimeout(look, 500);
}
look();
