// How often this person answered about something, as far as this browser signed it: each signed answer
// counts on, so that no older one can take its place (docs/protocol/record.md, section 3). Sealed under a
// key from the seed: whoever is not signed in reads neither what was answered nor how much.

import { hkdf } from "./noble/hashes/hkdf.js";
import { sha256 } from "./noble/hashes/sha2.js";
import { hex, utf8 } from "./bytes.js";
import * as local from "./local.js";

// A node that says it knows a count this far ahead wants to use them up.
export const FARTHEST = 1_000_000;
const MOST = 2000;
const SIZE = 4096;

// The count of the next answer about a subject, or null where the node's word cannot be true. What the
// node knows may be more than this browser does, from another of the same person; less is not believed.
export function nextCount(seed, log, subject, told) {
  const work = () => next(seed, `${log} ${subject}`, told);
  // Two tabs at once must not count alike.
  return navigator.locks ? navigator.locks.request("civic-counts", work) : work();
}

async function next(seed, place, told) {
  const { name, key } = await ownOf(seed);
  const counts = await local.sealedUnder(key, name).catch(() => null) ?? {};
  const last = counts[place] ?? 0;
  if (!Number.isSafeInteger(told) || told < 0 || told > last + FARTHEST) return null;
  // What was counted last stands last; what is oldest gives way.
  delete counts[place];
  counts[place] = Math.max(last, told) + 1;
  const kept = Object.entries(counts).slice(-MOST);
  await local.sealUnder(key, name, Object.fromEntries(kept), SIZE).catch(() => undefined);
  return counts[place];
}

async function ownOf(seed) {
  const raw = hkdf(sha256, seed, undefined, utf8("civic/counts/1"), 48);
  const key = await crypto.subtle.importKey("raw", raw.slice(16), "AES-GCM", false, [
    "encrypt", "decrypt",
  ]);
  return { name: `counts ${hex(raw.slice(0, 16))}`, key };
}
