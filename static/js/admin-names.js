// The fields that select2 makes: they are called what their labels say, and add what they don't
// find. And those of times: "Now" is of the zone that the form names.

const { jQuery } = window.django ?? {};
const chosen = "select.admin-autocomplete";

function name(parent) {
  for (const select of parent.querySelectorAll(chosen)) {
    const made = select.parentElement.querySelector(".select2-search__field");
    const label = select.labels[0]?.textContent.trim().replace(/:$/, "");
    if (made && label) made.setAttribute("aria-label", label);
  }
}

// Its cross for "all of them" is no item of the list that holds it, and a slip there loses
// every choice; each has a cross of its own.
for (const select of document.querySelectorAll(`${chosen}[multiple]`)) {
  select.dataset.allowClear = "false";
}

// After the admin has made them, on the page and in a row that is added later.
jQuery?.(() => name(document));
document.addEventListener("formset:added", (event) => name(event.target));

jQuery?.(document).on("select2:select", chosen, ({ target, params: { data } }) => {
  if (!data.add) return;
  target.querySelector("option[value='+']").remove();
  jQuery(target).trigger("change");
  const link = document.getElementById(`add_${target.id}`);
  const { href } = link;
  link.href = `${href}&${data.add}`;
  link.click();
  link.href = href;
});

const zone = document.getElementById("id_zone");
if (zone && window.DateTimeShortcuts) {
  const { now } = window.DateTimeShortcuts;
  const units = Object.fromEntries(["year", "month", "day", "hour", "minute", "second"].map((unit) => [unit, "numeric"]));
  window.DateTimeShortcuts.now = () => {
    try {
      const format = new Intl.DateTimeFormat("en", { ...units, hourCycle: "h23", timeZone: zone.value });
      const there = Object.fromEntries(format.formatToParts(new Date()).map(({ type, value }) => [type, Number(value)]));
      return new Date(there.year, there.month - 1, there.day, there.hour, there.minute, there.second);
    } catch {
      return now.call(window.DateTimeShortcuts); // a zone that this browser does not know
    }
  };
}
