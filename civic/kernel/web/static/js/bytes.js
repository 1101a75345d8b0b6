// Bytes and texts in the forms of docs/protocol/record.md: hexadecimal, ids, base64, hashes.

import { sha256 } from "./noble/hashes/sha2.js";

// Bytes of the seed from which a person's member keys are derived. It stands here and not beside the
// curve, which is ten times as long as all else that only opens or keeps a seed.
export const SEED_SIZE = 32;

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

export const utf8 = (text) => new TextEncoder().encode(text);

export const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

export function unhex(text) {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) throw new Error("no hexadecimal");
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

export function base32(bytes) {
  let text = "", bits = 0, held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(held >> bits) & 31];
    }
    held &= 31;
  }
  return bits ? text + ALPHABET[(held << (5 - bits)) & 31] : text;
}

export function unbase32(text) {
  const bytes = [];
  let bits = 0, held = 0;
  for (const letter of text) {
    held = (held << 5) | ALPHABET.indexOf(letter);
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((held >> bits) & 255);
      held &= (1 << bits) - 1;
    }
  }
  return new Uint8Array(bytes);
}

export function base64(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

export const unbase64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

export const digest = (bytes) => sha256(typeof bytes === "string" ? utf8(bytes) : bytes);

// 16 bytes as an id (section 2).
export const isId = (text) => /^[a-z2-7]{25}[aeimquy4]$/.test(text);

// The voice or row id of a public key: the first 16 bytes of its SHA-256 (section 3).
export const keyId = (publicKey) => base32(digest(publicKey).slice(0, 16));
