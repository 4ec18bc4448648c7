// Signed out: this browser deletes what was typed at the admin.

for (const name of Object.keys(localStorage)) {
  if (name.startsWith("autosave:")) localStorage.removeItem(name);
}
