// Somebody waits to sign up: a little work of this browser takes the place of waiting.

const box = document.querySelector("[data-work]");
const worker = new Worker(new URL("./work.js", import.meta.url), { type: "module" });
box.hidden = false;
worker.onmessage = ({ data }) => {
  worker.terminate();
  const next = new URL(box.dataset.next, location.href);
  next.searchParams.set("work", data);
  location.replace(next);
};
worker.onerror = () => { box.hidden = true; };
worker.postMessage({ puzzle: box.dataset.work, bits: Number(box.dataset.bits) });
