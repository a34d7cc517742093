"use strict";
// Adds to pages what needs no press: suggestions while typing, and a case that shows what is new.
// Pages work without this file.
(() => {
  // From so few letters on; who is in danger may type "өрт" and no more.
  const WAIT = 450, LEAST = 3;
  // Why takes longer to tell, so only who stopped typing is told.
  const REST = 1500;

  // Suggestions: the answer of the form's own address for parts, put where the press would put it.
  const suggest = (form) => {
    const text = form.querySelector("textarea");
    const place = document.getElementById("found");
    // Who hears the page is told what was found, and not all of it: that is read where they want.
    const told = form.querySelector("[data-told]");
    let timer, running, last = text.value.trim();
    const found = async (more) => {
      if (running) running.abort();
      running = new AbortController();
      const body = new URLSearchParams([...new FormData(form), ...more]);
      const answer = await fetch(form.dataset.suggest, { method: "POST", body, signal: running.signal });
      return answer.ok && !answer.redirected ? answer.text() : null;
    };
    const tellWhy = async () => {
      const html = await found([["why", "1"]]).catch(() => null);
      const fresh = html && new DOMParser().parseFromString(html, "text/html").querySelector("[data-why]");
      const shown = place.querySelector("[data-why]");
      if (fresh && shown) shown.replaceWith(fresh);
    };
    const ask = async () => {
      const now = text.value.trim();
      if (now === last) return;
      last = now;
      if (now.length < LEAST) { if (running) running.abort(); place.replaceChildren(); told.textContent = ""; return; }
      try {
        const html = await found([]);
        if (html === null) return;
        place.innerHTML = html;
        const heading = [...place.querySelectorAll("h2")].find((one) => !one.closest("[role=alert]"));
        told.textContent = heading ? heading.textContent : "";
        if (place.querySelector("[data-why]")) timer = setTimeout(tellWhy, REST);
      } catch (error) {
        if (error.name !== "AbortError") last = "";
      }
    };
    text.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, WAIT); });
  };

  // A case: when it moves, the page is asked for again and the part that shows it is exchanged.
  const shown = () => document.querySelector("#case[data-live]");
  const pause = (most) => new Promise((then) => setTimeout(then, 500 + Math.random() * most));
  // A form that is kept is about the case as it is now, where what it wishes is still possible.
  const renewForm = (form, page) => {
    const fresh = [...page.querySelectorAll("form")]
      .find((one) => one.getAttribute("action") === form.getAttribute("action"));
    if (!fresh) return;
    for (const name of ["version", "key"]) form.elements[name].value = fresh.elements[name].value;
    const asked = form.parentElement.querySelector(":scope > blockquote");
    const now = fresh.parentElement.querySelector(":scope > blockquote");
    if (asked && now) asked.textContent = now.textContent;
  };
  const held = (form) => `${new URLSearchParams(new FormData(form))}`;
  const isTouched = (form) => {
    const blank = form.cloneNode(true);
    blank.reset();
    return held(form) !== held(blank);
  };
  // What somebody opened stays open, and they stay where they are.
  const named = (one) => one.id || `${one.tagName} ${one.textContent.trim()}`;
  const keepPlace = (here, fresh) => {
    const open = new Set([...here.querySelectorAll("details[open] > summary")].map(named));
    for (const one of fresh.querySelectorAll("summary")) {
      if (open.has(named(one))) one.parentElement.open = true;
    }
    const at = here.contains(document.activeElement) ? named(document.activeElement) : null;
    here.replaceWith(fresh);
    const same = [...fresh.querySelectorAll("a, button, summary, input, textarea, select")]
      .find((one) => named(one) === at);
    if (same) same.focus();
  };
  const exchange = (page) => {
    const here = shown(), fresh = page.getElementById("case");
    if (!fresh || Number(fresh.dataset.version) <= Number(here.dataset.version)) return;
    document.title = page.title;
    // Whoever writes or chooses is not disturbed: the news waits above that.
    const forms = [...here.querySelectorAll("form")];
    if (forms.some(isTouched)) {
      forms.forEach((form) => renewForm(form, fresh));
      here.dataset.version = fresh.dataset.version;
      here.querySelector("h1").textContent = fresh.querySelector("h1").textContent;
      here.querySelector(".story").replaceWith(fresh.querySelector(".story"));
    } else {
      keepPlace(here, fresh);
    }
    const news = document.querySelector("[data-news]");
    if (news) setTimeout(() => { news.textContent = document.querySelector("h1").textContent; }, 100);
  };
  const follow = () => {
    const { live, version } = shown().dataset;
    const events = new EventSource(`${live}?shown=${version}`);
    let running = false, wanted = false;
    const later = (answer) => !answer || answer.status === 429 || answer.status >= 500;
    // One at a time, so that an older answer never comes after a newer one.
    const renew = async () => {
      wanted = true;
      if (running) return;
      running = true;
      while (wanted) {
        wanted = false;
        const answer = await fetch(location.pathname).catch(() => null);
        if (answer && answer.ok && !answer.redirected) {
          exchange(new DOMParser().parseFromString(await answer.text(), "text/html"));
        } else if (later(answer)) {
          wanted = true;
          await pause(5000);
        } else {
          events.close();
        }
      }
      running = false;
    };
    events.addEventListener("moved", async (event) => {
      // 0: every page may have missed something, so each waits a while of its own.
      if (event.data === "0") await pause(5000);
      else if (Number(event.data) <= Number(shown().dataset.version)) return;
      renew();
    });
    // A browser gives up where it is refused once: a session's end is a reason, a crowd is none.
    events.addEventListener("error", async () => {
      if (events.readyState !== EventSource.CLOSED) return;
      await pause(20000);
      const answer = await fetch(live, { redirect: "manual" }).catch(() => null);
      if (answer && answer.ok) answer.body.cancel();
      if (later(answer) || answer.ok) follow();
    });
    addEventListener("pagehide", () => events.close());
  };

  document.querySelectorAll("form[data-suggest]").forEach(suggest);
  if (shown()) follow();
  document.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => print());
  });
})();
