"use strict";
/* The exchanges of a check: unpacked when it is opened, and shown as tree, hex and XML. Texts only ever become text nodes. */
(() => {
  const VIEWS = { tree: "Tree", hex: "Hex", xml: "XML" };
  let serial = 0;

  function element(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  async function unpack(text) {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return JSON.parse(await new Response(stream).text());
  }

  /* Sixteen bytes a line: offset, bytes, and what of them is printable ASCII. Masked bytes read ** and stay so. */
  function hexdump(hex) {
    const pairs = hex.match(/../g) || [];
    const lines = [];
    for (let at = 0; at < pairs.length; at += 16) {
      const row = pairs.slice(at, at + 16);
      const bytes = `${row.slice(0, 8).join(" ")}  ${row.slice(8).join(" ")}`.padEnd(49);
      const text = row.map((pair) => { const code = parseInt(pair, 16); return code > 31 && code < 127 ? String.fromCharCode(code) : pair === "**" ? "*" : "."; });
      lines.push(`${at.toString(16).padStart(4, "0")}  ${bytes} ${text.join("")}`);
    }
    return lines.join("\n");
  }

  function message(name, content, view) {
    const text = view === "hex" ? hexdump(content.hex) : content[view];
    const shown = text || (content.hex ? "no such rendering: these bytes are no TTLV" : name === "Response" ? "nothing came" : "nothing was sent");
    return element("section", { class: "message" }, element("h6", {}, `${name}${content.hex ? ` · ${content.hex.length / 2} bytes` : ""}`),
      element("pre", { class: view, tabindex: "0", "aria-label": `${name} as ${VIEWS[view]}` }, shown));
  }

  function exchange(data, number) {
    const id = `page-exchange-${serial++}`;
    const panel = element("div", { class: "messages", role: "tabpanel", id });
    const views = Object.keys(VIEWS).filter((view) => data.request[view] || data.response[view]);
    const tabs = views.map((view) => element("button", { type: "button", role: "tab", "aria-controls": id, id: `${id}-${view}` }, VIEWS[view]));
    const select = (index, focus) => {
      tabs.forEach((tab, at) => { tab.setAttribute("aria-selected", String(at === index)); tab.tabIndex = at === index ? 0 : -1; });
      panel.setAttribute("aria-labelledby", tabs[index].id);
      panel.replaceChildren(message("Request", data.request, views[index]), message("Response", data.response, views[index]));
      if (focus) tabs[index].focus();
    };
    tabs.forEach((tab, at) => {
      tab.addEventListener("click", () => select(at, false));
      tab.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (step) { event.preventDefault(); select((at + step + tabs.length) % tabs.length, true); }
      });
    });
    if (tabs.length) select(0, false);
    const head = element("div", { class: "exchange-head" }, element("h5", {}, `${number}. ${data.title}`));
    if (data.milliseconds) head.append(element("span", { class: "quiet" }, `${data.milliseconds} ms`));
    if (data.note) head.append(element("span", { class: "quiet" }, data.note));
    head.append(element("div", { class: "tabs", role: "tablist", "aria-label": "Rendering" }, ...tabs));
    return element("div", { class: "exchange" }, head, panel);
  }

  function show(place, attempts) {
    const list = element("div", {});
    const buttons = attempts.map((attempt) => element("button", { type: "button" }, `KMIP ${attempt.version || "–"}`));
    const choose = (index) => {
      buttons.forEach((button, at) => button.setAttribute("aria-pressed", String(at === index)));
      list.replaceChildren(...attempts[index].exchanges.map((data, at) => exchange(data, at + 1)));
    };
    buttons.forEach((button, at) => button.addEventListener("click", () => choose(at)));
    const gravity = ["error", "fail", "non-strict", "pass", "unsupported", "skipped"];
    const gravest = attempts.map((attempt) => gravity.indexOf(attempt.verdict));
    place.replaceChildren(...(attempts.length > 1 ? [element("div", { class: "choices", role: "group", "aria-label": "Exchanges under" }, ...buttons)] : []), list);
    choose(gravest.indexOf(Math.min(...gravest)));
  }

  async function open(row) {
    const place = row.querySelector("[data-exchanges]");
    if (!row.open || !place) return;
    const packed = place.dataset.exchanges;
    place.removeAttribute("data-exchanges");
    try {
      show(place, await unpack(packed));
    } catch (error) {
      place.textContent = `This browser cannot unpack the exchange (${error.message}); run.jsonl holds it too.`;
    }
    row.dataset.unpacked = "";
  }

  for (const row of document.querySelectorAll(".check")) {
    row.addEventListener("toggle", () => open(row));
    if (row.open) open(row);
  }
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.previousElementSibling.textContent);
      button.textContent = "Copied";
    });
  }
})();
