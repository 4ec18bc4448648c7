// Says what the hour in the field would mean to readers, before anything is saved.

const PAUSE = 300; // milliseconds without a key before the server is asked
const NAMES = ["publish_at_0", "publish_at_1", "notify_subscribers"];

class Effects {
  constructor(root) {
    this.root = root;
    this.fields = NAMES.map((name) => document.getElementsByName(name)[0]).filter(Boolean);
    this.asked = this.question();
    // The admin's calendar fills a field without an event, then puts the cursor into it.
    for (const kind of ["input", "change", "focusin", "focusout"]) {
      document.addEventListener(kind, () => this.wonder());
    }
    // A browser that comes back to a page fills its fields as they were left.
    this.wonder();
  }

  question() {
    const asked = new URLSearchParams();
    for (const field of this.fields) {
      if (field.type !== "checkbox" || field.checked) asked.append(field.name, field.value);
    }
    return asked.toString();
  }

  wonder() {
    if (this.question() === this.asked) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), PAUSE);
  }

  async ask() {
    const question = (this.asked = this.question());
    try {
      const response = await fetch(`${this.root.dataset.url}?${question}`);
      const { sentences } = await response.json();
      // An answer that comes after a newer question is old.
      if (question === this.asked) this.show(sentences);
    } catch {
      // Without an answer (signed out, offline) the sentences are of other fields.
      this.asked = "";
      this.show([]);
    }
  }

  show(sentences) {
    const items = sentences.map((sentence) => {
      const item = document.createElement("li");
      item.textContent = sentence;
      return item;
    });
    this.root.querySelector(".planned").replaceChildren(...items);
  }
}

for (const root of document.querySelectorAll(".effects[data-url]")) new Effects(root);
