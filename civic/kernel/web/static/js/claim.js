// Being known again where only the record is: a signature by the key of the sheet, and finding what
// is one's own among what everybody said. The curve comes once there is a seed to use it with.

import { digest, hex, keyId, unbase64, unhex, utf8 } from "./bytes.js";
import * as keybox from "./keybox.js";
import * as seedWords from "./seed_words.js";

export function claiming(form) {
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    const wrong = form.querySelector("#claim-error");
    const seed = seedWords.read(form.querySelector("#claim-seed").value);
    wrong.hidden = seed !== null;
    if (!seed || form.ariaBusy === "true") return;
    form.ariaBusy = "true";
    await claim(form, seed).catch((error) => tell(form, error.message));
    form.removeAttribute("aria-busy");
  });
}

async function claim(form, seed) {
  const { log, nonce, founding, done } = form.dataset;
  const first = unbase64(founding);
  const named = JSON.parse(new TextDecoder().decode(first)).body.log_key;
  if (hex(digest(first)) !== done.split("/")[2] || hex(digest(unhex(named))) !== log) {
    throw new Error("This page names another chapter's log.");
  }
  const { derive, sign } = await import("./member_keys.js");
  const key = derive(seed, log, "member");
  const message = `civic/claim/1\n${log}\n${nonce}\n${location.origin}`;
  const answer = await fetch(form.action, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ public_key: hex(key.publicKey), signature: sign(key, message) }),
  });
  if (!answer.ok) {
    const { title, detail } = await answer.json();
    tell(form, `${title}. ${detail}`);
    return;
  }
  if ("takes" in form.dataset && !(await take(form, seed))) return;
  location.assign(done);
}

function tell(form, text) {
  const box = form.querySelector(".error-summary");
  box.querySelector("[data-refused]").textContent = text;
  box.hidden = false;
  box.focus();
}

// Only behind a claim that proved right: another's sheet must not take the place of one's own.
async function take(form, seed) {
  await keybox.ready();
  await keybox.takeSeed(seed);
  const typed = form.querySelector("#claim-passphrase").value;
  if (!typed) return true;
  const secret = utf8(typed.normalize("NFC").replace(/\p{Zs}/gu, " "));
  try {
    await keybox.keepUnder("passphrase", secret);
    return true;
  } catch {
    tell(form, "");
    form.querySelector("[data-not-kept]").hidden = false;
    return false;
  }
}

export async function own(section) {
  await keybox.ready();
  const seed = await keybox.seedForSheet().catch(() => null);
  if (!seed) {
    document.querySelector("[data-closed]").hidden = false;
    return;
  }
  const { derive } = await import("./member_keys.js");
  let after = "", found = 0;
  do {
    const answer = await fetch(`${section.dataset.own}?after=${after}`, { cache: "no-store" });
    if (!answer.ok) return;
    const page = await answer.json();
    for (const matter of page.matters) {
      const id = (of) => keyId(derive(seed, page.log_id, of, matter.id).publicKey);
      found += show(section, id("voice"), id("row"), matter);
    }
    after = page.next;
  } while (after);
  section.querySelector("[data-none]").hidden = found > 0;
  section.hidden = false;
}

function show(section, voice, row, matter) {
  const mine = [
    ...matter.acts.filter((one) => one.by === voice),
    ...matter.rows.filter((one) => one.by === row),
  ];
  if (!mine.length) return 0;
  const { path } = section.dataset;
  const heading = document.createElement("h3");
  heading.append(link(`${path}/p/${matter.id}`, matter.title));
  const list = document.createElement("ul");
  list.className = "links own-acts";
  for (const one of mine) {
    const item = document.createElement("li");
    item.append(link(`${path}/record/${one.index}`, `#${one.index}`), ` ${one.words}`);
    list.append(item);
  }
  section.append(heading, list);
  return mine.length;
}

function link(href, text) {
  const made = document.createElement("a");
  Object.assign(made, { href, textContent: text, dir: "auto" });
  return made;
}
