"use strict";
/* Asks the simulator every second and a half what there is, and shows it. What has not changed is not drawn again, so that an open row
   stays open and the focus where it is. Everything that comes from the simulator becomes text, never markup. */
(() => {
  const BELOW = "/_simulator", EVERY = 1500, PATIENCE = 10000, MOST_REQUESTS = 1000, SHOWN_REQUESTS = 300;
  const TABS = ["keys", "kmip", "access", "records", "requests", "disturbances"];
  const TITLES = { keys: "Keys", kmip: "KMIP", access: "Access", records: "Other records", requests: "Requests", disturbances: "Disturbances" };
  const KMIP_STATES = { 1: "pre-active", 2: "active", 3: "deactivated", 4: "compromised", 5: "destroyed", 6: "destroyed compromised" };
  const KMIP_TYPES = { 1: "certificate", 2: "symmetric key", 3: "public key", 4: "private key", 5: "split key", 7: "secret data", 8: "opaque" };
  const COLOURS = { active: "good", suspended: "warn", "pre-activation": "warn", "pre-active": "warn", deactivated: "odd", compromised: "bad" };
  const KMIP_KINDS = ["kmip_adapter", "kmip_certificate", "kmip_object"];
  const ACCESS_KINDS = ["service_id", "api_key", "access_policy", "account"];

  const $ = (id) => document.getElementById(id);
  const now = { overview: null, requests: [], tab: "keys", paused: false, open: new Set(), drawn: "" };

  /* -- small parts */

  const make = (tag, attributes, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) if (value !== false && value != null) element.setAttribute(name, value === true ? "" : value);
    element.append(...children.flat().filter((child) => child != null && child !== ""));
    return element;
  };
  const pill = (word) => make("span", { class: `pill ${COLOURS[word] || "past"}` }, word);
  const mono = (text) => make("span", { class: "mono" }, String(text));
  const words = (name) => name.replaceAll("_", " ");
  const moment = (text) => (text ? text.replace("T", " ").replace("Z", "") : "");
  const plain = (value) => {
    if (value == null || value === "") return "";
    if (Array.isArray(value)) return value.map(plain).join(", ");
    if (typeof value === "object") return Object.entries(value).map(([name, inner]) => `${words(name)}: ${plain(inner)}`).join(", ");
    if (typeof value === "boolean") return value ? "yes" : "no";
    return /^\d{4}-\d\d-\d\dT[\d:]+Z$/.test(value) ? moment(value) : String(value);
  };
  const table = (heads, rows) => make("table", {},
    make("thead", {}, make("tr", {}, heads.map((head) => make("th", { scope: "col", class: head.class }, head.title ?? head)))),
    make("tbody", {}, rows));
  const cell = (content, kind) => make("td", { class: kind }, content);
  const card = (title, about, ...content) => make("section", { class: "card" }, title && make("h2", {}, title), about && make("p", { class: "about" }, about), ...content);
  const nothing = (text) => make("section", { class: "card" }, make("p", { class: "empty" }, text));
  const records = (kind) => now.overview.records[kind] || [];
  const instanceName = (id) => (records("instance").find((one) => one.id === id) || { name: id }).name;
  const keyOf = (id) => now.overview.keys.find((key) => key.id === id);
  const who = (iamId) => (records("service_id").find((one) => `iam-${one.id}` === iamId) || { name: iamId }).name;
  const ago = (seconds) => {
    const days = Math.trunc(seconds / 86400), hours = Math.trunc((seconds % 86400) / 3600), minutes = Math.trunc((seconds % 3600) / 60);
    const parts = [[days, "d"], [hours, "h"], [minutes, "min"], [Math.trunc(seconds % 60), "s"]].filter(([number]) => number);
    return (seconds > 0 ? "+" : "") + (parts.slice(0, 2).map(([number, unit]) => `${number} ${unit}`).join(" ") || `${seconds} s`);
  };
  const wanted = (...parts) => {
    const filter = $("filter").value.trim().toLowerCase();
    return !filter || filter.split(/\s+/).every((word) => parts.map(plain).join(" ").toLowerCase().includes(word));
  };

  /* -- the tabs */

  const usersOf = (key) => [
    ...records("kmip_adapter").filter((one) => one.crk_id === key.id).map((one) => `KMIP adapter ${one.name}`),
    ...records("registration").filter((one) => one.key_id === key.id).map((one) => one.resource_crn),
  ];
  const keyDetail = (key) => {
    const told = new Set(["name", "state", "versions", "extractable", "instance_id"]);
    const facts = Object.entries(key).filter(([name, value]) => !told.has(name) && plain(value) !== "");
    const versions = [...key.versions].reverse().map((one, at) => make("li", {}, mono(one.id), ` ${moment(one.created)}`, at === 0 && key.versions.length > 1 ? " (wraps)" : ""));
    const users = usersOf(key);
    return make("tr", { class: "detail" }, make("td", { colspan: 7 }, make("dl", {},
      facts.flatMap(([name, value]) => [make("dt", {}, words(name)), make("dd", { class: name === "id" ? "mono" : null }, name.endsWith("_by") ? who(value) : plain(value))]),
      make("dt", {}, "versions"), make("dd", {}, make("ul", { class: "versions" }, versions)),
      users.length ? [make("dt", {}, "used by"), make("dd", {}, users.join(", "))] : [])));
  };
  const keyRows = (key) => {
    const open = now.open.has(key.id);
    const opener = make("button", { type: "button", class: "opener", "aria-expanded": String(open), "data-open": key.id, "data-focus": key.id }, key.name);
    const row = make("tr", { class: open ? "opens opened" : "opens", "data-key": key.id },
      cell([opener, key.aliases.length ? make("div", { class: "under quiet" }, key.aliases.join(", ")) : ""]),
      cell(pill(key.state)), cell(key.extractable ? "standard" : "root"), cell(String(key.versions.length), "fixed number"),
      cell(key.key_ring), cell(instanceName(key.instance_id)), cell(moment(key.updated), "fixed"));
    return open ? [row, keyDetail(key)] : [row];
  };
  const drawKeys = () => {
    const keys = now.overview.keys.filter((key) => wanted(key, instanceName(key.instance_id), usersOf(key), key.extractable ? "standard" : "root"));
    if (!keys.length) return [nothing(now.overview.keys.length ? "No key has this." : "There are no keys.")];
    const heads = ["Key", "State", "Kind", { title: "Versions", class: "number" }, "Ring", "Instance", "Changed (UTC)"];
    return [card(null, null, table(heads, keys.toReversed().flatMap(keyRows)))];
  };

  const drawKmip = () => {
    const adapters = records("kmip_adapter").map((adapter) => ({
      adapter, key: keyOf(adapter.crk_id),
      certificates: records("kmip_certificate").filter((one) => one.adapter_id === adapter.id),
      objects: records("kmip_object").filter((one) => one.adapter_id === adapter.id),
    })).filter((all) => wanted(all.adapter, all.certificates, all.objects, instanceName(all.adapter.instance_id)));
    if (!adapters.length) return [nothing("There is no KMIP adapter here.")];
    return adapters.map(({ adapter, key, certificates, objects }) => card(adapter.name,
      ["in ", instanceName(adapter.instance_id), ", wrapped by ", key ? [key.name, " ", pill(key.state)] : mono(adapter.crk_id), adapter.description ? `: ${adapter.description}` : ""].flat(),
      make("h3", {}, `Client certificates (${certificates.length})`),
      certificates.length ? table(["Name", "SHA-256", "Added (UTC)"], certificates.map((one) =>
        make("tr", {}, cell(one.name), cell(mono(one.fingerprint)), cell(moment(one.created), "fixed")))) : make("p", { class: "about" }, "none"),
      make("h3", {}, `Objects (${objects.length})`),
      objects.length ? table(["Object", "State", "Type", "Made (UTC)"], objects.map((one) =>
        make("tr", {}, cell(mono(one.id)), cell(pill(KMIP_STATES[one.state] || String(one.state))), cell(KMIP_TYPES[one.object_type] || String(one.object_type)),
          cell(moment(one.created.at), "fixed")))) : make("p", { class: "about" }, "none")));
  };

  const drawAccess = () => {
    const services = records("service_id").filter((one) => wanted(one, records("access_policy").filter((policy) => policy.iam_id === `iam-${one.id}`)));
    const rights = (service) => records("access_policy").filter((one) => one.iam_id === `iam-${service.id}`).map((one) =>
      make("div", {}, `${one.roles.join(", ") || "no role"} on ${[instanceName(one.instance_id), one.key_ring && `ring ${one.key_ring}`, one.key_id && `key ${one.key_id}`].filter(Boolean).join(", ")}`));
    const keys = (service) => records("api_key").filter((one) => one.service_id === service.id).map((one) => one.name).join(", ");
    if (!services.length) return [nothing("No service ID has this.")];
    return [card(null, null, table(["Service ID", "Roles", "API keys"], services.map((one) =>
      make("tr", {}, cell([make("strong", {}, one.name), make("div", { class: "mono quiet" }, one.id)]), cell(rights(one)), cell(keys(one) || make("span", { class: "warn" }, "none"))))))];
  };

  const drawRecords = () => {
    const kinds = Object.keys(now.overview.records).filter((kind) => ![...KMIP_KINDS, ...ACCESS_KINDS].includes(kind));
    const cards = kinds.map((kind) => {
      const found = records(kind).filter((one) => wanted(one));
      if (!found.length) return null;
      const told = (one, column) => column === "instance_id" ? instanceName(one[column]) : column.endsWith("_by") ? who(one[column]) : plain(one[column]);
      const columns = Object.keys(found[0]).filter((column) => column !== "id" || !found.every((one) => one.id.includes(" ")));  /* made of other columns */
      return card(words(kind), null, table(columns.map((column) => words(column.replace(/^instance_id$/, "instance"))),
        found.map((one) => make("tr", {}, columns.map((column) => cell(told(one, column)))))));
    }).filter(Boolean);
    return cards.length ? cards : [nothing("There is nothing else.")];
  };

  const drawRequests = () => {
    const found = now.requests.filter((one) => wanted(one.method, one.path, String(one.status), one.error, who(one.caller), one.disturbance, one.way, one.correlation_id)).reverse();
    if (!found.length) return [nothing(now.requests.length ? "No request has this." : "Nobody has asked for anything yet.")];
    const status = (one) => make("span", { class: one.status === 0 || one.status >= 500 ? "bad" : one.status >= 400 ? "warn" : "good" }, one.status === 0 ? "closed" : String(one.status));
    const rows = found.slice(0, SHOWN_REQUESTS).map((one) => make("tr", { "data-number": one.number },
      cell(new Date(one.time * 1000).toISOString().slice(11, 23), "fixed"), cell(one.method), cell([mono(one.path), one.way === "http" ? "" : make("span", { class: "quiet" }, ` ${one.way}`)]),
      cell(status(one)), cell([one.error && one.error !== String(one.status) ? one.error : "", one.disturbance ? make("div", { class: "odd" }, `disturbed: ${one.disturbance}`) : ""]),
      cell(one.caller ? who(one.caller) : ""), cell(`${(one.microseconds / 1000).toFixed(1)} ms`, "fixed number")));
    const about = found.length > SHOWN_REQUESTS ? `The newest ${SHOWN_REQUESTS} of ${found.length}.` : null;
    return [card(null, about, table(["Time (UTC)", "Method", "Path", "Status", "Why", "Caller", { title: "Took", class: "number" }], rows))];
  };

  const drawDisturbances = () => {
    const found = now.overview.disturbances.filter((one) => wanted(one));
    if (!found.length) return [nothing("All is well: no disturbance is in force.")];
    const does = (one) => [one.delay && `${one.delay} s late`, one.status && `answers ${one.status}`, one.ending !== "whole" && one.ending, one.retry_after != null && `Retry-After ${one.retry_after}`].filter(Boolean).join(", ");
    const whom = (one) => [one.after && `after ${one.after}`, one.times && `${one.times} times`, one.probability < 1 && `${one.probability * 100} %`, one.allowed != null && `beyond ${one.allowed} in ${one.within} s`].filter(Boolean).join(", ") || "each";
    return [card(null, null, table(["Requests", "Which", "What happens", { title: "Disturbed", class: "number" }], found.map((one) =>
      make("tr", {}, cell(mono(`${one.method || "any"} ${one.path}`)), cell(whom(one)), cell(does(one)), cell(String(one.disturbed), "fixed number")))))];
  };

  const DRAW = { keys: drawKeys, kmip: drawKmip, access: drawAccess, records: drawRecords, requests: drawRequests, disturbances: drawDisturbances };
  const COUNT = {
    keys: () => now.overview.totals.key, kmip: () => records("kmip_adapter").length, access: () => records("service_id").length, records: () => null,
    requests: () => now.requests.length, disturbances: () => now.overview.disturbances.length,
  };

  /* -- drawing */

  const drawFacts = () => {
    const by = {};
    for (const key of now.overview.keys) by[key.state] = (by[key.state] || 0) + 1;
    const clock = (it) => [moment(it.time), it.moved ? make("span", { class: "moved" }, ` (moved ${ago(it.moved)})`) : ""];
    const facts = [
      ["Key Protect's time (UTC)", clock(now.overview.clock)], ["IAM's time (UTC)", clock(now.overview.iam_clock)],
      ["Instances", records("instance").map((one) => `${one.name} (${one.region}${now.overview.regions_away.includes(one.region) ? ", switched off" : ""})`).join(", ")],
      ["Keys", Object.entries(by).map(([state, number]) => `${number} ${state}`).join(", ") || "none"],
    ];
    $("facts").replaceChildren(...facts.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))));
  };
  const draw = () => {
    if (!now.overview) return;
    drawFacts();
    for (const tab of TABS) {
      const number = COUNT[tab]();
      $(`tab-${tab}`).replaceChildren(TITLES[tab], number ? make("span", { class: "count" }, String(number)) : "");
    }
    const { clock, iam_clock, requests, ...lasting } = now.overview;
    const drawn = JSON.stringify([now.tab, $("filter").value, [...now.open], lasting, now.requests.at(-1)?.number, now.requests.length]);
    if (drawn === now.drawn) return;
    now.drawn = drawn;
    const focused = document.activeElement?.dataset?.focus;
    $("panel").replaceChildren(...DRAW[now.tab]());
    if (focused) document.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  };
  const choose = (tab, { focus = false } = {}) => {
    now.tab = TABS.includes(tab) ? tab : "keys";
    for (const one of TABS) {
      $(`tab-${one}`).setAttribute("aria-selected", String(one === now.tab));
      $(`tab-${one}`).tabIndex = one === now.tab ? 0 : -1;
    }
    $("panel").setAttribute("aria-labelledby", `tab-${now.tab}`);
    if (focus) $(`tab-${now.tab}`).focus();
    history.replaceState(null, "", `#${now.tab}`);
    draw();
  };

  /* -- asking */

  const ask = async (path) => {
    const answer = await fetch(`${BELOW}${path}`, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return answer.json();
  };
  const say = (state) => {
    if ($("live").dataset.live === state) return;
    $("live").dataset.live = state;
    $("live").textContent = state;
  };
  const look = async () => {
    const last = now.requests.at(-1)?.number ?? 0;
    const [overview, log] = await Promise.all([ask("/overview"), ask(`/requests?after=${last}`)]);
    if (now.paused) return;
    const { oldest, newest } = overview.requests;
    const known = newest !== null && newest >= last ? now.requests.filter((one) => one.number >= oldest) : [];  /* cleared, or another simulator */
    now.overview = overview;
    now.requests = [...known, ...log.requests].slice(-MOST_REQUESTS);
    say("live");
    queueMicrotask(draw);  /* what fails in drawing is no matter of answers, and for the browser to tell */
  };
  const keepLooking = async () => {
    if (!now.paused && !document.hidden) {
      try { await look(); } catch (error) { if (!now.paused) say("no answer"); }
    }
    setTimeout(keepLooking, EVERY);
  };

  /* -- people */

  const pause = () => {
    now.paused = !now.paused;
    $("pause").textContent = now.paused ? "Go on" : "Pause";
    say(now.paused ? "paused" : "waiting");
    if (!now.paused) look().catch(() => say("no answer"));
  };
  $("tabs").append(...TABS.map((tab) => make("button", { type: "button", role: "tab", id: `tab-${tab}`, "aria-controls": "panel", "data-tab": tab }, TITLES[tab])));
  $("tabs").addEventListener("click", (event) => { const tab = event.target.closest("[data-tab]"); if (tab) choose(tab.dataset.tab); });
  $("tabs").addEventListener("keydown", (event) => {
    const at = TABS.indexOf(now.tab);
    const to = { ArrowRight: (at + 1) % TABS.length, ArrowLeft: (at + TABS.length - 1) % TABS.length, Home: 0, End: TABS.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    choose(TABS[to], { focus: true });
  });
  $("panel").addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open]");
    if (!opener) return;
    const id = opener.dataset.open;
    if (!now.open.delete(id)) now.open.add(id);
    draw();
  });
  $("filter").addEventListener("input", draw);
  $("pause").addEventListener("click", pause);
  addEventListener("hashchange", () => choose(location.hash.slice(1)));
  addEventListener("keydown", (event) => {
    const typing = event.target === $("filter");
    if (event.key === "Escape" && typing) { $("filter").value = ""; $("filter").blur(); draw(); return; }
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/") { event.preventDefault(); $("filter").focus(); }
    if (event.key === "p") pause();
  });

  const themes = { "": "as the system", light: "light", dark: "dark" };
  const remembered = () => { try { return localStorage.getItem("kmiplab-theme") || ""; } catch { return ""; } };
  const dress = (theme) => {
    if (theme) document.documentElement.dataset.theme = theme; else delete document.documentElement.dataset.theme;
    $("theme").textContent = `Theme: ${themes[theme]}`;
    $("theme").value = theme;
  };
  dress(remembered() in themes ? remembered() : "");
  $("theme").addEventListener("click", () => {
    const order = Object.keys(themes), theme = order[(order.indexOf($("theme").value) + 1) % order.length];
    try { localStorage.setItem("kmiplab-theme", theme); } catch { /* a private window */ }
    dress(theme);
  });

  choose(location.hash.slice(1));
  keepLooking();
})();
