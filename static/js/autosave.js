// Nothing typed is lost: a copy in this browser at each pause in typing, one on the server every
// five seconds, and what was not saved offered back. On every page of the admin, copies of what has
// been saved meanwhile are forgotten.

const PAUSE = 400; // milliseconds without a key before a copy is stored here
const LONGEST = 1000; // … or since the last copy, in one long burst of typing
const SERVER = 5000; // milliseconds between copies to the server
const PATIENCE = 8000; // … that a save waits for it
const LEAVING = 1500; // milliseconds that signing out waits for the server

const { user, closedUrl } = document.querySelector("script[data-closed-url]").dataset;
const PREFIX = `autosave:${user}:`;

function cookie(name) {
  return document.cookie.split("; ").find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1);
}

function copies() {
  return Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
}

const keyOf = (name) => name.slice(name.lastIndexOf(":") + 1);

// The fields of a form as pairs; what the form sends for its own sake is no part of them.
function pairs(form) {
  return [...new FormData(form)].filter(
    ([name, value]) => typeof value === "string" && !["csrfmiddlewaretoken", "_show_only"].includes(name),
  );
}

async function ask(url, entries, token, rest = {}) {
  const body = new FormData();
  for (const [name, value] of entries) body.append(name, value);
  try {
    const response = await fetch(url, { method: "POST", body, headers: { "X-CSRFToken": token }, ...rest });
    return { status: response.status, ...(await response.json()) };
  } catch {
    return { status: 0 };
  }
}

class Typing {
  constructor(root) {
    this.root = root;
    this.form = root.closest("form");
    // A browser that fills the form again by itself would pass old text off as typed just now.
    this.form.autocomplete = "off";
    const value = (name) => this.form.elements.namedItem(name).value;
    this.page = `${PREFIX}${value("_model")}:${value("_object")}:`;
    this.key = value("_key");
    // What was brought back, or refused, is not saved: it counts as typed from the start.
    this.local = this.there = "showOnly" in root.dataset ? "" : JSON.stringify(pairs(this.form));
    this.initial = this.local;
    this.listen();
    this.handedIn = this.handIn();
  }

  get token() {
    // A login in another tab has made the token of this page an old one.
    return cookie(this.root.dataset.csrfCookie) ?? this.form.elements.csrfmiddlewaretoken.value;
  }

  listen() {
    document.querySelector(".admin-pending")?.addEventListener("click", (event) => this.discard(event));
    const typed = () => this.typed();
    for (const name of ["input", "change"]) this.form.addEventListener(name, typed);
    for (const name of ["formset:added", "formset:removed"]) document.addEventListener(name, typed);
    // Lists with a search of their own notify jQuery only.
    globalThis.django?.jQuery(this.form).on("change", typed);
    setInterval(() => this.send(), SERVER);
    addEventListener("pagehide", () => this.leave());
    this.form.addEventListener("submit", (event) => this.submit(event));
    addEventListener("pageshow", () => { this.submitted = this.answered = false; });
    this.form.addEventListener("admin:saved", (event) => this.saved(event.detail.typed));
    document.getElementById("logout-form")?.addEventListener("submit", (event) => this.signOut(event));
    if (this.initial === "") this.typed();
  }

  typed() {
    this.since ??= Date.now();
    clearTimeout(this.timer);
    const wait = Math.max(0, Math.min(PAUSE, this.since + LONGEST - Date.now()));
    this.timer = setTimeout(() => this.saveHere(), wait);
  }

  // Stored only where it differs from the last copy.
  saveHere() {
    clearTimeout(this.timer);
    this.since = undefined;
    const now = JSON.stringify(pairs(this.form));
    if (now === this.local || this.submitted) return;
    this.local = now;
    try {
      localStorage.setItem(this.page + this.key, JSON.stringify({ at: new Date().toISOString(), pairs: now }));
      this.say(`${this.root.dataset.here} ${time()}`, "here");
    } catch {
      this.say(this.root.dataset.noRoom, "here");
    }
  }

  async send() {
    this.saveHere();
    const now = this.local;
    if (now === this.there || this.submitted || this.sending) return;
    this.sending = true;
    const answer = await ask(this.root.dataset.saveUrl, JSON.parse(now), this.token);
    this.sending = false;
    if (answer.status === 200) {
      this.there = now;
      this.showOtherEditors(answer.other_editors);
    }
    this.say(this.report(answer.status), "there");
  }

