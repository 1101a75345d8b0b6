// While somebody types, what a search finds is shown anew in its place; without scripts a button
// does the same.

const PAUSE = 250;

// The line that says how many there are stays where it is, so that it is read out when it changes.
function show(there, found) {
  there.querySelector("[role=status]").textContent =
    found.querySelector("[role=status]").textContent;
  there.querySelector("ul")?.remove();
  const list = found.querySelector("ul");
  if (list) there.append(list);
}

export function begin(form) {
  const field = form.querySelector("input[type=search]");
  let timer = 0;
  let asked = 0;
  const look = async () => {
    const address = new URL(form.action, location.href);
    address.search = new URLSearchParams(new FormData(form)).toString();
    const own = (asked += 1);
    const answer = await fetch(address, { credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok || own !== asked) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.getElementById(form.dataset.search);
    if (own === asked && found) show(document.getElementById(form.dataset.search), found);
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE);
  });
}
