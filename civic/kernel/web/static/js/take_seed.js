// Takes the seed of a recovery sheet into this browser, and keeps it under the passphrase.

import * as keybox from "./keybox.js";
import { read } from "./seed_words.js";

const box = document.querySelector("[data-take-seed]");
const typed = box.querySelector("textarea");
const own = box.querySelector("input[type=password]");
const button = box.querySelector("button");
const wrong = box.querySelector("[role='alert']");
const done = box.querySelector("[role='status']");

async function take() {
  wrong.textContent = done.textContent = "";
  const seed = read(typed.value);
  if (!seed) {
    wrong.textContent = box.dataset.saidWrong;
    typed.focus();
    return;
  }
  button.disabled = true;
  try {
    await keybox.takeSeed(seed);
    if (own?.value) {
      const secret = own.value.normalize("NFC").replace(/\p{Zs}/gu, " ");
      await keybox.keepUnder("passphrase", new TextEncoder().encode(secret));
    }
    typed.value = "";
    if (own) own.value = "";
    done.textContent = box.dataset.saidOpen;
  } catch {
    wrong.textContent = box.dataset.saidFailed;
  }
  button.disabled = false;
}

box.querySelector("[data-absent]").hidden = true;
box.querySelector("[data-ready]").hidden = false;
button.addEventListener("click", take);
