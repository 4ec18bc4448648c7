// The Markdown editor of the desk: a preview beside the text, and pictures that are pasted,
// dropped or chosen. Starts in every editor of the page, inlines added later included.

const PAUSE = 300; // milliseconds without a key before the preview is asked for

class Editor {
  constructor(root) {
    this.root = root;
    this.text = root.querySelector("textarea");
    this.status = root.querySelector(".desk-status");
    this.said = {};
    this.asked = 0;
    this.page = this.openPage();
    this.listen();
    // An editor that nobody has scrolled to asks for nothing.
    new IntersectionObserver((entries, observer) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      this.refresh();
    }).observe(root);
  }

  // A tree of its own keeps the admin's styles and ids and the page's apart.
  openPage() {
    const tree = this.root.querySelector(".desk-preview").attachShadow({ mode: "open" });
    tree.append(this.root.querySelector(".desk-page").content.cloneNode(true));
    tree.addEventListener("click", (event) => this.follow(event, tree));
    return tree.querySelector(".page");
  }

  // A link must not take the editor away from text that isn't saved.
  follow(event, tree) {
    const link = event.target.closest("a[href]");
    if (!link) return;
    event.preventDefault();
    const href = link.getAttribute("href");
    if (href.startsWith("#")) {
      tree.getElementById(decodeURIComponent(href.slice(1)))?.scrollIntoView({ block: "nearest" });
    } else {
      window.open(link.href, "_blank", "noopener");
    }
  }

  listen() {
    this.text.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.refresh(), PAUSE);
    });
    this.text.addEventListener("paste", (event) => this.take(event, event.clipboardData));
    this.text.addEventListener("drop", (event) => this.take(event, event.dataTransfer));
    this.text.addEventListener("dragover", (event) => {
      if (event.dataTransfer.types.includes("Files")) event.preventDefault();
    });
    const chooser = this.root.querySelector("input[type=file]");
    chooser.addEventListener("change", async () => {
      await this.addPictures([...chooser.files]);
      chooser.value = "";
    });
  }

  // A preview that succeeds doesn't wipe off why a picture was refused.
  say(topic, sentence = "") {
    this.said[topic] = sentence;
    this.status.textContent = Object.values(this.said).join(" ").trim();
  }

  async ask(url, fields) {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
    const token = this.text.form.elements.csrfmiddlewaretoken.value;
    try {
      const headers = { "X-CSRFToken": token };
      return await (await fetch(url, { method: "POST", body, headers })).json();
    } catch {
      return { error: this.root.dataset.failed };
    }
  }

  async refresh() {
    const number = ++this.asked;
    const { style, prefix = "", previewUrl } = this.text.dataset;
    const answer = await this.ask(previewUrl, { content: this.text.value, style, prefix });
    // An answer that comes after a newer question is old.
    if (number !== this.asked) return;
    this.say("preview", answer.error);
    this.page.classList.toggle("stale", "error" in answer);
    if (!answer.error) this.page.innerHTML = answer.html;
  }

  take(event, transfer) {
    // Office programs put a picture of copied text beside the text, which is what is meant.
    if (!transfer.files.length || transfer.types.includes("text/plain")) return;
    event.preventDefault();
    this.addPictures([...transfer.files]);
  }

  async addPictures(files) {
    for (const image of files) {
      this.say("picture", this.root.dataset.uploading);
      const picture = await this.upload(image);
      this.say("picture", picture.error);
      if (picture.error) return;
      const alt = await this.askAlt(picture);
      if (alt !== null) this.insert(`![${escaped(alt)}](${picture.url})`);
    }
  }

  async upload(image) {
    const { uploadUrl, uploadMaxBytes } = this.text.dataset;
    if (image.size > Number(uploadMaxBytes)) return { error: this.root.dataset.tooBig };
    return this.ask(uploadUrl, { image });
  }

  askAlt(picture) {
    const dialog = this.root.querySelector(".desk-alt").content.firstElementChild.cloneNode(true);
    dialog.querySelector("img").src = picture.url;
    document.body.append(dialog);
    dialog.showModal();
    return new Promise((resolve) => {
      dialog.addEventListener("close", () => {
        const alt = dialog.querySelector("input").value;
        resolve(dialog.returnValue === "insert" ? alt : null);
        dialog.remove();
      });
    });
  }

  insert(markdown) {
    this.text.focus();
    // Deprecated, and the one way to insert that the editor can undo.
    if (document.execCommand("insertText", false, markdown)) return;
    this.text.setRangeText(markdown, this.text.selectionStart, this.text.selectionEnd, "end");
    this.text.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function escaped(words) {
  return words.trim().replace(/\s+/g, " ").replace(/[\\`*_~[\]<>&^]/g, "\\$&");
}

const started = new WeakSet();

function start(part) {
  for (const root of part.querySelectorAll(".desk-editor")) {
    // The hidden form that Django copies for each inline added is no editor.
    if (started.has(root) || root.closest(".empty-form")) continue;
    started.add(root);
    new Editor(root);
  }
}

start(document);
document.addEventListener("formset:added", (event) => start(event.target));
