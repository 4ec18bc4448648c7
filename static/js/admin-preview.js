// The page beside the form: what readers will see, asked for at each pause in typing.

import { ScrollTogether } from "./admin-scroll.js";

const PAUSE = 300; // milliseconds without a change before the page is asked for

class Preview {
  constructor(pane) {
    this.pane = pane;
    this.form = document.querySelector(".admin-typing").closest("form");
    this.frame = pane.querySelector("iframe");
    this.answer = { places: {}, lines: {} };
    this.listen();
    this.scrolling = new ScrollTogether(this);
    this.later();
  }

  get page() {
    return this.frame.contentDocument;
  }

  listen() {
    // Widgets change their fields by jQuery's events, by none at all, or from outside the form.
    django.jQuery(this.form).on("input change", () => this.later());
    for (const kind of ["input", "click", "keyup", "formset:added", "formset:removed"]) {
      document.addEventListener(kind, () => this.later());
    }
    for (const button of this.pane.querySelectorAll("[data-width]")) {
      button.addEventListener("click", () => this.setWidth(button.dataset.width));
    }
    const opener = document.querySelector(".admin-pane-opener");
    opener.addEventListener("click", () => this.open(opener, true));
    this.pane.querySelector(".admin-pane-closer").addEventListener("click", () => this.open(opener, false));
    this.pane.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.open(opener, false);
    });
    new MutationObserver(() => this.dress()).observe(document.documentElement, {
      attributeFilter: ["data-theme"],
    });
  }

  setWidth(width) {
    this.pane.dataset.width = width;
    for (const button of this.pane.querySelectorAll("[data-width]")) {
      button.setAttribute("aria-pressed", String(button.dataset.width === width));
    }
  }

  open(opener, open) {
    this.pane.classList.toggle("open", open);
    opener.setAttribute("aria-expanded", String(open));
    (open ? this.pane.querySelector(".admin-pane-closer") : opener).focus();
    this.later();
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), PAUSE);
  }

  fields() {
    const fields = new FormData(this.form);
    for (const [name, value] of [...fields]) if (value instanceof File) fields.delete(name);
    // A list of two boxes selects what it holds only when the form is sent.
    for (const box of this.form.querySelectorAll("select.filtered[multiple][id$='_to']")) {
      fields.delete(box.name);
      for (const option of box.options) fields.append(box.name, option.value);
    }
    return fields;
  }

  // One question at a time; what changed meanwhile is asked about after it.
  async ask() {
    if (this.asking || !this.frame.offsetParent) return;
    const fields = this.fields();
    const typed = JSON.stringify([...fields]);
    if (typed === this.typed) return;
    this.typed = typed;
    this.asking = true;
    const answer = await this.send(fields);
    if (answer.error) this.typed = null;
    else this.answer = answer;
    this.say(answer.error ? [answer.error] : answer.problems);
    this.pane.classList.toggle("stale", Boolean(answer.error));
    if (answer.html) await this.show(answer.html);
    this.asking = false;
    if (!answer.error) this.later();
  }

  async send(body) {
    try {
      const response = await fetch(this.pane.dataset.url, { method: "POST", body });
      return await response.json();
    } catch {
      return { error: this.pane.dataset.failed };
    }
  }

  say(sentences) {
    const items = sentences.map((sentence) => {
      const item = document.createElement("li");
      item.textContent = sentence;
      return item;
    });
    this.pane.querySelector(".admin-pane-problems ul").replaceChildren(...items);
  }

  // Only the first answer loads a document: later ones replace its parts, so that nothing
  // flickers and the page stays where it was scrolled to.
  async show(html) {
    if (!this.shown) {
      const loaded = new Promise((resolve) => {
        this.frame.addEventListener("load", resolve, { once: true });
      });
      this.frame.srcdoc = html;
      await loaded;
      this.shown = true;
      this.page.addEventListener("click", (event) => this.follow(event));
      // Browsers that hear no clicks in a page without scripts then open nothing at all.
      this.page.head.append(Object.assign(this.page.createElement("base"), { target: "_blank" }));
      // So that the end of the page, too, can stand beside the end of the text.
      this.page.documentElement.style.paddingBlockEnd = "75vh";
      this.dress();
      this.scrolling.attach();
      return;
    }
    const next = new DOMParser().parseFromString(html, "text/html");
    const opened = [...this.page.querySelectorAll("details")].map((details) => details.open);
    next.querySelectorAll("details").forEach((details, n) => {
      details.open = opened[n] ?? details.open;
    });
    for (const part of this.page.querySelectorAll("body > :is(header, main, footer)")) {
      const fresh = next.querySelector(`body > ${part.localName}`);
      if (fresh) part.replaceWith(this.page.adoptNode(fresh));
    }
    this.scrolling.pause();
  }

  // The page's theme follows the reader's system; here it follows the admin's switch.
  dress() {
    if (!this.shown) return;
    const theme = document.documentElement.dataset.theme;
    this.page.documentElement.style.colorScheme = theme === "auto" ? "" : theme;
  }

  // A link must not take the editor away from text that isn't saved.
  follow(event) {
    const link = event.target.closest("a[href]");
    if (!link) return;
    event.preventDefault();
    const to = new URL(link.getAttribute("href") ?? link.href.baseVal, document.baseURI);
    const here = to.hash && this.page.getElementById(decodeURIComponent(to.hash.slice(1)));
    if (here) here.scrollIntoView({ block: "start" });
    else window.open(to, "_blank", "noopener");
  }
}

const pane = document.querySelector(".admin-pane");
if (pane) new Preview(pane);
