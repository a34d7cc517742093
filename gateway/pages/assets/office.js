"use strict";
// Keys for those who work through a queue. Everything works without: keys only press what is on
// the page. They are off while somebody types, and may be turned off for good (WCAG 2.1.4).
(() => {
  const panel = document.querySelector("[data-keys]");
  if (!panel) return;
  const toggle = panel.querySelector("[data-toggle-keys]");
  const rows = [...document.querySelectorAll("[data-row]")];
  const digits = () => [...document.querySelectorAll("[data-digit]")].filter((one) => one.offsetParent);
  const kept = {
    get off() { try { return localStorage.getItem("keys") === "off"; } catch { return false; } },
    set off(value) { try { localStorage.setItem("keys", value ? "off" : "on"); } catch { /* not kept */ } },
  };
  let off = kept.off;

  const show = () => toggle.setAttribute("aria-pressed", String(!off));
  const types = (element) => element.isContentEditable || /^(TEXTAREA|SELECT)$/.test(element.tagName)
    || (element.tagName === "INPUT" && !/^(radio|checkbox|button|submit)$/.test(element.type));

  function open(details) {
    details.open = true;
    const wanted = ["button[data-digit]", "textarea", "input:checked", "input[type=radio]", "button", "summary"];
    wanted.map((one) => details.querySelector(one)).find(Boolean).focus();
    details.scrollIntoView({ block: "nearest" });
  }

  function press(element) {
    if (element.tagName === "DETAILS") open(element);
    else if (element.tagName === "INPUT") element.focus();
    else element.click();
  }

  function move(step) {
    if (!rows.length) return;
    const at = rows.indexOf(document.activeElement);
    const next = rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }

  const panels = { a: "accept", r: "return", c: "complete" };

  function act(key) {
    if (key === "?") return open(panel);
    if (key === "j") return move(1);
    if (key === "k") return move(-1);
    const row = rows.includes(document.activeElement) ? document.activeElement : null;
    if (row && key in panels) return location.assign(`${row.href}#do-${panels[key]}`);
    if (/^[1-9]$/.test(key)) {
      const wanted = digits()[key - 1];
      if (wanted) return wanted.dataset.digit === "press" ? wanted.click() : wanted.focus();
      return false;
    }
    const found = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
    return found ? press(found) : false;
  }

  // What a key means: its sign where that is one of ours, wherever AZERTY or Dvorak have it, else its
  // place: a Russian layout has no j, a Kazakh one has letters for digits, and neither has a slash there.
  function meant({ key, code, shiftKey }) {
    if (/^[a-z0-9/?]$/.test(key)) return key;
    if (code === "Slash" && /^[.,№]$/.test(key)) return shiftKey ? "?" : "/";
    const [, letter, digit] = /^(?:Key([A-Z])|Digit([1-9]))$/.exec(code) || [];
    if (shiftKey) return "";
    if (letter && /^(?!\p{Script=Latin})\p{L}$/u.test(key)) return letter.toLowerCase();
    return digit || "";
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (types(event.target) || event.key.length !== 1) return;
    const key = meant(event);
    if (!key || (off && (key !== "?" || !panel.open))) return;
    if (act(key) !== false) event.preventDefault();
  });

  toggle.addEventListener("click", () => {
    off = !off;
    kept.off = off;
    show();
  });

  panel.hidden = false;
  show();
  // Not the id itself: with that, the browser would take the focus there after us.
  const named = document.getElementById(location.hash.replace("#do-", ""));
  if (named && named.tagName === "DETAILS") open(named);
  else if (named && named.tagName === "FORM") named.querySelector("button").focus();
})();
