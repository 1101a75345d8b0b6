// A member's key in one chapter: a first one, or that of a new sheet in place of the one before.

import { hex } from "./bytes.js";
import * as keybox from "./keybox.js";
import * as seedWords from "./seed_words.js";

export async function newKey(form) {
  await keybox.ready();
  const open = await keybox.seedForSheet().catch(() => null);
  document.querySelector("[data-closed]").hidden = open !== null;
  if (!open) return;
  const { derive, sign } = await import("./member_keys.js");
  form.hidden = false;
  const shown = form.querySelector("[data-shown]");
  if (shown) shown.textContent = hex(derive(open, form.dataset.log, "member").publicKey).slice(0, 20);
  form.addEventListener("submit", (event) => {
    if (form.elements.possession.value) return;
    const typed = form.querySelector("#new-seed");
    const seed = typed ? seedWords.read(typed.value) : open;
    if (typed) form.querySelector("#new-seed-error").hidden = seed !== null;
    if (!seed) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    const { log } = form.dataset;
    const member = form.dataset.member ?? form.elements.member.value.trim();
    const key = derive(seed, log, "member");
    const known = hex(key.publicKey);
    form.elements.new_key.value = known;
    form.elements.possession.value = sign(key, `civic/new-key/1\n${log}\n${member}\n${known}`);
    // That one reads in the record later; this one is good for this account alone.
    const { nonce } = form.dataset;
    const place = `${log}\n${nonce}\n${location.origin}\n${member}\n${known}`;
    if (nonce) form.elements.asking.value = sign(key, `civic/key-request/1\n${place}`);
  });
}
