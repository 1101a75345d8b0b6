// Half-written texts: kept in this browser while they are written, sealed under its own key, until
// they are sent, thrown away, or thirty days old. Signing out forgets them.

import { standing } from "./keybox.js";
import * as local from "./local.js";

const DAYS = 30;
const PAUSE = 400;
const SENT = "civic-draft-sent";

// One form has one draft; a reply is a draft of its own.
function placeOf(form) {
  const on = form.elements.on?.value;
  return new URL(form.action).pathname + (on ? ` ${on}` : "");
}

const written = (form) => [...form.elements].filter(
  (one) => one.matches("textarea, input[type=text], input[type=radio], input[type=checkbox], select"),
);

const read = (form) => written(form).map((one) => (
  one.matches("[type=radio], [type=checkbox]")
    ? [one.name, one.value, one.checked]
    : [one.name, one.value, null]
));

// What the page came with, whatever was typed before this script ran.
const came = (form) => written(form).map((one) => {
  if (one.matches("[type=radio], [type=checkbox]")) return [one.name, one.value, one.defaultChecked];
  if (!one.matches("select")) return [one.name, one.defaultValue, null];
  const chosen = [...one.options].find((option) => option.defaultSelected) ?? one.options[0];
  return [one.name, chosen?.value ?? "", null];
});

function fill(form, fields) {
  for (const [name, value, checked] of fields) {
    const own = written(form).filter((one) => one.name === name);
    const one = checked === null ? own[0] : own.find((other) => other.value === value);
    if (one && checked === null) one.value = value;
    else if (one) one.checked = checked;
  }
}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

async function change(account, work) {
  const kept = await local.drafts();
  const own = kept.account === account ? kept.texts : {};
  const now = Date.now();
  for (const [place, one] of Object.entries(own)) if (one.until < now) delete own[place];
  if (work(own) !== false) await local.keepDrafts({ account, texts: own });
  return own;
}

function watch(form, account, refused) {
  const empty = refused ? [] : came(form);
  let waiting = null;
  const save = () => {
    const fields = read(form);
    return change(account, (own) => {
      if (same(fields, empty)) delete own[placeOf(form)];
      else own[placeOf(form)] = { fields, until: Date.now() + DAYS * 86400000 };
    }).catch(() => undefined);
  };
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(save, PAUSE);
  });
  form.addEventListener("submit", ({ submitter }) => {
    clearTimeout(waiting);
    // It may never arrive.
    save();
    // Whoever only looks for similar proposals is still writing.
    if (submitter?.name !== "look") sessionStorage.setItem(SENT, placeOf(form));
  });
  // What was typed while the page was still loading is no less a draft.
  const begun = !refused && !same(read(form), empty);
  if (begun) save();
  return { empty, save, begun };
}

function offer(form, own, { empty, begun }) {
  const draft = own[placeOf(form)];
  if (begun || !draft || same(draft.fields, read(form))) return;
  fill(form, draft.fields);
  const note = document.getElementById("draft-note").content.firstElementChild.cloneNode(true);
  note.querySelector("button").addEventListener("click", () => {
    fill(form, empty);
    form.dispatchEvent(new Event("input"));
    note.remove();
    written(form).find((one) => one.matches("textarea, input"))?.focus();
  });
  form.before(note);
}

export async function begin() {
  const form = document.querySelector("form[data-draft]");
  // What was sent after the session's end goes on once its person is signed in.
  if (!form && document.querySelector('nav.account a[href^="/sign-in"]')) return;
  const refused = document.querySelector(".error-summary");
  const taken = document.querySelector(".flash-good");
  const sent = sessionStorage.getItem(SENT);
  sessionStorage.removeItem(SENT);
  const { account } = await standing();
  const watched = form && watch(form, account, refused);
  const own = await change(account, (texts) => {
    // What the node did not say that it took is no less a draft than before.
    if (!sent || refused || !taken) return false;
    delete texts[sent];
    return true;
  });
  if (!form) return;
  if (refused) await watched.save();
  else if (form.dataset.draft !== "kept") offer(form, own, watched);
}
