"use strict";
// Works out in the browser whether records are in the log: RFC 9162, 2.1.3.2, from the proof as downloaded.
(() => {
  const part = document.getElementById("in-browser");
  if (!part || !crypto.subtle) return;
  part.hidden = false;
  const told = part.querySelector("[role=status]");
  const bytes = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  const hash = async (...parts) => {
    const whole = new Uint8Array(parts.reduce((sum, one) => sum + one.length, 0));
    parts.reduce((at, one) => (whole.set(one, at), at + one.length), 0);
    return new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
  };
  const same = (one, other) => one.length === other.length && one.every((value, at) => value === other[at]);

  async function isInLog(proof, checkpoint) {
    let place = Number(proof.leaf_index), last = Number(checkpoint.size) - 1;
    if (!(place >= 0 && place <= last)) return false;
    let found = await hash(Uint8Array.of(0), new TextEncoder().encode(proof.record));
    for (const text of proof.hashes || []) {
      if (last === 0) return false;
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
    return last === 0 && same(found, bytes(checkpoint.root_hash));
  }

  async function verify() {
    const answer = await fetch(part.dataset.proof, { credentials: "same-origin" });
    const { proofs, checkpoint } = await answer.json();
    const named = checkpoint.note.split("\n");
    if (named[1] !== String(checkpoint.size) || named[2] !== checkpoint.root_hash) return false;
    for (const proof of proofs) if (!(await isInLog(proof, checkpoint))) return false;
    return proofs.length > 0;
  }

  part.querySelector("button").addEventListener("click", async () => {
    let result = "away";
    try { result = (await verify()) ? "good" : "bad"; } catch { /* told as away */ }
    told.className = `box verdict ${result === "away" ? "warn" : result}`;
    told.textContent = part.dataset[result];
  });
})();
