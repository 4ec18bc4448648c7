// A save that was refused: the choice for a text shows in its field at once, and can be edited.

for (const part of document.querySelectorAll(".admin-collision")) {
  const field = document.getElementsByName(part.dataset.field)[0];
  const texts = { mine: part.querySelector(".admin-typed"), theirs: part.querySelector(".admin-saved") };
  // Only a text is its own value: a choice or a time is taken over by the server.
  if (field?.tagName !== "TEXTAREA") continue;
  const usesTyped = part.querySelector("input[value=mine]");
  part.addEventListener("change", (event) => {
    field.value = texts[event.target.value].value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    // The field holds what is saved, edited or not.
    field.addEventListener("beforeinput", () => { usesTyped.checked = true; }, { once: true });
  });
  part.querySelector(".admin-edit").addEventListener("click", (event) => {
    event.preventDefault();
    usesTyped.checked = true;
    field.scrollIntoView({ block: "center" });
    field.focus();
  });
}
