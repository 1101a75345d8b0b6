// Which forms make acts, and what each act may say, given what its form says.
//
// A form's values are read as the node reads them; what an act says beyond them is named here, field
// by field. An act that says anything else is not signed.

import { digest, hex, isId, unbase64, unhex } from "./bytes.js";

const MINUTES_A_DAY = 1440;
const C = "^/c/(?<chapter>[0-9a-f]{64})";
const P = `${C}/p/(?<matter>[a-z2-7]{26})`;

// [address, kinds of the acts, kinds that come first if at all, which other chapters are left by it]
const FORMS = [
  ["^/chapters/new$", ["chapters.founded"]],
  [`${C}/join/[^/]+$`, ["chapters.joined"], [], (said, chapter) => said.line("leaves") === chapter],
  [`${C}/apply$`, ["chapters.applied"]],
  [`${C}/confirm$`, ["chapters.founder_confirmed"]],
  [`${C}/constitute$`, ["chapters.constituted"]],
  [`${C}/people/admit$`, ["chapters.admitted"]],
  [`${C}/people/name$`, ["chapters.display_name_set"], ["chapters.display_name_erased"]],
  [`${C}/people/name/erase$`, ["chapters.display_name_erased"]],
  [`${C}/people/leave$`, ["chapters.left"], ["chapters.display_name_erased"]],
  [`${C}/people/(?<member>[a-z2-7]{26})/refuse$`, ["chapters.application_refused"]],
  [`${C}/people/(?<member>[a-z2-7]{26})/suspend$`, ["chapters.suspension_asked"]],
  [`${C}/people/(?<member>[a-z2-7]{26})/challenge$`, ["paper reasons"]],
  [`${C}/suspensions/agree$`, ["chapters.suspended"]],
  [`${C}/suspensions/judge$`, ["chapters.appeal_judged"]],
  [`${C}/suspensions/lift$`, ["chapters.suspension_lifted"]],
  [`${C}/(?:suspensions|standing)/erase$`, ["chapters.reason_erased"]],
  [`${C}/standing/appeal$`, ["chapters.appealed"]],
  [`${C}/standing/return$`, ["chapters.reapplied"]],
  [`${C}/offices/[a-z2-7]{26}/resign$`, ["chapters.office_resigned"]],
  [`${C}/levels/renounce$`, ["chapters.level_renounced"]],
  [`${C}/levels/appeal$`, ["chapters.challenge_appealed"]],
  [`${C}/levels/vouch$`, ["paper vouch"]],
  [`${C}/verifying/(?<case>[a-z2-7]{26})$`, ["paper verification"]],
  [`${C}/disputes/(?<challenge>[a-z2-7]{26})$`, ["paper opinion"]],
  [`${C}/keys$`, ["chapters.key_replaced"]],
  [`${C}/keys/requests$`, ["paper key-witness"]],
  [`${C}/keys/stop$`, ["chapters.key_change_vetoed"]],
  [`${C}/record/(?<index>[0-9]+)/disown$`, ["chapters.act_disowned"]],
  [`${C}/propose/(?<kind>[a-z]+)$`, ["deliberation.proposed"]],
  [`${P}/support$`, ["deliberation.supported"]],
  [`${P}/support/withdraw$`, ["deliberation.support_withdrawn"]],
  [`${P}/argue/(?<side>for|against)$`, ["deliberation.argued"]],
  [`${P}/comment$`, ["deliberation.commented"]],
  [`${P}/revise$`, ["deliberation.revised"]],
  [`${P}/withdraw$`, ["deliberation.withdrawn"]],
  [`${P}/erase$`, ["deliberation.words_erased"]],
  [`${P}/moderate$`, ["deliberation.words_hidden", "deliberation.words_erased"]],
  [`${C}/moderation/(?<hiding>[a-z2-7]{26})/appeal$`, ["deliberation.hiding_appealed"]],
  [`${C}/moderation/(?<hiding>[a-z2-7]{26})/judge$`, ["deliberation.hiding_judged"]],
  [`${C}/moderation/(?<hiding>[a-z2-7]{26})/lift$`, ["deliberation.hiding_lifted"]],
  [`${P}/stand-by$`, ["chapters.name_given"]],
  [`${P}/task$`, ["deliberation.task_set"]],
  [`${P}/task/done$`, ["deliberation.task_done"]],
  [`${P}/outcome$`, ["deliberation.outcome_recorded"]],
  [`${P}/vote$`, ["voting.cast", "row"]],
  [`${P}/react$`, ["row"]],
  ["^/account/delete$", [], [], () => true],
].map(([address, kinds, first = [], leaves = () => false]) =>
  ({ address: new RegExp(address), kinds, first, leaves }));

