// The text that is typed and the page beside it scroll together: a block of the one is at the
// height of the same block in the other.

// What makes a line of the text area break where it does.
const SHAPE = [
  "font", "letterSpacing", "lineHeight", "overflowWrap", "padding", "tabSize", "textIndent",
  "wordBreak", "wordSpacing",
];
const AREAS = ".admin-editor textarea";
const PAUSE = 50; // milliseconds without a key before the page follows the caret
const SETTLING = 150; // milliseconds in which a page that was replaced moves by itself

export class ScrollTogether {
  constructor(preview) {
    this.preview = preview;
    // Where we scrolled something to: its event is no reason to scroll the other side.
    this.ours = new Map();
    document.addEventListener("scroll", (event) => this.readOn(event.target), {
      capture: true,
      passive: true,
    });
    for (const kind of ["selectionchange", "input"]) {
      document.addEventListener(kind, () => {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.followCaret(), PAUSE);
      });
    }
  }

  get page() {
    return this.preview.page.scrollingElement;
  }

  attach() {
    this.preview.page.addEventListener("scroll", () => this.readBack(), { passive: true });
    this.pause();
  }

  pause() {
    this.pausedUntil = Date.now() + SETTLING;
    this.followCaret();
  }

  // From the text to the page ----------------------------------------------------------

  readOn(target) {
    const area = target === document ? document.activeElement : target;
    if (!isArea(area) || this.isOurs(area)) return;
    const { top, bottom } = this.seen(area);
    if (bottom <= top) return;
    const part = area.scrollTop / Math.max(1, area.scrollHeight - area.clientHeight);
    this.bring(area, top + Math.min(1, part) * (bottom - top));
  }

  followCaret() {
    const area = document.activeElement;
    if (!isArea(area) || !this.preview.shown || !area.offsetParent) return;
    const [caret] = offsets(area, [area.selectionEnd]);
    const height = area.getBoundingClientRect().top + caret - area.scrollTop;
    const { top, bottom } = this.seen(area);
    if (height >= top && height < bottom) this.bring(area, height);
  }

  // Scrolls the page so that what is at `height` of the window in `area` does so there too.
  bring(area, height) {
    const match = this.preview.shown && this.match(area);
    if (!match) return;
    const y = height - area.getBoundingClientRect().top + area.scrollTop;
    const there = between(y, match.text, match.page);
    this.scroll(this.page, there - (height - this.preview.frame.getBoundingClientRect().top));
  }

  // From the page to the text ----------------------------------------------------------

  readBack() {
    if (this.isOurs(this.page) || Date.now() < this.pausedUntil) return;
    const frame = this.preview.frame.getBoundingClientRect();
    for (const area of document.querySelectorAll(AREAS)) {
      const { top, bottom } = this.seen(area);
      const match = bottom > top && this.match(area);
      if (!match) continue;
      const [first, last] = [match.page[0], match.page.at(-1)].map((y) => y - this.page.scrollTop);
      if (last < 0 || first > frame.height) continue;
      // At the beginning of the text its top is what is read, at the end its bottom.
      const part = Math.min(1, Math.max(0, -first / Math.max(1, last - first - frame.height)));
      const height = top + part * (bottom - top);
      const y = between(height - frame.top + this.page.scrollTop, match.page, match.text);
      this.scroll(area, y - (height - area.getBoundingClientRect().top));
      return;
    }
  }

  // What both need ---------------------------------------------------------------------

  scroll(element, top) {
    element.scrollTo({ top, behavior: "instant" });
    this.ours.set(element, element.scrollTop);
  }

  isOurs(element) {
    return Math.abs((this.ours.get(element) ?? -9) - element.scrollTop) < 2;
  }

  // The part of `area` that is on the screen, in the window.
  seen(area) {
    if (!area.offsetParent) return { top: 0, bottom: 0 };
    const box = area.getBoundingClientRect();
    return { top: Math.max(0, box.top), bottom: Math.min(innerHeight, box.bottom) };
  }

  // Where the blocks of the text stand in `area` and on the page, from the top of each.
  match(area) {
    const { places, lines } = this.preview.answer;
    const place = places[area.name] && this.preview.page.querySelector(places[area.name]);
    if (!place || !lines[area.name].length) return null;
    const blocks = [...place.children].filter((one) => !one.matches(".footnotes, .footnotes-sep"));
    const text = this.measured(area, lines[area.name].slice(0, blocks.length));
    const shown = blocks.slice(0, text.length - 1);
    if (!shown.length) return null;
    const page = shown.map((one) => this.y(one, "top"));
    return { text, page: [...page, this.y(shown.at(-1), "bottom")] };
  }

  // The heights of `lines` in `area`, and of its end; a text that is only scrolled has the same.
  measured(area, lines) {
    const key = [area, area.value, area.clientWidth, lines.join()];
    if (!this.key?.every((part, n) => part === key[n])) {
      const starts = lineStarts(area.value);
      const known = lines.filter((line) => line < starts.length).map((line) => starts[line]);
      this.heights = offsets(area, [...known, area.value.length]);
      this.key = key;
    }
    return this.heights;
  }

  y(block, edge) {
    return block.getBoundingClientRect()[edge] + this.page.scrollTop;
  }
}

function isArea(element) {
  return element instanceof Element && element.matches(AREAS);
}

function lineStarts(value) {
  const starts = [0];
  for (let n = value.indexOf("\n"); n >= 0; n = value.indexOf("\n", n + 1)) starts.push(n + 1);
  return starts;
}

// The heights in the content of `area` of the characters at `marks`, which ascend: measured in a
// copy whose lines break alike.
function offsets(area, marks) {
  const copy = document.createElement("div");
  const style = getComputedStyle(area);
  for (const name of SHAPE) copy.style[name] = style[name];
  Object.assign(copy.style, {
    boxSizing: "border-box",
    position: "absolute",
    visibility: "hidden",
    whiteSpace: "pre-wrap",
    width: `${area.clientWidth}px`,
  });
  copy.append(area.value.slice(0, marks[0]));
  const spans = marks.map((mark, n) => {
    const span = document.createElement("span");
    span.textContent = area.value.slice(mark, marks[n + 1]) || "\u200b";
    copy.append(span);
    return span;
  });
  document.body.append(copy);
  const tops = spans.map((span) => span.offsetTop);
  copy.remove();
  return tops;
}

// `x` on the scale `from`, carried over to the scale `to`; beyond both ends step by step.
function between(x, from, to) {
  const n = from.findLastIndex((start) => start <= x);
  if (n < 0) return to[0] + x - from[0];
  if (n === from.length - 1) return to[n] + x - from[n];
  const part = (x - from[n]) / Math.max(1, from[n + 1] - from[n]);
  return to[n] + part * (to[n + 1] - to[n]);
}
