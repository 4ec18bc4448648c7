// Buttons with data-copy put the address beside them on the clipboard, and say so.

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const field = button.closest("form").querySelector("input[readonly]");
    field.select();
    await navigator.clipboard.writeText(field.value);
    button.textContent = button.dataset.copy;
  });
}
