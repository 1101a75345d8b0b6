// A form on its way: signed where it can be; where it cannot, its person is told why and decides.

const FIELD = "hand";

// Returns whether the form is to go now. Nothing that was typed is touched.
export async function signed(form, submitter) {
  form.querySelector(`input[name=${FIELD}]`)?.remove();
  for (const old of document.querySelectorAll(".not-signed")) old.remove();
  try {
    // Loaded here, so that a connection lost on the way is told like all else that keeps from it.
    const { signatures } = await import("./signing.js");
    const hand = await signatures(form, submitter);
    if (hand !== null) {
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name: FIELD, value: hand });
      form.append(field);
    }
    return true;
  } catch (error) {
    return asked(form, submitter, error.why ?? "failed");
  }
}

// Says what is wrong, and waits for what the person wants.
function asked(form, submitter, why) {
  const box = document.getElementById("not-signed").content.cloneNode(true).firstElementChild;
  for (const text of box.querySelectorAll("[data-why]")) {
    if (!text.dataset.why.split(" ").includes(why)) text.remove();
  }
  const at = submitter?.form === form && submitter.isConnected ? submitter : form;
  (at.closest(".buttons, .act, p, article") ?? at).after(box);
  box.querySelector("h2").focus();
  return new Promise((resolve) => {
    const done = (go) => { box.remove(); resolve(go); };
    box.addEventListener("click", async ({ target }) => {
      const wish = target.closest("button")?.dataset.wish;
      if (wish === "unsigned") done(true);
      if (wish === "stay") done(false);
      if (wish === "again") {
        const typed = box.querySelector("input")?.value;
        if (typed && !(await opens(typed))) {
          box.querySelector(".error").hidden = false;
          return;
        }
        done(await signed(form, submitter));
      }
    });
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.target.tagName !== "INPUT") return;
      event.preventDefault();
      box.querySelector("[data-wish=again]").click();
    });
  });
}

async function opens(passphrase) {
  const text = passphrase.normalize("NFC").replace(/\p{Zs}/gu, " ");
  return import("./keybox.js")
    .then(({ unlockWith }) => unlockWith("passphrase", new TextEncoder().encode(text)))
    .catch(() => false);
}
