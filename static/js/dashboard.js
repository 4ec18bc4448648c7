// The dashboard: the line that logs an incident says what it reads while one types (Enter logs,
// Shift+Enter is a new line), and what is chosen in a row is set at once.

const PAUSE = 250; // milliseconds without a key before the server is asked

const form = document.querySelector(".dashboard-line");
const line = form.querySelector("textarea");
const reading = form.querySelector(".dashboard-reading");
let timer;

async function read() {
  const typed = line.value;
  line.rows = Math.min(10, typed.split("\n").length);
  if (!typed.trim()) return reading.replaceChildren();
  try {
    const response = await fetch(`${form.dataset.readUrl}?${new URLSearchParams({ line: typed })}`);
    // An answer that comes after a newer question is old.
    if (response.ok && typed === line.value) reading.innerHTML = await response.text();
  } catch {
    reading.replaceChildren();
  }
}

line.addEventListener("input", () => {
  form.elements.unread.value = "";
  clearTimeout(timer);
  timer = setTimeout(read, PAUSE);
});
line.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
});

for (const select of document.querySelectorAll(".dashboard-gaps select")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}