  // A form that is sent to a server that does not answer is a page lost, so it is asked first.
  async submit(event) {
    // Of a double click, the second is none.
    if (this.submitted || this.asking) event.preventDefault();
    if (event.defaultPrevented) return;
    this.form.elements.csrfmiddlewaretoken.value = this.token;
    this.saveHere();
    this.submitted = this.answered;
    if (this.answered) {
      // A page that is still there by then may be sent again.
      setTimeout(() => { this.submitted = this.answered = false; }, PATIENCE);
      return;
    }
    event.preventDefault();
    this.asking = true;
    const signal = AbortSignal.timeout(PATIENCE);
    const { status } = await ask(this.root.dataset.saveUrl, pairs(this.form), this.token, { signal });
    this.asking = false;
    if (status === 0 || status === 503) {
      this.say(this.report(status), "there");
      this.root.scrollIntoView({ block: "center" });
      return;
    }
    this.answered = true;
    this.form.requestSubmit(event.submitter);
  }

  // Saved in place: what is typed from now on has a key of its own.
  saved(typed) {
    localStorage.removeItem(this.page + this.key);
    this.key = this.form.elements.namedItem("_key").value = crypto.randomUUID();
    this.local = this.there = typed ? "" : JSON.stringify(pairs(this.form));
    this.messages = {};
    this.say("", "here");
    if (typed) this.typed();
  }

  report(status) {
    const { there, signedOut, unreached } = this.root.dataset;
    if (status === 200) return `${there} ${time()}`;
    return status === 403 ? signedOut : unreached;
  }

  say(sentence, about) {
    this.messages = { ...this.messages, [about]: sentence };
    const status = this.root.querySelector(".admin-autosave");
    status.textContent = [this.messages.here, this.messages.there].filter(Boolean).join(", ");
    status.classList.toggle("alarm", [this.root.dataset.signedOut, this.root.dataset.unreached].includes(this.messages.there));
  }

  showOtherEditors(names = []) {
    const line = names.length ? `${this.root.dataset.otherEditors} ${names.join(", ")}` : "";
    this.root.querySelector(".admin-other-editors").textContent = line;
  }

  leave() {
    this.saveHere();
    if (this.submitted || this.local === this.there) return;
    const body = new FormData();
    for (const [name, value] of JSON.parse(this.local)) body.append(name, value);
    body.append("csrfmiddlewaretoken", this.token);
    navigator.sendBeacon(this.root.dataset.saveUrl, body);
  }

  // Signing out clears this browser, so the server has to have it first.
  async signOut(event) {
    this.saveHere();
    if (this.local === this.there) return;
    event.preventDefault();
    await Promise.race([this.send(), new Promise((done) => setTimeout(done, LEAVING))]);
    this.submitted = true;
    event.target.submit();
  }

  // What an earlier page left in this browser goes to the server, which offers it back.
  async handIn() {
    const place = document.querySelector(".admin-pending");
    const left = copies().filter((name) => name.startsWith(this.page) && keyOf(name) !== this.key);
    // The form does not move when they are offered.
    place?.classList.toggle("admin-awaited", left.length > 0 && !place.querySelector("section"));
    for (const name of left) {
      const { at, pairs: entries } = JSON.parse(localStorage.getItem(name));
      const answer = await ask(this.root.dataset.saveUrl, [...JSON.parse(entries), ["_typed_at", at]], this.token);
      if (answer.closed) localStorage.removeItem(name);
    }
    if (left.length && !("showOnly" in this.root.dataset)) {
      const page = ["_model", "_object", "_key"].map((name) => [name, this.form.elements.namedItem(name).value]);
      const { html } = await ask(this.root.dataset.pendingUrl, page, this.token);
      const token = place.querySelector("[name=csrfmiddlewaretoken]");
      if (html !== undefined) {
        place.innerHTML = html;
        place.prepend(token);
      }
    }
  }

  async discard(event) {
    if (!event.target.matches("[data-discard]")) return;
    const { key } = event.target.closest(".admin-autosave-pending").dataset;
    // Which draws the offers again.
    await this.handedIn;
    const { status } = await ask(this.root.dataset.discardUrl, [["key", key]], this.token);
    if (status !== 200) return;
    localStorage.removeItem(this.page + key);
    document.querySelector(`.admin-autosave-pending[data-key="${key}"]`)?.remove();
  }
}

function time() {
  return new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

async function forgetSaved() {
  const names = copies();
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value;
  if (!names.length || !token) return;
  const { closed = [] } = await ask(closedUrl, names.map((name) => ["key", keyOf(name)]), token);
  for (const name of names) if (closed.includes(keyOf(name))) localStorage.removeItem(name);
}

// Every form is sent once, however often its button is pressed.
const sent = new WeakSet();
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method === "dialog") return;
  if (sent.has(event.target)) event.preventDefault();
  sent.add(event.target);
  setTimeout(() => sent.delete(event.target), PATIENCE);
});
window.addEventListener("pageshow", () => document.querySelectorAll("form").forEach((form) => sent.delete(form)));

for (const root of document.querySelectorAll(".admin-typing")) new Typing(root);
forgetSaved();
