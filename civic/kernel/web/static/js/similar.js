// Open proposals like the one that somebody writes, looked for at each pause while they type its
// title. The title goes in the body of a request: addresses end up in logs.

const PAUSE = 700;
const LEAST = 4;

export function begin() {
  const place = document.querySelector("[data-similar]");
  const { form } = place.closest("form").elements.title;
  const { title, lang, key } = form.elements;
  let waiting = null;
  let asking = null;
  let asked = null;

  async function look() {
    asked = title.value;
    asking?.abort();
    asking = new AbortController();
    const body = new URLSearchParams({ key: key.value, title: asked });
    if (lang?.value) body.set("lang", lang.value);
    const answer = await fetch(place.dataset.similar, {
      method: "POST", body, cache: "no-store", redirect: "manual", signal: asking.signal,
      headers: { "x-civic-part": "similar", accept: "text/html" },
    });
    if (!answer.ok) return;
    const part = new DOMParser().parseFromString(await answer.text(), "text/html");
    place.replaceChildren(...part.body.children);
  }

  function changed() {
    if (title.value.trim().length < LEAST) place.replaceChildren();
    // Without an answer nothing is shown: the button asks again.
    else if (title.value !== asked) look().catch(() => undefined);
  }

  title.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(changed, PAUSE);
  });
  if (!place.childElementCount) changed();
}
