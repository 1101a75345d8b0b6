// What this browser keeps while somebody is signed in: the seed, sealed under a key of its own that
// no script can read out. Where the browser keeps no such keys, the tab keeps the seed until it is
// closed.

const NAME = "civic";
const STORE = "kept";
const STASH_TIME = 15 * 60 * 1000;

function opened() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
    asked.onblocked = () => reject(new Error("blocked"));
  });
}

// Runs `work` on the store in one transaction and returns what its request gives.
async function inStore(mode, work) {
  const database = await opened();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request?.result);
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

const read = (name) => inStore("readonly", (store) => store.get(name));
const write = (name, value) => inStore("readwrite", (store) => store.put(value, name));
const erase = (name) => inStore("readwrite", (store) => store.delete(name));

async function ownKey() {
  const known = await read("key");
  if (known) return known;
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, [
    "encrypt", "decrypt",
  ]);
  // Two tabs at once: the first key to stand there is the one.
  await inStore("readwrite", (store) => {
    const asked = store.get("key");
    asked.onsuccess = () => asked.result ?? store.put(made, "key");
    return asked;
  });
  return read("key");
}

async function putSealed(name, bytes, more) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await ownKey(), bytes);
  await write(name, { ...more, iv, sealed });
}

async function openSealed(kept) {
  const key = await ownKey();
  return new Uint8Array(
    await crypto.subtle.decrypt({ name: "AES-GCM", iv: kept.iv }, key, kept.sealed),
  );
}

// The seed of an account, or null.
export async function seedOf(account) {
  try {
    const kept = await read("seed");
    if (kept?.account === account) return await openSealed(kept);
  } catch {
    // Below.
  }
  const [owner, text] = (sessionStorage.getItem("civic-seed") ?? "").split(" ");
  if (owner !== account || !text) return null;
  return Uint8Array.from(text.split(","), Number);
}

export async function keepSeed(account, seed) {
  try {
    await putSealed("seed", seed, { account });
  } catch {
    sessionStorage.setItem("civic-seed", `${account} ${Array.from(seed).join(",")}`);
  }
}

export async function forgetSeed() {
  sessionStorage.removeItem("civic-seed");
  await erase("seed").catch(() => undefined);
}

// What was typed to sign in, until the next page knows whether it was right.
export async function stash(secret) {
  await putSealed("stash", secret, { until: Date.now() + STASH_TIME });
}

export async function stashed() {
  try {
    const kept = await read("stash");
    if (kept && kept.until > Date.now()) return await openSealed(kept);
    if (kept) await dropStash();
  } catch {
    // A browser that keeps nothing.
  }
  return null;
}

export const dropStash = () => erase("stash").catch(() => undefined);

// Half-written texts, all in one, so that not even their number shows.
export async function drafts() {
  const kept = await read("drafts");
  return kept ? JSON.parse(new TextDecoder().decode(await openSealed(kept))) : {};
}

export const keepDrafts = (all) => putSealed("drafts", new TextEncoder().encode(JSON.stringify(all)));
export const forgetDrafts = () => erase("drafts").catch(() => undefined);

// What only a holder of `key` reads, padded to full pages so that its size says little; it stays when
// somebody signs out. Null where there is none.
export async function sealedUnder(key, name) {
  const kept = await read(name);
  if (!kept) return null;
  const raw = await crypto.subtle.decrypt({ name: "AES-GCM", iv: kept.iv }, key, kept.sealed);
  return JSON.parse(new TextDecoder().decode(raw));
}

export async function sealUnder(key, name, value, page) {
  const raw = new TextEncoder().encode(JSON.stringify(value));
  const padded = new Uint8Array(Math.ceil(raw.length / page) * page).fill(0x20);
  padded.set(raw);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  await write(name, { iv, sealed: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, padded) });
}

// Small things that are no secret, such as which chapters were told a key of this account.
export const remember = (name, value) => write(`known ${name}`, value).catch(() => undefined);
export const remembered = (name) => read(`known ${name}`).catch(() => undefined);