export class Differs extends Error {}

// What a form says; null for a form that makes no act.
export function readForm(form, submitter) {
  const path = new URL(submitter?.getAttribute("formaction") ?? form.action, location.href).pathname;
  for (const { address, ...makes } of FORMS) {
    const found = address.exec(path);
    if (found) return new Said({ ...found.groups }, makes, form, submitter);
  }
  return null;
}

class Said {
  constructor(at, makes, form, submitter) {
    Object.assign(this, { at, ...makes, form, data: new FormData(form, submitter) });
  }

  all(name) {
    return this.data.getAll(name).filter((one) => typeof one === "string");
  }

  // As civic/kernel/web/forms.py reads one line, and several.
  line(name) {
    return plain(this.all(name)[0] ?? "").split(/\s+/u).filter(Boolean).join(" ");
  }

  text(name) {
    return plain(this.all(name)[0] ?? "").trim();
  }

  // The bylaws for which something else was written than the page came with.
  rewritten() {
    const came = (one) => one.defaultValue
      ?? [...one.options].find((option) => option.defaultSelected)?.value ?? one.options[0]?.value;
    return [...this.form.elements]
      .filter((one) => BYLAWS.has(one.name) && this.line(one.name)
        && bylaw(one.name, this.line(one.name)) !== bylaw(one.name, came(one)))
      .map((one) => one.name);
  }

  lines(name) {
    return this.text(name).split("\n").map((one) => one.trim()).filter(Boolean);
  }

  // What is given in further languages, as civic/pages/wordings.py reads it.
  further() {
    return [2, 3, 4, 5, 6, 7, 8].map((n) => ({
      lang: this.line(`lang-${n}`),
      texts: [this.line(`title-${n}`), this.text(`text-${n}`), ...this.lines(`options-${n}`)],
    })).filter(({ texts }) => texts.some(Boolean));
  }
}

const plain = (text) => text.replace(/\r\n?/g, "\n").normalize("NFC");
const length = (text) => [...text].length;

const ANY = () => true;
const anId = (value) => isId(value);
const same = (expected) => (value) => JSON.stringify(value) === JSON.stringify(expected);
const sameSet = (expected) => (value) => same([...expected].sort())([...value].sort());
const key = (own) => (value) => value === own.member;

const UNITS = {
  number: ["founders", "level_propose", "level_vote", "level_office", "vouches", "vouch_budget",
    "verify_quota", "support_least"],
  percent: ["support_share", "quorum", "majority"],
  hours: ["outage_grace"],
  days: ["vote_wait", "level1_time", "level2_time", "appeal_time", "suspension_most", "office_most",
    "lead_absence", "support_time", "discussion_time", "notice_time", "vote_time"],
};
const BYLAWS = new Set(["visibility", "admission", "secrecy", "unsigned_votes", "tick", "zone",
  ...Object.values(UNITS).flat()]);
const SIZES = { number: 1, percent: 10, hours: 60, days: MINUTES_A_DAY };

// What somebody wrote for a bylaw, as civic/pages/bylaw_words.py reads it; choices as they are sent.
export function bylaw(field, text) {
  const unit = Object.keys(UNITS).find((one) => UNITS[one].includes(field));
  if (!unit) return text;
  const found = /^([0-9]{1,6})(?:[.,]([0-9]{1,4}))?\s*%?$/.exec(text);
  return found ? Math.round(Number(`${found[1]}.${found[2] ?? 0}`) * SIZES[unit] * 1e4) / 1e4 : null;
}

const sent = (value) => (typeof value === "number" ? value : String(value).toLowerCase());
const isBylaw = (said, field, value) =>
  [sent(value), String(value)].includes(bylaw(field, said.line(field)));

// Every bylaw that was written otherwise than the form had it, as it was written, and no other.
function bylawChanges(said) {
  return (changes) => changes.every(
    (one) => said.line(one.field) !== "" && isBylaw(said, one.field, one.to)
      && Object.keys(one).sort().join() === "field,from,to",
  ) && said.rewritten().every((field) => changes.some((one) => one.field === field));
}

