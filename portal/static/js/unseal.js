// Compares a reviewer's own ballot with the record, here and not on the server: the slip is the
// fingerprint of the envelope, the published key opens it, and what comes out is what was counted.
import { canonical, fromHex, open, slipOf } from "./envelope.js";

class Comparison {
  constructor(section) {
    this.section = section;
    this.told = JSON.parse(section.dataset.record);
    this.run();
  }

  async run() {
    try {
      const answer = await fetch(this.section.dataset.unseal, { cache: "no-store" });
      if (!answer.ok) throw new Error("load");
      await this.compare(new Uint8Array(await answer.arrayBuffer()));
    } catch {
      this.mark("load", false);
    }
  }

  async compare(content) {
    this.mark("slip", await slipOf(content) === this.told.slip);
    const { ballot } = await open(content, fromHex(this.told.key)).catch(() => ({}));
    this.mark("key", Boolean(ballot));
    if (ballot) this.mark("ballot", canonical(ballot) === canonical(this.told.ballot));
  }

  mark(step, good) {
    const line = this.section.querySelector(`[data-step="${step}"]`);
    line.hidden = false;
    line.className = good ? "done" : "bad";
    line.querySelector(good ? "[data-good]" : "[data-bad]").hidden = false;
  }
}

document.querySelectorAll("[data-unseal]").forEach((section) => new Comparison(section));
