// The key box: the seed of a person's member keys, made here, kept by the node only as this browser
// wraps it. Each way to sign in wraps the same seed under a key from its own secret.

import { hkdf } from "./noble/hashes/hkdf.js";
import { sha256 } from "./noble/hashes/sha2.js";
import { SEED_SIZE, base64, unbase64, utf8 } from "./bytes.js";
import * as local from "./local.js";

const PATH = "/account/key-box";
// 128 MiB and 0.6 s on a desktop (docs/decisions/0015): each guess at a passphrase costs as much.
const COST = { logN: 17, r: 8, p: 1 };
// A node could ask for less, to guess more cheaply, or for so much that the page dies.
const COST_LEAST = 15;
const COST_MOST = 20;

export class NotSignedIn extends Error {}

// The sign-in is some minutes old, and what is kept asks for one that was proved just now.
export class NotFresh extends Error {}

let known = null;

// The account's tag and its boxes, as the node keeps them.
async function box({ anew = false } = {}) {
  if (known && !anew) return known;
  const answer = await fetch(PATH, { headers: { accept: "application/json" }, cache: "no-store" });
  if (answer.status === 401) throw new NotSignedIn("nobody is signed in");
  if (!answer.ok) throw new Error(`the node answered ${answer.status}`);
  known = await answer.json();
  return known;
}

function stretched(secret, salt, cost) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./stretch.js", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }) => { worker.terminate(); resolve(data); };
    worker.onerror = (event) => { worker.terminate(); reject(new Error(event.message)); };
    worker.postMessage({ secret, salt, cost });
  });
}

async function wrappingKey(method, secret, salt, cost, use) {
  // What an authenticator gives is random already; what people type must cost each guess.
  const raw = method === "passphrase"
    ? await stretched(secret, salt, cost)
    : hkdf(sha256, secret, salt, utf8("civic/key-box/1"), 32);
  return crypto.subtle.importKey("raw", raw, "AES-GCM", false, [use]);
}

const context = (method) => utf8(`civic/key-box/1\n${method}`);

async function wrap(method, secret, seed) {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const key = await wrappingKey(method, secret, salt, COST, "encrypt");
  const sealed = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv, additionalData: context(method) }, key, seed,
  );
  const cost = method === "passphrase" ? { cost: COST } : {};
  return utf8(JSON.stringify({
    v: 1, ...cost, salt: base64(salt), iv: base64(iv), sealed: base64(new Uint8Array(sealed)),
  }));
}

async function unwrap(method, secret, wrapped) {
  const kept = JSON.parse(new TextDecoder().decode(wrapped));
  const cost = kept.cost ?? COST;
  if (kept.v !== 1 || cost.logN < COST_LEAST || cost.logN > COST_MOST || cost.r !== 8
      || cost.p !== 1) throw new Error("a key box of another kind");
  const key = await wrappingKey(method, secret, unbase64(kept.salt), cost, "decrypt");
  const seed = await crypto.subtle.decrypt(
    { name: "AES-GCM", iv: unbase64(kept.iv), additionalData: context(method) },
    key, unbase64(kept.sealed),
  );
  if (seed.byteLength !== SEED_SIZE) throw new Error("no seed in the key box");
  return new Uint8Array(seed);
}

async function keep(method, secret, seed, how) {
  const wrapped = base64(await wrap(method, secret, seed));
  const answer = await fetch(PATH, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ method, wrapped, how }),
  });
  known = null;
  if (answer.status === 401) throw new NotFresh("a factor has to be proved first");
  if (!answer.ok) throw new Error(`the node answered ${answer.status}`);
}

// Keeps it, or leaves it to the next sign-in where this one is too old; tells whether it was kept.
async function keptNow(method, secret, seed, how) {
  try {
    await keep(method, secret, seed, how);
    return true;
  } catch (error) {
    if (error instanceof NotFresh) return false;
    throw error;
  }
}

// Opens the seed with what somebody signed in with: a passphrase's bytes, or what a passkey gave.
// Makes one if the account has none yet. Returns false where this secret opens nothing.
export async function unlockWith(method, secret) {
  const { account, boxes } = await box({ anew: true });
  if (boxes.length === 0) {
    const seed = (await local.seedOf(account))
      ?? crypto.getRandomValues(new Uint8Array(SEED_SIZE));
    if (!await keptNow(method, secret, seed, "first")) return false;
    await local.keepSeed(account, seed);
    return true;
  }
  const own = boxes.find((one) => one.method === method);
  const here = await local.seedOf(account);
  if (!own) {
    if (here) await keptNow(method, secret, here, "more");
    return here !== null;
  }
  try {
    await local.keepSeed(account, await unwrap(method, secret, unbase64(own.wrapped)));
    return true;
  } catch (error) {
    if (error.name !== "OperationError") throw error;
  }
  // The secret was changed where no script could wrap the seed anew.
  if (here) await keptNow(method, secret, here, "instead");
  return here !== null;
}

// Wraps the open seed under a further secret, or under a changed one.
export async function keepUnder(method, secret) {
  const seed = await seedForSheet();
  if (!seed) throw new Error("the seed is not open in this browser");
  const { boxes } = await box({ anew: true });
  const held = boxes.some((one) => one.method === method);
  await keep(method, secret, seed, held ? "instead" : boxes.length ? "more" : "first");
}

// Removes the seed, and what was typed to open it, from this browser.
export async function lock() {
  known = null;
  await Promise.all([local.forgetSeed(), local.dropStash()]);
}

// The open seed, for the recovery sheet and for signing; null while it is not open here.
export async function seedForSheet() {
  return local.seedOf((await box()).account);
}

// Takes a seed from a recovery sheet; `keepUnder` then wraps it.
export async function takeSeed(bytes) {
  if (!(bytes instanceof Uint8Array) || bytes.length !== SEED_SIZE) throw new Error("no seed");
  await local.keepSeed((await box({ anew: true })).account, bytes);
}

// Whether the account has a seed at all; `open` tells whether this browser has it.
export async function standing() {
  const { account, boxes } = await box();
  return { account, kept: boxes.length > 0, open: (await local.seedOf(account)) !== null,
    methods: boxes.map((one) => one.method) };
}

let opening = null;

// Waits until what was typed at the sign-in has opened the seed, if it can.
export function ready() {
  opening ??= openStash();
  return opening;
}

async function openStash() {
  const secret = await local.stashed();
  if (!secret) return;
  try {
    await unlockWith("passphrase", secret);
  } catch (error) {
    // Out of reach, or not signed in yet: the next page tries again.
    if (error instanceof NotSignedIn || error instanceof TypeError) return;
  }
  await local.dropStash();
}
