// Keyboard first: one letter an act, never while somebody types.
const typing = (node) => node.matches("textarea, select, input:not([type=radio])");
const rows = [...document.querySelectorAll("[data-row]")];
let here = -1;
const go = (to) => {
  if (!rows.length) return;
  rows[here]?.classList.remove("here");
  here = Math.max(0, Math.min(rows.length - 1, to));
  rows[here].classList.add("here");
  rows[here].querySelector("a").focus();
};
const choose = (name, value) => {
  const field = document.querySelector(`#decide [name=${name}]`);
  if (!field) return;
  if (field.type === "radio") document.querySelector(`#decide [name=${name}][value=${value}]`).checked = true;
  else field.value = value;
};
const keys = {
  j: () => go(here + 1),
  k: () => go(here - 1),
  a: () => choose("kind", "action_taken"),
  n: () => choose("kind", "no_action"),
  o: () => choose("kind", "not_ours"),
  r: () => choose("on_content", "DECISION_VISIBILITY_CONTENT_REMOVED"),
  w: () => choose("on_account", "warned"),
};
// Who speaks to the computer, or whose hand trembles, turns the letters off (WCAG 2.1.4).
const OFF = "desk-keys-off";
const off = () => localStorage.getItem(OFF) === "1";
const toggle = document.querySelector("[data-keys]");
const says = () => { toggle.textContent = off() ? "Turn letter keys on" : "Turn letter keys off"; };
if (toggle) {
  toggle.hidden = false;
  says();
  toggle.addEventListener("click", () => { localStorage.setItem(OFF, off() ? "0" : "1"); says(); });
}
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (off()) return;
  const button = document.querySelector(`[data-key="${event.key}"]`);
  if (button?.checkVisibility()) button.click();
  else if (keys[event.key]) keys[event.key]();
  else return;
  event.preventDefault();
});
// Live counts.
const box = document.querySelector("[data-counts]");
if (box) {
  setInterval(async () => {
    const answer = await fetch(box.dataset.counts, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    for (const [name, count] of Object.entries(await answer.json())) {
      const place = box.querySelector(`[data-count="${name}"]`);
      if (place) place.textContent = count;
    }
  }, 15000);
}
// How long is left, beside the time.
for (const time of document.querySelectorAll("[data-due]")) {
  const minutes = Math.round((new Date(time.dateTime) - Date.now()) / 60000);
  const size = Math.abs(minutes) < 120 ? `${Math.abs(minutes)} min` : `${Math.round(Math.abs(minutes) / 60)} h`;
  time.textContent += minutes < 0 ? ` (${size} late)` : ` (in ${size})`;
}
