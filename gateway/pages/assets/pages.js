"use strict";
// Adds to pages what needs no press: suggestions while typing, and a case that shows what is new.
// Every page works without this file.
(() => {
  const WAIT = 450, LEAST = 12;

  // Suggestions: the answer of the form's own address for parts, put where the press would put it.
  const suggest = (form) => {
    const text = form.querySelector("textarea");
    const place = document.getElementById("found");
    let timer, running, last = text.value.trim();
    const ask = async () => {
      const now = text.value.trim();
      if (now === last) return;
      last = now;
      if (running) running.abort();
      if (now.length < LEAST) { place.replaceChildren(); return; }
      running = new AbortController();
      try {
        const answer = await fetch(form.dataset.suggest, {
          method: "POST", body: new URLSearchParams(new FormData(form)), signal: running.signal,
        });
        if (answer.ok && !answer.redirected) place.innerHTML = await answer.text();
      } catch (error) {
        if (error.name !== "AbortError") last = "";
      }
    };
    text.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, WAIT); });
  };

  // A case: when it moves, the page is asked for again and the part that shows it is exchanged.
  const follow = (shown) => {
    const events = new EventSource(shown.dataset.live);
    // A browser gives up where it is refused once; too many at once is no reason to.
    events.addEventListener("error", () => {
      if (events.readyState === EventSource.CLOSED) {
        setTimeout(() => follow(document.getElementById("case")), 10000 + Math.random() * 20000);
      }
    });
    events.addEventListener("moved", async (event) => {
      const here = document.getElementById("case");
      const told = Number(event.data);
      if (told && told <= Number(here.dataset.version)) return;
      // 0: something may have been missed, by every page at once, so each waits a while of its own.
      if (!told) await new Promise((then) => setTimeout(then, Math.random() * 5000));
      const answer = await fetch(location.pathname);
      if (!answer.ok || answer.redirected) { events.close(); return; }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("case");
      // Whoever writes is not disturbed: their words stay, and the news waits above them.
      const busy = [...here.querySelectorAll("textarea")].some((one) => one.value !== "");
      if (!fresh || fresh.dataset.version === document.getElementById("case").dataset.version) return;
      document.title = page.title;
      if (busy) {
        here.dataset.version = fresh.dataset.version;
        here.querySelector("h1").textContent = fresh.querySelector("h1").textContent;
        here.querySelector(".story").replaceWith(fresh.querySelector(".story"));
      } else {
        here.replaceWith(fresh);
      }
      const news = document.querySelector("[data-news]");
      if (news) setTimeout(() => { news.textContent = document.querySelector("h1").textContent; }, 100);
    });
    addEventListener("pagehide", () => events.close());
  };

  document.querySelectorAll("form[data-suggest]").forEach(suggest);
  document.querySelectorAll("[data-live]").forEach(follow);
  document.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => print());
  });
})();
