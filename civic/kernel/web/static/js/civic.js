// What every page does where scripts run: it opens the keys of who signed in, signs what they do,
// and forgets both when they sign out. All else works without.

import * as local from "./local.js";
import { signed } from "./signed_form.js";

const LOCKING = /^\/(?:sign-out|panic|account\/sign-out-everywhere)$/;
const ENDING = "/account/delete";
const PANIC = "/panic";
// Nobody who is in danger waits longer for a wipe before the node is told.
const PATIENCE = 500;
const going = new WeakSet();

const goOn = (form, submitter) => {
  going.add(form);
  form.requestSubmit(submitter);
  going.delete(form);
};

const pathOf = (form, submitter) =>
  new URL(submitter?.getAttribute("formaction") ?? form.action, location.href).pathname;

const typed = (text) => new TextEncoder().encode(text.normalize("NFC").replace(/\p{Zs}/gu, " "));

// What opens the account at the node opens the keys here, on the next page, once it proved right.
const secretOf = (form) =>
  form.querySelector("input[type=password][autocomplete=new-password]")
  ?? form.querySelector("input[type=password][autocomplete=current-password]");

async function before(form, submitter) {
  const secret = secretOf(form);
  if (secret?.value) await local.stash(typed(secret.value)).catch(() => undefined);
  const path = pathOf(form, submitter);
  if (path === PANIC) await wiped();
  else if (LOCKING.test(path)) await locked();
}

const locked = async () =>
  Promise.all([(await import("./keybox.js")).lock(), local.forgetDrafts()]);

const wiped = () => Promise.race([
  import("./panic.js").then(({ wipe }) => wipe()).catch(() => undefined),
  new Promise((resolve) => { setTimeout(resolve, PATIENCE); }),
]);

// Leaving every chapter is signed before the keys go.
async function end(form, submitter) {
  const go = await signed(form, submitter);
  if (go) await locked();
  return go;
}

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (form.method !== "post" || going.has(form) || event.defaultPrevented) return;
  const path = pathOf(form, submitter);
  const acts = (path.startsWith("/c/") || path === "/chapters/new") && !("claim" in form.dataset);
  const ends = path === ENDING;
  if (!acts && !ends && !secretOf(form) && !LOCKING.test(path)) return;
  event.preventDefault();
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  const work = ends ? end(form, submitter)
    : acts ? signed(form, submitter) : before(form, submitter).then(() => true);
  // Where what would forget the keys cannot be loaded, the node is told all the same.
  work.catch(() => !acts).then((go) => {
    form.removeAttribute("aria-busy");
    if (go) goOn(form, submitter);
  });
});

async function prepare() {
  if (document.querySelector("form[data-draft]") || sessionStorage.getItem("civic-draft-sent")) {
    // Whoever is not signed in, or whose browser keeps nothing, writes without.
    import("./drafts.js").then(({ begin }) => begin()).catch(() => undefined);
  }
  const claim = document.querySelector("form[data-claim]");
  const own = document.querySelector("[data-own]");
  const key = document.querySelector("form[data-new-key]");
  if (key) await (await import("./own_keys.js")).newKey(key);
  if (!claim && !own) return;
  const { claiming, own: find } = await import("./claim.js");
  if (claim) claiming(claim);
  if (own) await find(own);
}

async function arrive() {
  const signedOut = document.querySelector('nav.account a[href^="/sign-in"]');
  // What was typed did not open the account: it is asked for again.
  if (document.querySelector("input[autocomplete$=-password]")) await local.dropStash();
  if (signedOut) await local.forgetSeed();
  else if (await local.stashed()) await (await import("./keybox.js")).ready();
}

// Times are shown by the clock of the device until its reader chooses another.
function tellZone() {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  if (!timeZone || /(?:^|; )zone=/.test(document.cookie)) return;
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `zone=${timeZone}; path=/; max-age=31536000; samesite=lax${secure}`;
}

tellZone();
arrive();
prepare();
if (document.querySelector("[data-live-from]")) import("./live.js").then(({ begin }) => begin());
if (document.querySelector("[data-similar]")) import("./similar.js").then(({ begin }) => begin());
const looking = document.querySelector("form[data-search]");
if (looking) import("./search.js").then(({ begin }) => begin(looking));
