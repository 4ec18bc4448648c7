// Signed out: this browser keeps nothing of what was typed at the desk.

for (const name of Object.keys(localStorage)) {
  if (name.startsWith("desk:")) localStorage.removeItem(name);
}
