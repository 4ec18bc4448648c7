// Save without leaving the page: the caret, the scroll position and open rows stay, and so does what
// is typed while the save is on its way. Whatever is not a plain success is sent as an ordinary form.

const form = document.querySelector(".admin-typing")?.closest("form");
const isStored = form?.elements.namedItem("_object").value;
let saving = false;
let again = false;
let ordinary = false;

document.addEventListener("submit", async (event) => {
  if (event.target !== form || event.submitter?.name !== "_continue" || ordinary || !isStored) return;
  event.preventDefault();
  event.stopPropagation();
  // One save at a time; what is asked for meanwhile comes after it.
  again = saving;
  if (saving) return;
  saving = true;
  let done;
  do {
    again = false;
    done = await save().catch(() => false);
  } while (done && again);
  saving = false;
  if (done) return;
  ordinary = true;
  form.requestSubmit(event.submitter);
  ordinary = false;
}, { capture: true });

async function save() {
  const sent = new FormData(form);
  const headers = { "X-Save": "in-place" };
  const response = await fetch(location.pathname, { method: "POST", body: sent, headers });
  if (!response.ok || !response.headers.get("Content-Type").includes("json")) return false;
  const { rows } = await response.json();
  const page = await (await fetch(location.pathname)).text();
  adopt(new DOMParser().parseFromString(page, "text/html"), sent, rows);
  return true;
}

function adopt(page, sent, rows) {
  for (const [prefix, key] of Object.entries(rows)) field(`${prefix}-id`).value = key;
  for (const count of form.querySelectorAll("[name$='-INITIAL_FORMS']")) {
    count.value = field(count.name.replace("INITIAL", "TOTAL")).value;
  }
  const stored = page.getElementById(form.id);
  const prefixes = rowPrefixes(stored);
  let typed = false;
  for (const fresh of stored.elements) {
    const current = field(inRow(fresh.name, prefixes));
    if (!fresh.name || !current?.name || fresh.name === "csrfmiddlewaretoken") continue;
    if (/(^|-)version$/.test(fresh.name)) current.value = fresh.value;
    else if (current.type !== "hidden") typed = take(current, fresh, sent) || typed;
  }
  for (const [from, to] of prefixes) {
    replace(form.querySelector(`#${to} > summary`), stored.querySelector(`#${from} > summary`));
  }
  for (const part of [".admin-bar-state", ".admin-saved", ".tasks"]) {
    replace(document.querySelector(part), page.querySelector(part));
  }
  // What an earlier attempt said is settled.
  const said = ".messagelist, .errornote, .errorlist, .admin-collisions, .publish-checks, .admin-show-only";
  for (const part of document.querySelectorAll(said)) part.remove();
  const messages = page.querySelector(".messagelist");
  if (messages) document.getElementById("main").prepend(messages);
  form.dispatchEvent(new CustomEvent("admin:saved", { detail: { typed } }));
}

const field = (name) => form.elements.namedItem(name);

// The rows of the stored page are in their own order: their prefixes there and here, by key.
function rowPrefixes(stored) {
  const here = new Map([...form.querySelectorAll("[name$='-id']")].map((id) => [id.value, id.name.slice(0, -3)]));
  const rows = [...stored.querySelectorAll("[name$='-id']")].filter((id) => id.value && here.has(id.value));
  return new Map(rows.map((id) => [id.name.slice(0, -3), here.get(id.value)]));
}

function inRow(name, prefixes) {
  const [prefix] = name.match(/^\w+-\d+/) ?? [];
  return prefix && prefixes.has(prefix) ? prefixes.get(prefix) + name.slice(prefix.length) : name;
}

// What the save made of a field, unless something was typed in it since; returns whether it was.
function take(current, fresh, sent) {
  if (["file", "submit", "button"].includes(current.type)) return false;
  if (current.type === "checkbox") return takeTick(current, fresh, sent);
  if (current.multiple) return takeChoices(current, fresh, sent);
  const normal = (text) => String(text ?? "").replace(/\r\n/g, "\n");
  if (normal(current.value) !== normal(sent.get(current.name))) return true;
  if (normal(current.value) === normal(fresh.value)) return false;
  const { selectionStart, selectionEnd, scrollTop } = current;
  current.value = fresh.value;
  if (current === document.activeElement && selectionStart !== null) {
    current.setSelectionRange(selectionStart, selectionEnd);
  }
  current.scrollTop = scrollTop;
  return false;
}

function takeTick(current, fresh, sent) {
  if (current.checked !== sent.has(current.name)) return true;
  current.checked = fresh.checked;
  return false;
}

function takeChoices(current, fresh, sent) {
  const values = (select) => [...select.selectedOptions].map((option) => option.value).join();
  if (values(current) !== sent.getAll(current.name).join()) return true;
  if (values(current) === values(fresh)) return false;
  current.replaceChildren(...[...fresh.options].map((option) => document.adoptNode(option)));
  current.dispatchEvent(new Event("change"));
  return false;
}

function replace(old, fresh) {
  if (old && fresh) old.replaceWith(document.adoptNode(fresh));
  else old?.remove();
}
