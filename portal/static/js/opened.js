// Tells the server which exhibits were really opened: no ballot is taken before all that are
// required have been. Without this script each tile leads to a page that says so.
class Gate {
  constructor(box) {
    this.box = box;
    this.opened = new Set(JSON.parse(box.dataset.opened));
    this.required = JSON.parse(box.dataset.required);
    document.addEventListener("exhibit-opened", (event) => this.note(event.detail));
    this.draw();
  }

  async note(number) {
    if (this.opened.has(number)) return;
    const token = document.querySelector("[name=csrf_token]")?.value ?? "";
    const answer = await fetch(this.box.dataset.gate, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token },
      body: JSON.stringify({ numbers: [number] }),
    }).catch(() => null);
    if (!answer?.ok) return; // opened again, it is told again
    for (const one of (await answer.json()).opened) this.opened.add(one);
    this.draw();
  }

  draw() {
    for (const mark of document.querySelectorAll("[data-seen]")) mark.hidden = !this.opened.has(mark.dataset.seen);
    for (const link of this.box.querySelectorAll("[data-missing]")) link.hidden = this.opened.has(link.dataset.missing);
    const done = this.required.filter((number) => this.opened.has(number)).length;
    this.box.querySelector("[data-done]").textContent = done;
    this.box.classList.toggle("ok", done === this.required.length);
    this.box.querySelector("[data-todo]").hidden = done === this.required.length;
  }
}

document.querySelectorAll("[data-gate]").forEach((box) => new Gate(box));
