// Seals the ballot in this browser, so that the server never holds it in the clear. Before anything
// is sent it is checked and shown once more: a vote cannot be taken back. If this browser cannot
// seal, the form is sent as it is, and the page says that the server seals it.
import { checkBallot, Fault, readBallot } from "./ballotform.js";
import { seal, slipOf } from "./envelope.js";
import { canSeal } from "./hpke.js";
import { yuan } from "./money.js";

class Ballot {
  constructor(form) {
    this.form = form;
    this.told = JSON.parse(form.dataset.ballot);
    this.dialog = document.querySelector("[data-confirm]");
    this.sealsHere = false;
    this.sure = false;
    this.begin();
  }

  async begin() {
    this.form.addEventListener("submit", (event) => this.submit(event));
    this.dialog.querySelector("[data-back]").addEventListener("click", () => this.dialog.close());
    this.dialog.querySelector("[data-go]").addEventListener("click", () => this.go());
    this.form.querySelector("[data-checked]").hidden = true; // the dialog asks instead
    this.ready = canSeal().then((can) => this.announce(can && this.told.trustees.length > 0));
    await this.ready;
  }

  announce(here) {
    this.sealsHere = here;
    for (const text of document.querySelectorAll("[data-sealed-by]")) text.hidden = (text.dataset.sealedBy === "BROWSER") !== here;
  }

  async submit(event) {
    if (this.sure) return;
    event.preventDefault();
    await this.ready;
    this.clear();
    if (this.unread()) return;
    try {
      this.ballot = readBallot(this.form, this.told);
      checkBallot(this.ballot, this.told.claimed);
    } catch (fault) {
      if (!(fault instanceof Fault)) throw fault;
      this.complain(this.told.faults[fault.code] ?? fault.code, fault.field);
      return;
    }
    this.summarize();
    this.say("");
    this.dialog.showModal();
  }

  /** The server refuses a ballot before all exhibits were opened; here it is said at once. */
  unread() {
    const todo = document.querySelector("[data-gate] [data-todo]:not([hidden])");
    if (!todo) return false;
    this.complain(this.told.faults.NOT_OPENED, "gate");
    return true;
  }

  summarize() {
    const list = this.dialog.querySelector("[data-summary]");
    list.replaceChildren(...this.rows().map(([name, value]) => {
      const row = document.createElement("div");
      row.append(Object.assign(document.createElement("dt"), { textContent: name }));
      row.append(Object.assign(document.createElement("dd"), { textContent: value }));
      return row;
    }));
  }

  rows() {
    const { ballot, told } = this;
    const { names } = told;
    const label = (field, value) => this.form.querySelector(`[name=${field}][value="${CSS.escape(value)}"]`)?.closest("label")?.querySelector("b")?.textContent.trim();
    const checked = (field) => [...this.form.querySelectorAll(`[name=${field}]:checked`)].map((box) => box.closest("label").textContent.trim()).join("；");
    const shares = told.parties.filter((party) => ballot.liability[party]).map((party) => `${told.party_names[party]} ${ballot.liability[party] / 100}%`);
    const sums = ballot.choice === "PARTIAL" || ballot.choice === "SUPPORT_CLAIMANT";
    return [
      [names.choice, label("option", ballot.choice) ?? ballot.choice],
      ...(sums ? [[names.amount, yuan(ballot.amount_fen)]] : []),
      ...(sums && told.claimed.compensation_fen ? [[names.compensation, yuan(ballot.compensation_fen)]] : []),
      [names.reasons, checked("reasons")],
      [names.citations, [checked("citations"), this.form.querySelector("[name=moments]")?.value.trim()].filter(Boolean).join("；")],
      ...(shares.length ? [[names.liability, shares.join("；")]] : []),
      [names.text, ballot.text],
    ];
  }

  async go() {
    if (!this.sealsHere) return this.sendAsItIs();
    this.busy(true);
    try {
      this.say(this.told.says.sealing);
      const envelope = await seal(this.ballot, this.told.context, this.told.trustees);
      const slip = await slipOf(envelope);
      this.say(`${this.told.says.sending} ${slip.slice(0, 4)}…${slip.slice(-4)}`);
      location.assign(await this.send(envelope, slip));
    } catch (error) {
      this.say(error.message || this.told.says.lost, true);
      this.busy(false);
    }
    return undefined;
  }

  sendAsItIs() {
    this.sure = true;
    this.form.querySelector("[data-checked] input").checked = true;
    this.form.requestSubmit();
  }

  /** The page with the slip. Sent again after a lost answer, the same vote counts once. */
  async send(envelope, slip) {
    const { csrf_token: token, command_id: wish } = this.form.elements;
    const answer = await fetch(this.told.send_to, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token.value },
      body: JSON.stringify({ command_id: wish.value, envelope: new TextDecoder().decode(envelope) }),
    }).catch(() => { throw new Error(this.told.says.lost); });
    const told = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(told.message || this.told.says.lost);
    if (told.slip !== slip && !told.repeated) throw new Error(this.told.says.differs);
    return told.next;
  }

  busy(is) {
    for (const button of this.dialog.querySelectorAll("button")) button.disabled = is;
  }

  say(text, wrong = false) {
    const line = this.dialog.querySelector("[data-says]");
    line.textContent = text;
    line.classList.toggle("err", wrong);
  }

  clear() {
    document.querySelectorAll("[data-fault]").forEach((old) => old.remove());
    this.form.querySelectorAll(".haserr").forEach((box) => box.classList.remove("haserr"));
  }

  complain(text, field) {
    const found = document.querySelector(`form.ballot [name="${field}"], #${field}`);
    const box = found?.closest(".field, details, .gate") ?? this.form;
    const line = Object.assign(document.createElement("p"), { className: "err", textContent: text });
    line.dataset.fault = "";
    line.setAttribute("role", "alert");
    box.classList.add("haserr");
    if (box.tagName === "DETAILS") box.open = true;
    const head = box.querySelector("legend, label, summary");
    if (head) head.after(line);
    else box.prepend(line);
    (found?.matches("input, select, textarea") ? found : box).scrollIntoView({ block: "center" });
    found?.focus?.({ preventScroll: true });
  }
}

document.querySelectorAll("form[data-ballot]").forEach((form) => new Ballot(form));
