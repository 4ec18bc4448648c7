// What the shortcuts of the Markdown editor do to a text: pure, from what is selected to an edit.

const ADDRESS = /^(https?:\/\/|mailto:)\S+$/i;

export const isAddress = (words) => ADDRESS.test(words.trim());

// An edit replaces the characters from `start` to `end` by `text`, and then selects those from
// `from` to `to` of the whole.
function replaced(start, end, text, from, to = from) {
  return { start, end, text, from: start + from, to: start + to };
}

// Puts `mark` around the selection, or takes it off where it is there already.
function wrap(value, start, end, mark) {
  const size = mark.length;
  const words = value.slice(start, end);
  const around = value.slice(start - size, start) === mark && value.slice(end, end + size) === mark;
  const longer = value[start - size - 1] === mark[0] && value[end + size] === mark[0];
  // One asterisk of two is no emphasis to take off.
  if (around && (longer ? size === 2 : true)) {
    return replaced(start - size, end + size, words, 0, words.length);
  }
  return replaced(start, end, `${mark}${words}${mark}`, size, size + words.length);
}

export function bold(value, start, end) {
  return wrap(value, start, end, "**");
}

export function italic(value, start, end) {
  return wrap(value, start, end, "*");
}

export function code(value, start, end) {
  const words = value.slice(start, end);
  if (!words.includes("\n")) return wrap(value, start, end, "`");
  const before = start && value[start - 1] !== "\n" ? "\n" : "";
  const opening = `${before}\`\`\`\n`;
  const closing = `${words.endsWith("\n") ? "" : "\n"}\`\`\`\n`;
  return replaced(start, end, opening + words + closing, opening.length - 1);
}

// A selected address becomes the target, selected words the text; then the other part is typed.
export function link(value, start, end, address = "") {
  const words = value.slice(start, end).trim();
  if (isAddress(words) && !address) return replaced(start, end, `[](${words})`, 1);
  const text = `[${words}](${address})`;
  return replaced(start, end, text, !words ? 1 : text.length - (address ? 0 : 1));
}
