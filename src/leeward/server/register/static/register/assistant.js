// While a commitment is written: asks the server what makes it impossible to check. Without this script it is said when the draft is saved.
const form = document.querySelector("form[data-assistant]");
if (form) {
  const list = form.querySelector("[data-gaps]");
  let waiting;
  const look = async () => {
    const answer = await fetch(form.dataset.assistant, { method: "POST", body: new FormData(form) });
    if (!answer.ok) return;
    const { gaps } = await answer.json();
    list.replaceChildren(
      ...(gaps.length ? gaps : [{ says: "Nothing is missing that we can see.", blocks: false }]).map(({ says, blocks }) => {
        const item = document.createElement("li");
        item.textContent = says;
        if (blocks) item.className = "blocks";
        return item;
      }),
    );
  };
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(look, 600);
  });
}
