// Says how many characters are left, and brings a form with errors to the reader's attention.
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

document.getElementById("errors")?.focus();
