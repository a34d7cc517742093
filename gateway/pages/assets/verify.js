"use strict";
// Works out in the browser whether records are in the log, and whether the log signed that: RFC 9162, 2.1.3.2,
// and C2SP signed-note, from the proof as downloaded and the keys that the page names.
(() => {
  const part = document.getElementById("in-browser");
  if (!part || !crypto.subtle) return;
  part.hidden = false;
  const told = part.querySelector("[role=status]");
  const list = part.querySelector("ol");
  // What is no base64 is nothing, which leads nowhere.
  const bytes = (text) => {
    try { return Uint8Array.from(atob(text), (one) => one.charCodeAt(0)); } catch { return new Uint8Array(); }
  };
  const coded = (found) => btoa(String.fromCharCode(...found));
  const hex = (found) => Array.from(found, (one) => one.toString(16).padStart(2, "0")).join("");
  const utf8 = (text) => new TextEncoder().encode(text);
  const hash = async (...parts) => {
    const whole = new Uint8Array(parts.reduce((sum, one) => sum + one.length, 0));
    parts.reduce((at, one) => (whole.set(one, at), at + one.length), 0);
    return new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
  };

  async function rootOf(proof, leaf, size) {
    let place = Number(proof.leaf_index), last = size - 1, found = leaf;
    if (!(place >= 0 && place <= last)) return "";
    for (const text of proof.hashes || []) {
      if (last === 0) return "";
      const other = bytes(text);
      if (place % 2 === 1 || place === last) {
        found = await hash(Uint8Array.of(1), other, found);
        while (place !== 0 && place % 2 === 0) { place /= 2; last = Math.floor(last / 2); }
      } else {
        found = await hash(Uint8Array.of(1), found, other);
      }
      place = Math.floor(place / 2);
      last = Math.floor(last / 2);
    }
    return last === 0 ? coded(found) : "";
  }

  // Tells by which key a note is signed: "" by none, null where this browser does not know Ed25519.
  async function signerOf(note, keys) {
    const end = note.lastIndexOf("\n\n");
    const text = utf8(note.slice(0, end + 1));
    const lines = note.slice(end + 2).split("\n").filter((one) => one.startsWith("— ")).map((one) => one.split(" "));
    for (const key of keys) {
      const [name, id, ...rest] = key.split("+");
      const content = bytes(rest.join("+"));
      const named = hex((await hash(utf8(`${name}\n`), content)).slice(0, 4));
      if (named !== id || content[0] !== 1 || content.length !== 33) continue;
      for (const [, who, signature] of lines) {
        const signed = bytes(signature);
        if (who !== name || hex(signed.slice(0, 4)) !== id) continue;
        let known;
        try { known = await crypto.subtle.importKey("raw", content.slice(1), "Ed25519", false, ["verify"]); } catch { return null; }
        if (await crypto.subtle.verify("Ed25519", known, signed.slice(4), text)) return key;
      }
    }
    return "";
  }

  function say(step, state, ...words) {
    const line = list.querySelector(`[data-step=${step}]`);
    const mark = line.querySelector("strong");
    mark.textContent = part.dataset[state];
    mark.className = state;
    line.querySelector("code").textContent = words.join(" ");
    return state === "right";
  }

  async function verify() {
    const answer = await fetch(part.dataset.proof, { credentials: "same-origin" });
    if (!answer.ok) throw new Error("no proof");
    const { proofs, checkpoint } = await answer.json();
    const named = checkpoint.note.split("\n");
    const leaves = await Promise.all(proofs.map((one) => hash(Uint8Array.of(0), utf8(one.record))));
    const roots = await Promise.all(proofs.map((one, at) => rootOf(one, leaves[at], Number(named[1]))));
    const wrong = roots.findIndex((one) => one !== named[2]);
    const signer = await signerOf(checkpoint.note, part.dataset.keys.split(" "));
    list.hidden = false;
    say("leaf", proofs.length ? "right" : "wrong", ...leaves.map(hex));
    const fits = [
      say("root", proofs.length && wrong < 0 ? "right" : "wrong", wrong < 0 ? named[2] : roots[wrong]),
      say("note", named[1] === String(checkpoint.size) && named[2] === checkpoint.root_hash ? "right" : "wrong", named[2], named[1]),
    ];
    const state = signer === null ? "open" : signer ? "right" : "wrong";
    say("signature", state, signer || "");
    if (fits.includes(false) || state === "wrong") return "bad";
    return state === "open" ? "half" : "good";
  }

  part.querySelector("button").addEventListener("click", async () => {
    let result = "away";
    list.hidden = true;
    try { result = await verify(); } catch { /* told as away */ }
    told.className = `box verdict ${{ away: "warn", half: "warn" }[result] || result}`;
    told.textContent = part.dataset[result];
  });
})();