function firstOffices(said) {
  const named = ["lead", "facilitator", "verifier", "second"].map(
    (name) => `${name === "second" ? "verifier" : name} ${said.line(name)}`,
  );
  return (offices) => sameSet(named)(offices.map((one) => `${one.office} ${one.member}`));
}

const withinADay = (days) => (value) =>
  Math.abs(Date.parse(value) / 60000 - Date.now() / 60000 - days * MINUTES_A_DAY)
    <= 2 * MINUTES_A_DAY;

function endOfDay(said) {
  const next = new Date(Date.parse(`${said.line("day")}T00:00Z`) + MINUTES_A_DAY * 60000);
  return same(`${next.toISOString().slice(0, 16)}Z`);
}

// A proposal's words: those that bind, then those in further languages, each naming what it says.
function wordings(said, fields, binding) {
  const further = said.further();
  if (further.length) {
    fields.also = same(further.map(({ lang, texts: [title, text] }) => (
      { lang, title_length: length(title), text_length: length(text) })));
  }
  return [fields, [...binding, ...further.flatMap(
    ({ lang, texts }) => texts.map((text, of) => ({ text, lang, of })))]];
}

// For each kind what its body may say: [fields, texts in order]. A text is a string, or an object with
// its language and the place of what it translates.
const ACTS = {
  "chapters.founded": (said, own) => [{
    rules: ANY, charter: ANY, template: same(said.line("template")),
    bylaws: (value) => Object.entries(value).every(
      ([field, one]) => !said.line(field) || isBylaw(said, field, one),
    ),
    log_key: (value) => hex(digest(unhex(value))) === own.log, random: ANY,
    founder: same(own.by.id), founder_key: key(own),
  }, [said.line("name")]],
  "chapters.joined": (_said, own) => [
    { member: same(own.by.id), paper: ANY, member_key: key(own) }, []],
  "chapters.applied": (_said, own) => [{ member: same(own.by.id), member_key: key(own) }, []],
  "chapters.admitted": (said) => [{ member: same(said.line("member")) }, []],
  "chapters.founder_confirmed": (said) => [{ met: sameSet(said.all("met")) }, []],
  "chapters.constituted": (said) => [
    { founders: sameSet(said.all("founders")), offices: firstOffices(said) }, []],
  "chapters.left": () => [{}, []],
  "chapters.display_name_set": (said) => [
    { length: same(length(said.line("name"))) }, [said.line("name")]],
  "chapters.display_name_erased": () => [{ words: ANY }, []],
  "chapters.name_given": (said, own) => [
    { matter: same(said.at.matter), voice: (value) => value === own.voice(said.at.matter) }, []],
  "chapters.application_refused": (said) => [
    { member: same(said.at.member), paper: ANY }, []],
  "chapters.suspension_asked": (said) => [{
    id: anId, member: same(said.at.member), until: withinADay(Number(said.line("days"))),
    paper: ANY,
  }, []],
  "chapters.suspended": (said) => [{ suspension: same(said.line("suspension")) }, []],
  "chapters.appeal_judged": (said) => [{
    suspension: same(said.line("suspension")), lift: same(said.line("lift") === "yes"),
  }, []],
  "chapters.suspension_lifted": (said) => [{ suspension: same(said.line("suspension")) }, []],
  "chapters.reason_erased": (said) => [{ paper: same(said.line("paper")) }, []],
  "chapters.appealed": () => [{ suspension: anId, paper: ANY }, []],
  "chapters.reapplied": () => [{}, []],
  "chapters.office_resigned": () => [{}, []],
  "chapters.level_renounced": () => [{}, []],
  "chapters.challenge_appealed": () => [{ challenge: anId, paper: ANY }, []],
  "chapters.key_replaced": (said) => [{
    key: same(said.line("new_key")), possession: same(said.line("possession")),
  }, []],
  "chapters.key_change_vetoed": (said) => [{ change: same(said.line("change")) }, []],
  "chapters.act_disowned": (said) => [{
    index: same(Number(said.at.index)),
    ...(said.line("matter") ? { matter: same(said.line("matter")) } : {}),
  }, []],
  "deliberation.proposed": (said) => {
    const options = said.at.kind === "options" ? said.lines("options") : [];
    const fields = {
      id: anId, lang: same(said.line("lang")), title_length: same(length(said.line("title"))),
      text_length: same(length(said.text("text"))), options: same(options.length), secrecy: ANY,
    };
    if (said.at.kind === "bylaws") fields.changes = bylawChanges(said);
    if (said.at.kind === "rules") {
      fields.rules = (value) => `${value.to}` === said.line("version");
    }
    if (said.at.kind === "office") {
      const [how, office] = said.line("place").split(" ");
      const term = Math.floor(Number(said.line("months")) * 365 * MINUTES_A_DAY / 12);
      const wanted = { office: said.line("role"), member: said.line("member"), term };
      if (how === "instead" || how === "after") wanted[how] = office;
      fields.appointment = same(wanted);
    }
    if (said.at.kind === "people") {
      const [what, of] = said.line("measure").split(" ");
      fields.measure = same({ do: what, of: what === "expel" ? said.line("member") : of });
    }
    return wordings(said, fields, [said.line("title"), said.text("text"), ...options]);
  },
  "deliberation.supported": (said) => [{ proposal: same(said.at.matter) }, []],
  "deliberation.support_withdrawn": (said) => [{ proposal: same(said.at.matter) }, []],
  "deliberation.argued": (said) => [{
    id: anId, proposal: same(said.at.matter), side: same(said.at.side === "for" ? "pro" : "con"),
    length: same(length(said.text("words"))),
  }, [said.text("words")]],
  "deliberation.commented": (said) => [{
    id: anId, on: same(said.line("on") || said.at.matter),
    length: same(length(said.text("words"))),
  }, [said.text("words")]],
  "deliberation.revised": (said) => {
    const reason = said.text("reason");
    const [fields, texts] = wordings(said, {
      proposal: same(said.at.matter), version: ANY,
      title_length: same(length(said.line("title"))), text_length: same(length(said.text("text"))),
      ...(reason ? { reason_length: same(length(reason)) } : {}),
    }, [said.line("title"), said.text("text"), ...said.lines("labels")]);
    return [fields, reason ? [...texts, reason] : texts];
  },
  "deliberation.withdrawn": (said) => [{ proposal: same(said.at.matter) }, []],
  "deliberation.words_erased": (said) => {
    const fields = { of: same(said.line("of")), words: ANY };
    if (said.text("reason")) fields.reason = same(said.text("reason"));
    const how = said.line("how");
    if (["personal_data", "safety", "law"].includes(how)) fields.urgent = same(how);
    else if (how === "hide") throw new Differs("how");
    return [fields, []];
  },
  "deliberation.words_hidden": (said) => {
    if (said.line("how") !== "hide") throw new Differs("how");
    return [{ id: anId, of: same(said.line("of")), words: ANY, reason: same(said.text("reason")) },
      []];
  },
  "deliberation.hiding_appealed": (said) => [{
    hiding: same(said.at.hiding), length: same(length(said.text("appeal"))),
  }, [said.text("appeal")]],
  "deliberation.hiding_judged": (said) => [{
    hiding: same(said.at.hiding), show: same(said.line("show") === "yes"),
  }, []],
  "deliberation.hiding_lifted": (said) => [{ hiding: same(said.at.hiding) }, []],
  "deliberation.task_set": (said) => [{
    id: anId, proposal: same(said.at.matter), until: endOfDay(said),
    length: same(length(said.text("task"))),
  }, [said.text("task")]],
  "deliberation.task_done": (said) => [{ task: same(said.line("id")) }, []],
  "deliberation.outcome_recorded": (said) => [{
    id: anId, proposal: same(said.at.matter), result: same(said.line("result")),
    again: same(said.line("again")), expected_length: same(length(said.text("expected"))),
    happened_length: same(length(said.text("happened"))),
  }, [said.text("expected"), said.text("happened")]],
  "voting.cast": (said) => [
    { election: same(said.line("election")), value: same(voted(said)) }, []],
};

