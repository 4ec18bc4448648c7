/* Joins the picture to its incidents: at a box a card that says what it is, and a mark at the
   incident; from an incident a mark at its box. All of it is on the page without this, too. */

const figure = document.querySelector(".grid-figure");
const boxes = [...figure.querySelectorAll(".panel a[data-slug]")];
const card = document.createElement("div");
let closing = 0;

const boxesOf = (slug) => boxes.filter((box) => box.dataset.slug === slug);
const incidentOf = (slug) => document.getElementById(slug)?.closest(".incident");

function mark(slug, on) {
  for (const one of [...boxesOf(slug), incidentOf(slug)]) one?.classList.toggle("marked", on);
}

function line(tag, text) {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}

function open(box) {
  clearTimeout(closing);
  const gist = incidentOf(box.dataset.slug)?.querySelector(".prose > p")?.textContent;
  const lines = [line("strong", box.getAttribute("aria-label"))];
  lines.push(line("p", box.querySelector("desc").textContent));
  if (gist) lines.push(line("p", gist));
  card.replaceChildren(...lines);
  card.hidden = false;
  const around = figure.getBoundingClientRect();
  const { left, top, bottom } = box.querySelector("rect").getBoundingClientRect();
  const height = card.offsetHeight + 8;
  const below = bottom + height + 8 < window.innerHeight || top < height;
  const x = Math.min(left - around.left, around.width - card.offsetWidth);
  const y = below ? bottom + 8 : top - height;
  card.style.left = `${Math.max(0, x)}px`;
  card.style.top = `${y - around.top}px`;
}

function close() {
  clearTimeout(closing);
  card.hidden = true;
}

function closeSoon() {
  clearTimeout(closing);
  closing = setTimeout(close, 200);
}

function join(box) {
  const { slug } = box.dataset;
  const title = box.querySelector("title");
  const name = title.textContent;
  // The name stays where the browser's own little box of it makes room for the card.
  box.setAttribute("aria-label", name);
  box.addEventListener("pointerenter", (event) => {
    mark(slug, true);
    if (event.pointerType === "touch") return;
    title.textContent = "";
    open(box);
  });
  box.addEventListener("pointerleave", () => {
    mark(slug, false);
    title.textContent = name;
    closeSoon();
  });
  box.addEventListener("focus", () => {
    mark(slug, true);
    if (box.matches(":focus-visible")) open(box);
  });
  box.addEventListener("blur", () => {
    mark(slug, false);
    close();
  });
}

/* The box of the incident that the address names stays marked. */
function here() {
  const slug = location.hash.slice(1);
  for (const box of boxes) box.classList.toggle("here", box.dataset.slug === slug);
}

card.className = "peek";
card.hidden = true;
card.setAttribute("aria-hidden", "true");
card.addEventListener("pointerenter", () => clearTimeout(closing));
card.addEventListener("pointerleave", closeSoon);
figure.append(card);
boxes.forEach(join);

for (const incident of document.querySelectorAll(".incident[id]")) {
  for (const [event, on] of Object.entries({ pointerenter: true, focusin: true, pointerleave: false, focusout: false })) {
    incident.addEventListener(event, () => mark(incident.id, on));
  }
  incident.querySelector(".stamp")?.addEventListener("click", (event) => {
    const box = boxesOf(incident.id).find((one) => one.getClientRects().length);
    if (!box) return;
    event.preventDefault();
    figure.scrollIntoView({ block: "nearest" });
    box.focus({ preventScroll: true, focusVisible: true });
  });
}

document.addEventListener("keydown", (event) => event.key === "Escape" && close());
window.addEventListener("hashchange", here);
here();
