// Member keys: from one seed a key for each chapter, voice and row (identity/member_keys.py).

import { ed25519 } from "./noble/curves/ed25519.js";
import { hkdf } from "./noble/hashes/hkdf.js";
import { sha256 } from "./noble/hashes/sha2.js";
import { SEED_SIZE, hex, isId, unhex, utf8 } from "./bytes.js";

// `of` is "member", "voice" or "row"; a voice and a row belong to a matter.
export function derive(seed, logId, of, matter = "") {
  if (seed.length !== SEED_SIZE) throw new Error("a seed has 32 bytes");
  if (!/^[0-9a-f]{64}$/.test(logId)) throw new Error("a log id has 64 hexadecimal digits");
  if (of === "member" ? matter !== "" : !isId(matter)) throw new Error("no matter's id");
  const secret = hkdf(sha256, seed, unhex(logId), utf8(of + matter), 32);
  return { secret, publicKey: ed25519.getPublicKey(secret) };
}

// Messages are ASCII; the signature comes in hexadecimal.
export const sign = (key, message) => hex(ed25519.sign(utf8(message), key.secret));

export const verify = (publicKey, message, signature) =>
  ed25519.verify(unhex(signature), utf8(message), publicKey);
