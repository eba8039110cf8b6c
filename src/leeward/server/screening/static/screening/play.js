// Swaps the stage without loading the page anew. Without this file the same form simply posts.
const form = document.querySelector("[data-play]");

async function play(submitter) {
  const stage = document.querySelector("#stage");
  const data = new FormData(form, submitter);
  stage.setAttribute("aria-busy", "true");
  const response = await fetch(form.action, { method: "POST", body: data, headers: { "X-Part": "stage" } });
  const html = await response.text();
  const written = Object.fromEntries([...stage.querySelectorAll("input[name^=text_]")].map((input) => [input.id, input.value]));
  stage.innerHTML = html;
  // what was typed while the answer was on its way stays
  for (const [id, value] of Object.entries(written)) {
    if (value !== data.get(id)) document.getElementById(id).value = value;
  }
  stage.setAttribute("aria-busy", "false");
  for (const chat of stage.querySelectorAll(".chat")) chat.scrollTop = chat.scrollHeight;
  const next = submitter?.name === "send" || submitter?.name === "change" ? submitter.value : "";
  const side = submitter?.name === "change" ? stage.querySelector("input[name^=text_][value]:not([value=''])")?.id : `text_${next}`;
  document.getElementById(side)?.focus();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  play(event.submitter);
});
form.addEventListener("change", (event) => {
  if (event.target.matches("select")) play(null);
});
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches(".compose input[name^=text_]")) {
    event.preventDefault();
    play(event.target.parentElement.querySelector("button[name=send]"));
  }
});
document.documentElement.classList.add("js");
