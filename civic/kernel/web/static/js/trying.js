// Too much was tried under a name: a little work of this browser takes the place of waiting. What
// is sent before the work is done goes off by itself as soon as it is.

const box = document.querySelector("[data-puzzle]");
const { form } = box.querySelector("input[name=work]");
const worker = new Worker(new URL("./work.js", import.meta.url), { type: "module" });
const early = (event) => {
  event.preventDefault();
  event.stopImmediatePropagation();
  box.sender = event.submitter;
};

function done(number) {
  worker.terminate();
  form.removeEventListener("submit", early, true);
  box.querySelector("[data-working]").hidden = true;
  if (number === null) return;
  box.querySelector("input[name=work]").value = number;
  box.querySelector("[data-worked]").hidden = false;
  if (box.sender !== undefined) form.requestSubmit(box.sender);
}

form.addEventListener("submit", early, true);
worker.onmessage = ({ data }) => done(data);
worker.onerror = () => done(null);
box.querySelector("[data-working]").hidden = false;
worker.postMessage({ puzzle: box.dataset.puzzle, bits: Number(box.dataset.bits) });
