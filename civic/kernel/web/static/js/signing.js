// Signing a form: asks the node what there is to sign, compares it with what was typed, signs it with
// the key of the id it is made under, and lets the form go with the signatures.

import { digest, hex, keyId, unbase64, unhex } from "./bytes.js";
import { nextCount } from "./counts.js";
import { Differs, checkAct, checkCount, checkLeaving, checkPaper, checkRow, readForm } from "./forms.js";
import * as keybox from "./keybox.js";
import * as local from "./local.js";
import { derive, sign } from "./member_keys.js";

const TO_SIGN = "application/vnd.civic.to-sign+json";
const ROUNDS = 4;

// Why something was not signed: a text for it stands in templates/ui/signing.html.
export class NotSigned extends Error {
  constructor(why, detail = "") {
    super(detail || why);
    this.why = why;
  }
}

const message = {
  act: (log, act) => ["civic/act/1", log, act.kind, act.by, act.key, hex(digest(act.body)),
    hex(digest(JSON.stringify(act.content)))].join("\n"),
  tie: (log, tie) => ["civic/tie/1", log, tie.matter, tie.of, tie.id, tie.member].join("\n"),
  row: (log, row, count) =>
    ["civic/row/1", log, row.subject, row.row, count, row.value].join("\n"),
};

// The public keys that are known, and the signatures that were made, for one form in one log.
class Hand {
  constructor(seed) {
    this.seed = seed;
    this.log = null;
    this.told = { member: null, voices: {}, rows: {}, counts: {}, signatures: {}, leaving: {} };
  }

  key(of, matter = "") {
    return derive(this.seed, this.log, of, matter);
  }

  tell(of, matter) {
    const known = hex(this.key(of, matter).publicKey);
    if (of === "member") this.told.member = known;
    else this.told[`${of}s`][matter] = known;
  }

  sign(key, text) {
    this.told.signatures[hex(digest(text))] = sign(key, text);
  }

  // The key whose id acts, or null if it is none of this person's.
  keyOf(by, matters) {
    const [role, id] = by.split(":");
    if (role === "member" || role === "office") return this.key("member");
    for (const matter of matters) {
      const key = this.key(role, matter);
      if (keyId(key.publicKey) === id) return key;
    }
    return null;
  }

  toString() {
    return JSON.stringify(this.told);
  }
}

// Returns what the form is to carry in its field `hand`, or null where it makes no act, or where
// there is nothing to sign with and never was. Throws `NotSigned`.
export async function signatures(form, submitter) {
  const said = readForm(form, submitter);
  if (!said) return null;
  const seed = await openSeed();
  if (!seed) return null;
  const hand = new Hand(seed);
  for (let round = 0; round < ROUNDS; round += 1) {
    const wanted = await asked(form, submitter, said, hand);
    if (!wanted) return hand.toString();
    if (wanted.account !== (await keybox.standing()).account) throw new NotSigned("other_account");
    checkLog(said.at.chapter, wanted);
    hand.log = wanted.log_id;
    if (wanted.unsignable) return withoutKey(said, wanted.unsignable);
    if (wanted.keys.length) for (const { of, matter } of wanted.keys) hand.tell(of, matter);
    else return signAll(said, wanted, hand);
  }
  throw new NotSigned("node");
}

async function openSeed() {
  try {
    await keybox.ready();
    const { kept, open } = await keybox.standing();
    if (open) return await keybox.seedForSheet();
    if (kept) throw new NotSigned("locked");
    return null;
  } catch (error) {
    // Whoever is not signed in is asked to sign in by what comes next.
    if (error instanceof keybox.NotSignedIn) return null;
    throw error instanceof NotSigned ? error : new NotSigned("node", error.message);
  }
}

