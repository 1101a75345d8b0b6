// The emergency exit: what this browser kept goes before the page does. The node says the same to
// the browser by Clear-Site-Data, where that is heeded.

import { lock } from "./keybox.js";

const gone = (name) => new Promise((resolve) => {
  const asked = indexedDB.deleteDatabase(name);
  asked.onsuccess = asked.onerror = asked.onblocked = resolve;
});

export async function wipe() {
  localStorage.clear();
  sessionStorage.clear();
  await lock();
  const kept = indexedDB.databases ? await indexedDB.databases() : [{ name: "civic" }];
  await Promise.all(kept.map(({ name }) => gone(name)));
}
