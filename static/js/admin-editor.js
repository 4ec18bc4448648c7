// The Markdown editor of the admin: its toolbar and shortcuts, lists that go on at Enter, tables
// and links that are pasted, and pictures that are pasted, dropped or chosen.
// Starts in every editor of the page, inlines added later included.

import "./vendor/markdown-toolbar-element-2.2.3.js";
import { subscribe } from "./vendor/paste-markdown-1.5.3.js";

const SHORTCUTS = { b: "md-bold", i: "md-italic", k: "md-link", e: "md-code" };
// Indent, mark and box of a list's item, and what it says.
const ITEM = /^(\s*)([-*+]|(\d+)([.)]))( \[[ x]\])?( +)(.*)$/i;

class Editor {
  constructor(root) {
    this.root = root;
    this.text = root.querySelector("textarea");
    this.status = root.querySelector(".admin-status");
    this.toolbar = root.querySelector("markdown-toolbar");
    // Ids of inlines are given when they are added.
    this.toolbar.setAttribute("for", this.text.id);
    root.querySelector(".admin-tools").hidden = false;
    this.listen();
  }

  listen() {
    this.text.addEventListener("keydown", (event) => this.press(event));
    this.text.addEventListener("paste", (event) => this.take(event, event.clipboardData));
    subscribe(this.text);
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

  press(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) return this.goOn(event);
    const button = SHORTCUTS[event.key.toLowerCase()];
    if (!button || !isCommand(event)) return;
    event.preventDefault();
    this.toolbar.querySelector(button).click();
  }

  // Enter in a list begins its next item, and in an empty item ends the list.
  goOn(event) {
    const { value, selectionStart: caret, selectionEnd } = this.text;
    const first = value.lastIndexOf("\n", caret - 1) + 1;
    const item = value.slice(first, caret).match(ITEM);
    if (!item || caret !== selectionEnd || isCommand(event)) return;
    event.preventDefault();
    const [, indent, mark, number, dot, box, gap, words] = item;
    const isEmpty = !words && !value.slice(caret).match(/^[^\n]/);
    if (isEmpty) return this.change({ start: first, end: caret, text: "", from: first, to: first });
    const next = number ? `${Number(number) + 1}${dot}` : mark;
    const text = `\n${indent}${next}${box ? " [ ]" : ""}${gap}`;
    this.change({ start: caret, end: caret, text, from: caret + text.length, to: caret + text.length });
  }

  change({ start, end, text, from, to }) {
    this.text.setSelectionRange(start, end);
    this.insert(text);
    this.text.setSelectionRange(from, to);
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

  take(event, transfer) {
    // Office programs put a picture of copied text beside the text, which is what is meant.
    if (!transfer.files.length || transfer.types.includes("text/plain")) return;
    event.preventDefault();
    this.addPictures([...transfer.files]);
  }

  // What can't be taken in is named, and the others are still asked about.
  async addPictures(files) {
    const refused = [];
    this.status.classList.remove("errors");
    let gap = "";
    for (const image of files) {
      this.status.textContent = [...refused, this.root.dataset.uploading].join(" ");
      const picture = await this.upload(image);
      if (picture.error) {
        refused.push(`${image.name}: ${picture.error}`);
        this.status.classList.add("errors");
        continue;
      }
      const { selectionStart: start, selectionEnd: end } = this.text;
      const alt = await this.askAlt(picture);
      if (alt === null) continue;
      const text = `${gap}![${escaped(alt)}](${picture.url})`;
      gap = "\n\n";
      this.change({ start, end, text, from: start + text.length, to: start + text.length });
    }
    this.status.textContent = refused.join(" ");
  }

  async upload(image) {
    const { markdownxUploadUrlsPath, uploadMaxBytes } = this.text.dataset;
    if (image.size > Number(uploadMaxBytes)) return { error: this.root.dataset.tooBig };
    return this.ask(markdownxUploadUrlsPath, { image });
  }

  askAlt(picture) {
    const dialog = this.root.querySelector(".admin-alt").content.firstElementChild.cloneNode(true);
    dialog.querySelector("img").src = picture.url;
    document.body.append(dialog);
    dialog.showModal();
    return new Promise((resolve) => {
      dialog.addEventListener("close", () => {
        const alt = dialog.querySelector("input").value;
        dialog.remove();
        // Only after it has gone does the page take text again.
        setTimeout(() => resolve(dialog.returnValue === "insert" ? alt : null));
      });
    });
  }

  // At the selection, in one step that the editor can undo.
  insert(markdown) {
    this.text.focus();
    // Deprecated, and the one way that preserves the browser's undo.
    if (document.execCommand(markdown ? "insertText" : "delete", false, markdown)) return;
    this.text.setRangeText(markdown, this.text.selectionStart, this.text.selectionEnd, "end");
    this.text.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function isCommand(event) {
  return (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
}

function escaped(words) {
  return words.trim().replace(/\s+/g, " ").replace(/[\\`*_~[\]<>&^]/g, "\\$&");
}

const started = new WeakSet();

function start(part) {
  for (const root of part.querySelectorAll(".admin-editor")) {
    // The hidden form that Django copies for each inline added is no editor.
    if (started.has(root) || root.closest(".empty-form")) continue;
    started.add(root);
    new Editor(root);
  }
}

start(document);
document.addEventListener("formset:added", (event) => start(event.target));
// Before widgets see it, some of which keep what is typed in them to themselves.
const save = (event) => {
  if (event.key.toLowerCase() !== "s" || !isCommand(event)) return;
  // Not one query for both, which would find the first of them on the page.
  const [button] = ["_continue", "_save"].flatMap((name) => [...document.querySelectorAll(`#content-main [name=${name}]`)]);
  if (!button || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  button.form.requestSubmit(button);
};
document.addEventListener("keydown", save, { capture: true });
