// Looks for the number that identity/work.py describes, in a worker, so that the page stays calm.

import { sha256 } from "./noble/hashes/sha2.js";

function leadingZeros(digest) {
  let zeros = 0;
  for (const byte of digest) {
    if (byte) return zeros + Math.clz32(byte) - 24;
    zeros += 8;
  }
  return zeros;
}

onmessage = ({ data: { puzzle, bits } }) => {
  const text = new TextEncoder();
  let number = 0;
  while (leadingZeros(sha256(text.encode(`${puzzle}.${number}`))) < bits) number += 1;
  postMessage(String(number));
};