function voted(said) {
  const values = said.all("vote");
  if (said.line("options") !== "0") return values.reduce((sum, one) => sum + 2 ** Number(one), 0);
  return Number(values[0]);
}

// Throws `Differs` where more is to be signed than one form can do: a node that asks for three vouches
// has all that somebody may give in a year.
export function checkCount(said, { acts, rows, papers }) {
  const last = acts.slice(-1).length + rows.length + papers.length;
  if (last > 1 || acts.length > 1 + said.first.length) throw new Differs("count");
}

// Throws `Differs` unless an act that the node asks to sign says what the form says. `own` are the
// chapter's log, who acts, and the member's public key.
export function checkAct(said, act, own, first) {
  if (!(first ? said.first : said.kinds).includes(act.kind)) throw new Differs(act.kind);
  const [fields, texts] = ACTS[act.kind](said, own);
  const body = JSON.parse(act.body);
  for (const [name, value] of Object.entries(body)) {
    if (!Object.hasOwn(fields, name) || !fields[name](value)) throw new Differs(name);
  }
  // What an act leaves out it says, too: a proposal without its effect is another.
  const missing = Object.keys(fields).find((name) => !Object.hasOwn(body, name));
  if (missing) throw new Differs(missing);
  if (act.texts.length !== texts.length || act.content.length !== texts.length) {
    throw new Differs("texts");
  }
  texts.forEach((one, at) => {
    const expected = typeof one === "string" ? { text: one, lang: said.line("lang") } : one;
    const raw = unbase64(act.texts[at]);
    if (hex(digest(raw)) !== act.content[at]) throw new Differs("content");
    // Behind the salt and the media type (docs/protocol/record.md, section 4).
    const words = JSON.parse(new TextDecoder().decode(raw.slice(raw.indexOf(10, 16) + 1)));
    if (words.text !== expected.text) throw new Differs("text");
    if (expected.lang && words.lang !== expected.lang) throw new Differs("language");
    if (words.original !== act.content[expected.of]) throw new Differs("original");
  });
}

