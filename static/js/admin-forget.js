// Signed out: this browser keeps nothing of what was typed at the admin.

for (const name of Object.keys(localStorage)) {
  if (name.startsWith("autosave:")) localStorage.removeItem(name);
}
