// Leaves at once, and leaves no way back by the back button.
for (const link of document.querySelectorAll("[data-quick-exit]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    document.body.hidden = true;
    window.location.replace(link.href);
  });
}
// Esc pressed three times does the same.
let presses = [];
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  presses = [...presses, Date.now()].filter((at) => Date.now() - at < 1500);
  if (presses.length >= 3) document.querySelector("[data-quick-exit]")?.click();
});
