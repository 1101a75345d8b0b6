// Passkeys: asks the browser's authenticator and hands its answer to the node. Each box with
// data-passkey on a page is one use: sign-in, sign-up, recover, step-up or add.

const utf8 = (text) => new TextEncoder().encode(text);

function base64url(buffer) {
  let text = "";
  for (const byte of new Uint8Array(buffer)) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

const unbase64url = (text) => Uint8Array.from(
  atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0),
);

// Two secrets of one passkey (extension prf): the first opens the account and goes to the node, the
// second opens the key box and never leaves this browser.
const SECRETS = {
  eval: { first: utf8("civic/passkey/account/1"), second: utf8("civic/passkey/key-box/1") },
};

class Refused extends Error {
  constructor(problem, status) {
    super([problem.title, problem.detail].filter(Boolean).join(". "));
    this.type = problem.type;
    this.status = status;
  }
}

async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify(body),
  });
  const content = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(content, answer.status);
  return content;
}

const described = (list) => list?.map((one) => ({ ...one, id: unbase64url(one.id) }));

async function made(options) {
  const credential = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: unbase64url(options.challenge),
      user: { ...options.user, id: unbase64url(options.user.id) },
      excludeCredentials: described(options.excludeCredentials),
      extensions: { prf: SECRETS },
    },
  });
  let secrets = credential.getClientExtensionResults().prf;
  if (secrets?.enabled && !secrets.results) secrets = await secretsOf(credential, options.rp.id);
  const { clientDataJSON, attestationObject } = credential.response;
  return [secrets?.results, {
    ...named(credential),
    response: {
      clientDataJSON: base64url(clientDataJSON),
      attestationObject: base64url(attestationObject),
    },
  }];
}

// Some authenticators give their secrets only when the passkey is used, so it is used once.
async function secretsOf(credential, rpId) {
  try {
    const used = await navigator.credentials.get({
      publicKey: {
        challenge: crypto.getRandomValues(new Uint8Array(32)),
        rpId,
        allowCredentials: [{ type: "public-key", id: credential.rawId }],
        userVerification: "required",
        extensions: { prf: SECRETS },
      },
    });
    return used.getClientExtensionResults().prf;
  } catch {
    return null;
  }
}

async function proved(options) {
  const credential = await navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: unbase64url(options.challenge),
      allowCredentials: described(options.allowCredentials),
      extensions: { prf: SECRETS },
    },
  });
  const { clientDataJSON, authenticatorData, signature, userHandle } = credential.response;
  return [credential.getClientExtensionResults().prf?.results, {
    ...named(credential),
    response: {
      clientDataJSON: base64url(clientDataJSON),
      authenticatorData: base64url(authenticatorData),
      signature: base64url(signature),
      ...(userHandle?.byteLength ? { userHandle: base64url(userHandle) } : {}),
    },
  }];
}

// What names a credential, without what the extensions gave: the second secret is among it.
const named = (credential) => ({
  id: credential.id, rawId: base64url(credential.rawId), type: credential.type,
});

async function openKeyBox(passkey, secret) {
  if (!secret) return;
  try {
    const keybox = await import("./keybox.js");
    await keybox.unlockWith(`passkey:${passkey}`, new Uint8Array(secret));
  } catch {
    // Signing in does not depend on it; pages that need the key say that it is not open.
  }
}

async function use(box) {
  const { passkey: kind, page } = box.dataset;
  const { ticket, publicKey } = await post(`/passkeys/${kind}/begin`, page ? { page } : {});
  const making = kind === "sign-up" || kind === "recover" || kind === "add";
  const [secrets, credential] = await (making ? made(publicKey) : proved(publicKey));
  const done = await post(`/passkeys/${kind}`, {
    ticket,
    credential,
    secret: secrets?.first ? base64url(secrets.first) : "",
    name: box.querySelector("[data-passkey-name]")?.value ?? "",
    next: box.dataset.next ?? "",
  });
  await openKeyBox(done.passkey, secrets?.second);
  goOn(done.next);
}

function goOn(next) {
  // A form that waits in the page travels on with it.
  const kept = document.querySelector("form input[name='kept-to']")?.form;
  if (!kept) {
    location.assign(next);
    return;
  }
  kept.action = "/sign-in/kept";
  kept.submit();
}

function said(box, error) {
  if (error instanceof Refused) {
    if (error.type?.endsWith("/request.step_up_needed")) {
      location.assign(`/account/step-up?next=${encodeURIComponent(location.pathname)}`);
    }
    return error.message;
  }
  if (error.name === "InvalidStateError") return box.dataset.saidKnown;
  if (error.name === "NotAllowedError" || error.name === "AbortError") {
    return box.dataset.saidStopped;
  }
  return box.dataset.saidFailed;
}

for (const box of document.querySelectorAll("[data-passkey]")) {
  // Without them the page says what to do instead.
  if (!window.PublicKeyCredential || !navigator.credentials) continue;
  box.querySelector(".passkey-absent").hidden = true;
  box.querySelector(".passkey-ready").hidden = false;
  const button = box.querySelector("button");
  const line = box.querySelector("[role='alert']");
  button.addEventListener("click", async () => {
    button.disabled = true;
    line.textContent = "";
    try {
      await use(box);
    } catch (error) {
      line.textContent = said(box, error);
      button.disabled = false;
    }
  });
}
