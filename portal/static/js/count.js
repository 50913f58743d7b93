// Says how many characters are left, brings a form with errors to the reader's attention, and keeps
// what was written when the session ends before it is sent: it is put back once the same person has
// signed in again in this tab.
const ENGLISH = document.documentElement.lang.startsWith("en");

function left(field) {
  const number = field.maxLength - field.value.length;
  return ENGLISH ? `${number} characters left` : `还可以写 ${number} 个字`;
}

for (const note of document.querySelectorAll("[data-count-of]")) {
  const field = document.getElementById(note.dataset.countOf);
  if (!field || field.maxLength < 0) continue;
  const refresh = () => { note.textContent = left(field); };
  field.addEventListener("input", refresh);
  refresh();
}

const UNSENT = "mingan.unsent";
const who = () => document.querySelector(".menu-name")?.textContent ?? "";
const texts = () => [...document.querySelectorAll("main textarea[name]")];

function putBack() {
  const kept = JSON.parse(sessionStorage.getItem(UNSENT) ?? "null");
  sessionStorage.removeItem(UNSENT);
  const signedIn = document.referrer && new URL(document.referrer).pathname === "/login";
  if (!kept || !signedIn || kept.who !== who() || kept.path !== location.pathname) return;
  for (const field of texts()) {
    if (!kept.texts[field.name]) continue;
    field.value = kept.texts[field.name];
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-ballot]")) return; // a vote leaves no copy
  const kept = Object.fromEntries(texts().map((field) => [field.name, field.value]));
  sessionStorage.setItem(UNSENT, JSON.stringify({ who: who(), path: location.pathname, texts: kept }));
});

if (texts().length) putBack();
document.getElementById("errors")?.focus();