// What the node asks to sign; null where it answers otherwise, because there is a mistake in the
// form or somebody has to sign in. Then the form goes as it is, and must be signed to be recorded.
async function asked(form, submitter, said, hand) {
  const body = new URLSearchParams();
  for (const [name, value] of said.data) if (typeof value === "string") body.append(name, value);
  body.set("hand", hand.toString());
  const target = submitter?.getAttribute("formaction") ?? form.action;
  const answer = await fetch(target, {
    method: "POST", body, redirect: "manual", cache: "no-store",
    headers: { "x-civic-sign": "prepare", accept: "text/html" },
  });
  const type = answer.headers.get("content-type") ?? "";
  return answer.ok && type.startsWith(TO_SIGN) ? answer.json() : null;
}

// A signature under another log's id would be good in another chapter: the chapter's id, which
// stands in the address, is the hash of its first entry, and that names the key of the log.
function checkLog(chapter, wanted) {
  if (!chapter) return;
  const first = unbase64(wanted.founding);
  const named = JSON.parse(new TextDecoder().decode(first)).body.log_key;
  if (hex(digest(first)) !== chapter || hex(digest(unhex(named))) !== wanted.log_id) {
    throw new NotSigned("other_log");
  }
}

// Who joined without a key has none to sign with here. That a node says so of somebody whose key it
// was told is not believed.
async function withoutKey(said, why) {
  if (why !== "no_key" || (await local.remembered(`key ${said.at.chapter}`))) {
    throw new NotSigned(why);
  }
  return null;
}

// Leaves another chapter, by acts that may be recorded later. A voice that is none of this person's
// keys is passed over: its id was drawn before they had any.
async function signLeaving(said, wanted, hand) {
  checkLeaving(said, wanted);
  checkLog(wanted.chapter, wanted);
  if (wanted.key === null) return withoutKey({ at: wanted }, "no_key");
  const there = new Hand(hand.seed);
  there.log = wanted.log_id;
  there.tell("member");
  if (there.told.member !== wanted.key) throw new NotSigned("other_key");
  for (const act of wanted.acts) {
    const key = there.keyOf(act.by, act.matter ? [act.matter] : []);
    if (!key) continue;
    if (act.matter) there.tell("voice", act.matter);
    there.sign(key, message.act(there.log, act));
  }
  const { member, voices, signatures } = there.told;
  hand.told.leaving[wanted.chapter] = { member, voices, signatures };
  return null;
}

async function signAll(said, wanted, hand) {
  const matters = [said.at.matter, said.line("matter"), ...wanted.ties.map((tie) => tie.matter)].filter(Boolean);
  try {
    checkCount(said, wanted);
    const last = wanted.acts.length - 1;
    const voice = (matter) => keyId(hand.key("voice", matter).publicKey);
    wanted.acts.forEach((act, at) => {
      if (act.kind === "deliberation.proposed") matters.push(JSON.parse(act.body).id);
      const key = hand.keyOf(act.by, matters);
      if (!key) throw new Differs("by");
      const [as, id] = act.by.split(":");
      checkAct(said, act, { log: hand.log, by: { as, id }, member: hand.told.member, voice }, at < last);
      hand.sign(key, message.act(hand.log, act));
    });
    for (const row of wanted.rows) {
      checkRow(said, row);
      const key = hand.keyOf(`row:${row.row}`, [row.matter]);
      if (!key) throw new Differs("by");
      const count = await nextCount(hand.seed, hand.log, row.subject, row.last);
      if (count === null) throw new Differs("count");
      hand.told.counts[row.subject] = count;
      hand.sign(key, message.row(hand.log, row, count));
    }
    for (const paper of wanted.papers) {
      checkPaper(said, paper, hand.log);
      hand.sign(hand.key("member"), paper);
    }
    for (const tie of wanted.ties) {
      if (!matters.includes(tie.matter) || !hand.keyOf(`${tie.of}:${tie.id}`, [tie.matter])) {
        throw new Differs("tie");
      }
      hand.sign(hand.key("member"), message.tie(hand.log, tie));
    }
    for (const one of wanted.leaving) await signLeaving(said, one, hand);
  } catch (error) {
    throw error instanceof Differs ? new NotSigned("differs", error.message) : error;
  }
  if (said.at.chapter) local.remember(`key ${said.at.chapter}`, true);
  return hand.toString();
}
