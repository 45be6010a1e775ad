"use strict";
/* Filters of the matrix. Their state lives in the URL's query, so that what is seen can be sent. */
(() => {
  const toolbar = document.querySelector("[data-toolbar]");
  const rows = [...document.querySelectorAll("[data-row]")].map((row) => ({ row, text: row.querySelector("th").textContent.toLowerCase() }));
  const { q, differences } = toolbar.elements;

  function apply() {
    let shown = 0;
    const words = q.value.toLowerCase().split(/\s+/);
    for (const { row, text } of rows) {
      const visible = (!differences.checked || "differs" in row.dataset) && words.every((word) => text.includes(word));
      row.hidden = !visible;
      shown += visible;
    }
    for (const family of document.querySelectorAll("[data-family]")) family.hidden = !family.querySelector("[data-row]:not([hidden])");
    document.querySelector("[data-shown]").textContent = shown === rows.length ? `${shown} checks` : `${shown} of ${rows.length} checks`;
    document.querySelector("[data-nothing]").hidden = shown > 0;
  }

  function change() {
    const query = new URLSearchParams();
    if (q.value) query.set("q", q.value);
    if (differences.checked) query.set("differences", "only");
    const url = new URL(location.href);
    url.search = query.toString();
    try { history.replaceState(null, "", url); } catch { /* a sandboxed frame keeps its URL */ }
    apply();
  }

  const query = new URLSearchParams(location.search);
  q.value = query.get("q") || "";
  differences.checked = query.get("differences") === "only";
  toolbar.addEventListener("input", change);
  toolbar.addEventListener("submit", (event) => event.preventDefault());
  toolbar.addEventListener("reset", (event) => { event.preventDefault(); q.value = ""; differences.checked = false; change(); });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === "INPUT") return;
    event.preventDefault();
    q.focus();
  });
  toolbar.hidden = false;
  apply();
})();
