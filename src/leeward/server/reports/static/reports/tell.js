// Everything here is an extra: the pages work without it.
for (const button of document.querySelectorAll("[data-read-aloud]")) {
  if (!("speechSynthesis" in window)) break;
  button.hidden = false;
  button.addEventListener("click", () => {
    speechSynthesis.cancel();
    const words = [...document.querySelectorAll("main h1, main p, main .choice span, main label")].map((node) => node.textContent.trim());
    const spoken = new SpeechSynthesisUtterance(words.join(". "));
    spoken.lang = document.documentElement.lang;
    speechSynthesis.speak(spoken);
  });
}
const print = document.querySelector("[data-print]");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}
// The code behind # never reaches the server; it only fills the field.
const field = document.querySelector("input.receipt");
if (field && /^#\d{16}$/.test(location.hash)) {
  field.value = location.hash.slice(1).replace(/(\d{4})(?=\d)/g, "$1 ");
  history.replaceState(null, "", location.pathname);
}
const ask = document.querySelector("[data-push]");
if (ask && "serviceWorker" in navigator && "PushManager" in window) {
  ask.hidden = false;
  ask.addEventListener("click", async () => {
    const box = document.querySelector("[data-push-key]");
    if ((await Notification.requestPermission()) !== "granted") return;
    const worker = await navigator.serviceWorker.register(box.dataset.pushWorker);
    const starting = worker.installing || worker.waiting;
    // "ready" would wait for a worker of this page, and this one is the answer's
    if (starting) await new Promise((go) => starting.addEventListener("statechange", () => starting.state === "activated" && go()));
    const key = Uint8Array.from(atob(box.dataset.pushKey.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
    const found = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
    const body = new FormData();
    body.set("subscription", JSON.stringify(found));
    body.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
    const answer = await fetch(box.dataset.pushTo, { method: "POST", body });
    if (answer.ok) {
      ask.hidden = true;
      document.querySelector("[data-push-done]").hidden = false;
    }
  });
}
