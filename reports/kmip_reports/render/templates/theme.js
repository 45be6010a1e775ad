"use strict";
/* The theme switch: as the system, light, dark. Remembered where the browser allows it. */
(() => {
  const names = { "": "as the system", light: "light", dark: "dark" };
  const order = Object.keys(names);
  const button = document.querySelector("[data-theme-switch]");
  const remembered = () => { try { return localStorage.getItem("kmiplab-theme"); } catch { return null; } };
  const remember = (theme) => { try { localStorage.setItem("kmiplab-theme", theme); } catch { /* private window, sandbox */ } };
  const show = (theme) => {
    if (theme) document.documentElement.dataset.theme = theme; else delete document.documentElement.dataset.theme;
    button.textContent = `Theme: ${names[theme]}`;
    button.value = theme;
  };
  button.hidden = false;
  show(names[remembered()] ? remembered() : "");
  button.addEventListener("click", () => {
    const theme = order[(order.indexOf(button.value) + 1) % order.length];
    remember(theme);
    show(theme);
  });
})();