// What leaving says, as [field, ...]: who goes with their account may have their words erased, too.
const LEAVING = {
  "chapters.left": [],
  "chapters.display_name_erased": ["words"],
  "deliberation.words_erased": ["of", "words"],
};

// The same for the acts by which somebody leaves another chapter than that of the form.
export function checkLeaving(said, { chapter, acts }) {
  if (!said.leaves(said, chapter)) throw new Differs("leaving");
  for (const act of acts) {
    const fields = act.matter && said.line("words") !== "erase" ? null : LEAVING[act.kind];
    const named = Object.keys(JSON.parse(act.body));
    const byVoice = act.kind === "deliberation.words_erased";
    if (!fields || !same(fields)(named) || act.content.length || byVoice !== Boolean(act.matter)) {
      throw new Differs(act.kind);
    }
  }
}

// What the parts of a paper's message behind its kind and the log may be (record.md, section 9).
const PAPERS = {
  "key-witness": (said) => [
    ...["change", "member", "new_key"].map((name) => same(said.line(name))), anId],
  // Who only asks whose code it is has not said yet that they met.
  vouch: (said) => [(value) => isId(value) && said.line("met") !== "", anId, anId],
  // Last the verifiers who stood aside, which no page shows.
  verification: (said) => [same(said.at.case), anId, anId, same(said.line("way")),
    (aside) => aside === "" || aside.split(",").every(isId)],
  reasons: (said) => [anId, same(said.at.member), anId, same(hex(digest(said.text("text"))))],
  opinion: (said) => [same(said.at.challenge), ANY, anId,
    same(said.line("upheld") === "yes" ? "upheld" : "dismissed")],
};

// The same for a restricted paper, which the node shows as the message to be signed.
export function checkPaper(said, message, log) {
  const [head, of, ...rest] = message.split("\n");
  const kind = /^civic\/([a-z-]+)\/1$/.exec(head)?.[1];
  if (of !== log || !said.kinds.includes(`paper ${kind}`)) throw new Differs("paper");
  const parts = PAPERS[kind](said);
  if (rest.length !== parts.length || !parts.every((fits, at) => fits(rest[at]))) {
    throw new Differs("paper");
  }
}

// The same for a reaction or a pseudonymous vote.
export function checkRow(said, row) {
  if (!said.kinds.includes("row") || row.matter !== said.at.matter) throw new Differs("row");
  const [subject, word] = said.line("to").split(":");
  const expected = said.line("to")
    ? { subject, value: { agree: 1, disagree: -1, pass: 0 }[word] }
    : { subject: said.line("election"), value: voted(said) };
  if (row.subject !== expected.subject || row.value !== expected.value) throw new Differs("value");
}
