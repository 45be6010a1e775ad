"use strict";
/* Filters of the page of a run. Their state lives in the URL's query, so that what is seen can be sent; a deep link is the fragment. */
(() => {
  const toolbar = document.querySelector("[data-toolbar]");
  const cards = [...document.querySelectorAll("[data-verdict-filter]")];
  const signs = Object.fromEntries(cards.map((card) => [card.dataset.verdictFilter, card.querySelector(".sign").textContent]));
  const checks = [...document.querySelectorAll(".check")].map((row) => ({
    row,
    family: row.closest(".family").dataset.family,
    level: row.dataset.level,
    verdict: row.dataset.verdict,
    versions: new Map(row.dataset.versions.trim().split(/\s+/).map((pair) => pair.split("="))),
    text: "",
  }));
  const state = { verdict: new Set(), family: "", level: "", version: "", q: "" };

  const verdictOf = (check) => (state.version ? check.versions.get(state.version) : check.verdict);

  function matches(check) {
    const verdict = verdictOf(check);
    if (!verdict || (state.verdict.size && !state.verdict.has(verdict))) return false;
    if ((state.family && check.family !== state.family) || (state.level && check.level !== state.level)) return false;
    if (!state.q) return true;
    check.text ||= check.row.textContent.toLowerCase();
    return state.q.toLowerCase().split(/\s+/).every((word) => check.text.includes(word));
  }

  /* A version's own verdict stands in the row while that version is chosen. */
  function showVerdict(check) {
    const verdict = verdictOf(check);
    if (!verdict || check.shown === verdict || (!check.shown && verdict === check.verdict)) return;
    check.shown = verdict;
    const sign = check.row.querySelector("summary .sign");
    sign.textContent = signs[verdict];
    sign.className = `sign ${verdict}`;
    const word = check.row.querySelector(".check-verdict");
    word.textContent = verdict;
    word.className = `check-verdict ${verdict}`;
  }

  function apply() {
    let shown = 0;
    for (const check of checks) {
      const visible = matches(check);
      check.row.hidden = !visible;
      shown += visible;
      showVerdict(check);
    }
    for (const group of document.querySelectorAll("[data-clause], .family")) group.hidden = !group.querySelector(".check:not([hidden])");
    for (const card of cards) card.setAttribute("aria-pressed", String(state.verdict.has(card.dataset.verdictFilter)));
    for (const name of ["family", "level", "version", "q"]) if (toolbar.elements[name].value !== state[name]) toolbar.elements[name].value = state[name];
    document.querySelector("[data-shown]").textContent = shown === checks.length ? `${shown} checks` : `${shown} of ${checks.length} checks`;
    document.querySelector("[data-nothing]").hidden = shown > 0;
  }

  function toUrl() {
    const query = new URLSearchParams();
    if (state.verdict.size) query.set("verdict", [...state.verdict].join(","));
    for (const name of ["family", "level", "version", "q"]) if (state[name]) query.set(name, state[name]);
    const url = new URL(location.href);
    url.search = query.toString();
    try { history.replaceState(null, "", url); } catch { /* a sandboxed frame keeps its URL */ }
  }

  function fromUrl() {
    const query = new URLSearchParams(location.search);
    state.verdict = new Set((query.get("verdict") || "").split(",").filter((verdict) => verdict in signs));
    for (const name of ["family", "level", "version"]) {
      const wanted = query.get(name) || "";
      state[name] = [...toolbar.elements[name].options].some((option) => option.value === wanted) ? wanted : "";
    }
    state.q = query.get("q") || "";
  }

  function change() { toUrl(); apply(); }

  function reset() {
    state.verdict.clear();
    for (const name of ["family", "level", "version", "q"]) state[name] = "";
    change();
  }

  /* A deep link opens its check, and drops filters that would hide it. */
  function follow() {
    const row = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!row || !row.classList.contains("check")) return;
    if (row.hidden) reset();
    row.open = true;
    row.scrollIntoView({ block: "start" });
    row.querySelector("summary").focus({ preventScroll: true });
  }

  for (const card of cards) {
    card.addEventListener("click", () => {
      const verdict = card.dataset.verdictFilter;
      if (!state.verdict.delete(verdict)) state.verdict.add(verdict);
      change();
    });
  }
  toolbar.addEventListener("input", (event) => { state[event.target.name] = event.target.value; change(); });
  toolbar.addEventListener("submit", (event) => event.preventDefault());
  toolbar.addEventListener("reset", (event) => { event.preventDefault(); reset(); });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    event.preventDefault();
    toolbar.elements.q.focus();
  });
  addEventListener("hashchange", follow);
  addEventListener("popstate", () => { fromUrl(); apply(); });
  addEventListener("beforeprint", () => {
    for (const check of checks) if (["fail", "error", "non-strict"].includes(check.verdict)) check.row.open = true;
  });

  toolbar.hidden = false;
  fromUrl();
  apply();
  if (document.readyState === "complete") follow(); else addEventListener("load", follow); /* the browser takes the focus back before that */
})();
