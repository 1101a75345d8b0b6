// Shows what changed on a page while it is looked at. The node says only that the record has grown;
// the page is then fetched as any page, and its marked parts take the place of those shown. A part
// in which somebody writes, has the focus or has marked words waits until they are done with it.
// Nothing is heard while the page is hidden, and all is caught up with when it is shown again.

const SPREAD = 2000;
const AGAIN = 60_000;
const SHOWN = 10_000;

const inForm = "input:not([type=hidden]),textarea,select";
const waiting = new Map();
let heardTo = 0;
let shownTo = 0;
let source = null;
let timer = null;
let asking = false;
let over = false;
let hush = null;

const line = () => document.querySelector("[data-live-from]");
const sizeOf = (address) => Number(new URL(address, location.href).searchParams.get("after"));

const written = (field) => {
  if (field.type === "checkbox" || field.type === "radio") {
    return field.checked !== field.defaultChecked;
  }
  if (field.localName === "select") {
    return [...field.options].some((one) => one.selected !== one.defaultSelected);
  }
  return field.value !== field.defaultValue;
};

function inUse(part) {
  if (part.contains(document.activeElement)) return true;
  if ([...part.querySelectorAll(inForm)].some(written)) return true;
  if (part.querySelector("form[aria-busy=true]")) return true;
  const marked = getSelection();
  return !marked.isCollapsed && marked.containsNode(part, true);
}

// Keys of forms are drawn for each page, and "two hours ago" is no news.
function bare(part, times) {
  const copy = part.cloneNode(true);
  for (const key of copy.querySelectorAll("input[type=hidden][name=key]")) key.remove();
  for (const details of copy.querySelectorAll("details")) details.removeAttribute("open");
  if (!times) for (const time of copy.querySelectorAll("time")) time.textContent = "";
  return copy;
}

// What is looked at stays where it is, whatever grows above it.
function keepingPlace(old, change) {
  let held = null;
  for (const share of [0.25, 0.5, 0.75]) {
    const seen = document.elementFromPoint(innerWidth / 2, innerHeight * share);
    held = old.contains(seen) ? seen.closest("[id]") : seen;
    if (held && !held.contains(old)) break;
    held = null;
  }
  const before = held?.getBoundingClientRect().top;
  change();
  const after = held?.isConnected ? held : held && document.getElementById(held.id);
  if (after && scrollY > 0) scrollBy(0, after.getBoundingClientRect().top - before);
}

function put(old, fresh) {
  const opened = [...old.querySelectorAll("details[open] > summary")].map((one) => one.textContent);
  for (const summary of fresh.querySelectorAll("details > summary")) {
    if (opened.includes(summary.textContent)) summary.parentElement.open = true;
  }
  keepingPlace(old, () => old.replaceWith(fresh));
}

function say(names) {
  const place = line();
  if (!place || !names.size) return;
  place.textContent = place.dataset.liveSaid.replace("{}", [...names].join(", "));
  clearTimeout(hush);
  hush = setTimeout(() => { place.textContent = ""; }, SHOWN);
}

function showWhatWaits() {
  const names = new Set();
  for (const [id, fresh] of waiting) {
    const old = document.querySelector(`[data-live="${id}"]`);
    if (old && inUse(old)) continue;
    waiting.delete(id);
    if (!old || bare(old, true).isEqualNode(bare(fresh, true))) continue;
    const news = !bare(old, false).isEqualNode(bare(fresh, false));
    put(old, fresh);
    if (news && fresh.dataset.liveName) names.add(fresh.dataset.liveName);
  }
  say(names);
}

async function fetchPage() {
  const answer = await fetch(location.href, { headers: { accept: "text/html" }, cache: "no-store" });
  if (answer.status >= 500 || answer.status === 429) throw new Error("later");
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const from = page.querySelector("[data-live-from]");
  if (!answer.ok || answer.redirected || !from) {
    // Whoever is not let in any more keeps what they were shown, and hears no more.
    over = true;
    stop();
    return;
  }
  shownTo = sizeOf(from.dataset.liveFrom);
  for (const part of page.querySelectorAll("[data-live]")) {
    waiting.set(part.dataset.live, document.adoptNode(part));
  }
  showWhatWaits();
}

function catchUp() {
  if (over || timer || asking || heardTo <= shownTo) return;
  // Everybody hears it at the same moment; not all should come at the same moment.
  timer = setTimeout(async () => {
    timer = null;
    if (document.hidden) return;
    asking = true;
    const fetched = await fetchPage().then(() => true, () => false);
    asking = false;
    if (fetched) catchUp();
    else setTimeout(catchUp, AGAIN);
  }, Math.random() * SPREAD);
}

function start() {
  if (over || source || document.hidden) return;
  const address = new URL(line().dataset.liveFrom, location.href);
  address.searchParams.set("after", Math.max(heardTo, shownTo));
  source = new EventSource(address);
  source.addEventListener("message", ({ data }) => {
    heardTo = Math.max(heardTo, Number(data));
    catchUp();
  });
  source.addEventListener("error", () => {
    // Where the browser gives up by itself, the node had no room or is away for longer.
    if (source?.readyState !== EventSource.CLOSED) return;
    stop();
    setTimeout(turn, AGAIN);
  });
  catchUp();
}

function stop() {
  source?.close();
  source = null;
}

function turn() {
  if (document.hidden) stop();
  else start();
}

export function begin() {
  shownTo = sizeOf(line().dataset.liveFrom);
  document.documentElement.style.overflowAnchor = "none";
  document.addEventListener("visibilitychange", turn);
  addEventListener("pagehide", stop);
  addEventListener("pageshow", turn);
  // The focus has not arrived yet where it goes to.
  document.addEventListener("focusout", () => setTimeout(showWhatWaits));
  document.addEventListener("selectionchange", () => {
    if (waiting.size && getSelection().isCollapsed) showWhatWaits();
  });
  turn();
}
