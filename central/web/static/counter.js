// Keys for the officer: the letter on a button presses it. They can be turned off (WCAG 2.1.4).
(() => {
  const KEPT = "counter-keys";
  const on = () => localStorage.getItem(KEPT) !== "off";

  function showKeys() {
    const box = document.getElementById("keys");
    if (!box) return;
    box.checked = on();
    document.body.classList.toggle("no-keys", !on());
  }

  document.addEventListener("change", (event) => {
    if (event.target.id !== "keys") return;
    localStorage.setItem(KEPT, event.target.checked ? "on" : "off");
    showKeys();
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || !on()) return;
    if (event.target.closest("input:not([type=checkbox]), select, textarea")) return;
    const button = document.querySelector(`#console [data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (!button) return;
    event.preventDefault();
    button.click();
    const details = button.closest("details");
    if (details && button.tagName === "SUMMARY") {
      setTimeout(() => details.querySelector("select")?.focus());
    }
  });

  document.addEventListener("htmx:afterSwap", showKeys);
  showKeys();

  // A cut line is said, not hidden.
  const lost = (is) => document.querySelectorAll("#queue .lost").forEach((each) => { each.hidden = !is; });
  document.addEventListener("htmx:sseError", () => lost(true));
  document.addEventListener("htmx:sseOpen", () => lost(false));
})();
