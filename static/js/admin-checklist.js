// A check box for each "- [ ]" line of a checklist. The text stays what is saved: a tick writes
// its mark there, as if it had been typed, and what is typed there shows in the boxes.

const ITEM = /^(\s*(?:[-*+]\s+)?\[)([ xX])(\]\s+)(.+)$/;

class Checklist {
  constructor(root) {
    this.text = root.querySelector("textarea");
    this.list = root.querySelector(".checklist-boxes");
    this.text.addEventListener("input", () => this.draw());
    this.list.addEventListener("change", (event) => this.tick(event.target));
    this.draw();
  }

  draw() {
    const items = this.text.value.split("\n").map((line) => line.match(ITEM));
    const rows = items.flatMap((item, line) => (item ? [this.row(item, line)] : []));
    // A tick redraws nothing but its own row, so that the keyboard stays where it is.
    if (rows.length === this.list.children.length) {
      rows.forEach((row, n) => {
        if (!row.isEqualNode(this.list.children[n])) this.list.children[n].replaceWith(row);
        else this.list.children[n].querySelector("input").checked = row.querySelector("input").checked;
      });
    } else {
      this.list.replaceChildren(...rows);
    }
    this.list.hidden = rows.length === 0;
  }

  row([, , mark, , words], line) {
    const box = document.createElement("input");
    box.type = "checkbox";
    box.dataset.line = line;
    box.checked = mark !== " ";
    const label = document.createElement("label");
    label.append(box, ` ${words}`);
    const row = document.createElement("li");
    row.append(label);
    return row;
  }

  tick(box) {
    const lines = this.text.value.split("\n");
    const line = Number(box.dataset.line);
    lines[line] = lines[line].replace(ITEM, `$1${box.checked ? "x" : " "}$3$4`);
    this.text.value = lines.join("\n");
    // The autosave hears of it as of a key.
    this.text.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

for (const root of document.querySelectorAll(".checklist")) new Checklist(root);
