// A worker that turns a passphrase into a key, which takes a second or more (RFC 7914).

import { scrypt } from "./noble/hashes/scrypt.js";

onmessage = ({ data: { secret, salt, cost } }) => {
  const key = scrypt(secret, salt, {
    N: 2 ** cost.logN, r: cost.r, p: cost.p, dkLen: 32, maxmem: 2 ** 31 - 1,
  });
  postMessage(key, [key.buffer]);
};
