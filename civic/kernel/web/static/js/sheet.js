// The recovery sheet: writes the seed of the member keys onto it, which the node never sees.

import * as keybox from "./keybox.js";
import { write } from "./seed_words.js";

const place = document.querySelector("[data-sheet-seed]");

async function seed() {
  try {
    await keybox.ready();
    return await keybox.seedForSheet();
  } catch {
    // Out of reach or not signed in: the sheet says that the seed is missing.
    return null;
  }
}

const found = await seed();
place.querySelector("[data-seed-needs-script]").hidden = true;
place.querySelector(found ? "[data-seed-open]" : "[data-seed-locked]").hidden = false;
if (found) place.querySelector("code").textContent = write(found);

const print = document.querySelector("[data-print]");
print.hidden = false;
print.querySelector("button").addEventListener("click", () => window.print());
