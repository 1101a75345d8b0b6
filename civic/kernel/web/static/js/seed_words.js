// The written form of a seed, as it stands on a recovery sheet (identity/seed_words.py).

import { SEED_SIZE, base32, digest, unbase32, utf8 } from "./bytes.js";

const SUM = 3;
const LENGTH = 56;
const LOOKS_LIKE = { 0: "o", 1: "l", 8: "b" };

const sum = (seed) => digest(new Uint8Array([...utf8("civic/seed/1"), ...seed])).slice(0, SUM);

export const write = (seed) =>
  base32(new Uint8Array([...seed, ...sum(seed)])).match(/.{4}/g).join(" ");

// Returns the seed, or null for a text that is none.
export function read(text) {
  const letters = text.replace(/[\s\-\u2010-\u2015]+/gu, "").toLowerCase()
    .replace(/[018]/g, (digit) => LOOKS_LIKE[digit]);
  if (letters.length !== LENGTH || !/^[a-z2-7]+$/.test(letters)) return null;
  const raw = unbase32(letters);
  const seed = raw.slice(0, SEED_SIZE);
  return sum(seed).every((byte, at) => byte === raw[SEED_SIZE + at]) ? seed : null;
}
