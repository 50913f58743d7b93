// Repeats a draw in the reader's browser and says, step by step, whether the record holds.
//
// data-src answers what portal/panels/drawing.py (as_json) makes, data-pool the file of candidates;
// data-vkey and data-witnesses are the keys that the page has pinned. Seats of the page are [data-seat].
import { demand, sha256 } from "./bytes.js";
import { cosignatures, countPool, drawPanel, followChanges, fromHex, makeSeed, readPool, toHex } from "./lots.js";
import { checkSignature, readCheckpoint, readCosignatures } from "./note.js";

const ENGLISH = document.documentElement.lang.startsWith("en");

const WORDS = {
  pool: ["候选名单的指纹", "Fingerprint of the candidates"],
  poolNote: ["下载 {size}，和记录里的指纹一致", "{size} downloaded, the same as on record"],
  counts: ["候选人和排除人数", "Candidates and exclusions"],
  countsNote: ["{n} 名候选人，排除 {out} 人", "{n} candidates, {out} left out"],
  checkpoint: ["检查点", "Checkpoint"],
  checkpointNote: ["由公布的密钥签名，含 {n} 条记录，名单是第 {called} 条", "signed with the published key over {n} entries; the list is entry {called}"],
  witnesses: ["见证人", "Witnesses"],
  witnessesNote: ["{names} 签过名", "signed by {names}"],
  witnessesNone: ["没有见证人签名，种子由运营方一家决定", "no witness signed; the operator alone made the seed"],
  seed: ["种子", "Seed"],
  seedNote: ["{seed}", "{seed}"],
  seats: ["席位", "Seats"],
  seatsNote: ["{n} 席，全部相同", "{n} seats, all the same"],
  reserves: ["候补次序", "Order of reserves"],
  reservesNote: ["{n} 人，全部相同", "{n} people, all the same"],
  changes: ["更换", "Replacements"],
  changesNote: ["{n} 次变动，都按候补次序", "{n} changes, each the next reserve in order"],
  changesNone: ["没有人离开席位", "nobody left a seat"],
  same: ["✓ 重抽相同", "✓ drawn again, the same"],
  differs: ["✗ 重抽得到 {id}", "✗ drawn again: {id}"],
  okTitle: ["重抽的结果和记录一致", "Drawn again, and the record holds"],
  okText: ["由你的浏览器于 {time} 抽完，用时 {ms} 毫秒，其中计算 {work} 毫秒。", "Done by your browser at {time} in {ms} ms, {work} ms of it arithmetic."],
  badTitle: ["重抽的结果和记录不同：{step}", "Drawn again, and the record differs: {step}"],
  badText: ["请保存本页和候选名单，联系消费者协会。", "Keep this page and the file of candidates, and contact the consumer association."],
  load: ["数据没能取来，请检查网络后重试。", "The data could not be fetched. Check the connection and try again."],
  insecure: ["本页不是安全连接（https），浏览器不允许计算。", "This page was not opened over https, so the browser does not allow this."],
  again: ["再抽一遍", "Draw again"],
  sealok: [["重抽", "一致"], ["Drawn", "same"]],
  sealbad: [["重抽", "不符"], ["Drawn", "differs"]],
};

function say(name, values = {}) {
  const text = WORDS[name][ENGLISH ? 1 : 0];
  if (Array.isArray(text)) return text;
  return Object.entries(values).reduce((line, [key, value]) => line.replace(`{${key}}`, value), text);
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const sorted = (object) => Object.fromEntries(Object.entries(object).sort(([one], [other]) => (one < other ? -1 : 1)));
const paint = () => new Promise((done) => { requestAnimationFrame(() => setTimeout(done)); });

/** Each takes what is known, adds to it, and gives the words below its step. */
const CHECKS = {
  async pool(known) {
    const digest = toHex(await sha256(known.content));
    demand(digest === known.pool_sha256, "another file");
    return { size: `${Math.ceil(known.content.length / 1024)} KB` };
  },
  async counts(known) {
    known.pool = readPool(known.content);
    const { counts, exclusions } = countPool(known.pool);
    demand(same(sorted(counts), sorted(known.counts)) && same(sorted(exclusions), sorted(known.exclusions)), "other numbers");
    const sum = (object) => Object.values(object).reduce((all, one) => all + one, 0);
    return { n: sum(counts), out: sum(exclusions) };
  },
  async checkpoint(known) {
    known.note = readCheckpoint(known.drawn.checkpoint);
    await checkSignature(known.note, known.vkey);
    demand(known.note.size > known.called, "made before the list was fixed");
    return { n: known.note.size, called: known.called };
  },
  async witnesses(known) {
    const { signed } = await readCosignatures(known.note, known.witnesses);
    const names = signed.map(({ name }) => name).join(ENGLISH ? ", " : "、");
    return names ? { names } : { note: "witnessesNone" };
  },
  async seed(known) {
    const wanted = cosignatures(known.drawn.checkpoint).map(toHex);
    const { extra } = known.drawn;
    demand(same(extra.slice(0, wanted.length), wanted), "other cosignatures in the seed");
    demand(extra.length - wanted.length === (known.beacon ? 1 : 0), "something else in the seed");
    known.made = await makeSeed(known.case_no, known.round, known.note.root, extra.map(fromHex));
    demand(toHex(known.made) === known.drawn.seed, "another seed");
    return { seed: known.drawn.seed };
  },
  async seats(known, page) {
    const { seats, reserves_wanted: reserves } = known.drawn;
    const all = known.seats.reduce((sum, [, needed]) => sum + needed, 0);
    known.panel = await drawPanel(known.made, known.pool.strata, known.seats, reserves, (n) => page.progress(n / all));
    known.panel.seats.forEach(([number, id], place) => page.mark(number, id, same(seats[place], known.panel.seats[place])));
    demand(same(seats, known.panel.seats), "other seats");
    return { n: seats.length };
  },
  async reserves(known) {
    demand(same(sorted(known.drawn.reserves), sorted(known.panel.reserves)), "other reserves");
    return { n: Object.values(known.panel.reserves).flat().length };
  },
  async changes(known) {
    followChanges(known.panel, known.drawn.changes);
    return known.drawn.changes.length ? { n: known.drawn.changes.length } : { note: "changesNone" };
  },
};

class Repeater {
  constructor(section) {
    this.section = section;
    this.steps = this.at("[data-steps]");
    this.bar = this.at("[data-progress]");
    this.at("[data-start]").addEventListener("click", () => this.run());
    this.at("[data-start]").disabled = false;
  }

  at(selector) {
    return this.section.querySelector(selector);
  }

  async run() {
    if (!globalThis.crypto?.subtle) return this.tell(say("insecure"));
    this.steps.replaceChildren();
    this.at("[data-start]").disabled = true;
    this.progress(0);
    const started = performance.now();
    try {
      const known = await this.fetchKnown();
      const fetched = performance.now();
      await this.check(known, started, fetched);
    } catch {
      this.tell(say("load"));
    }
    this.at("[data-start]").disabled = false;
    this.bar.hidden = true;
  }

  async fetchKnown() {
    const { src, pool, vkey, witnesses } = this.section.dataset;
    const [told, file] = await Promise.all([fetch(src, { cache: "no-store" }), fetch(pool)]);
    if (!told.ok || !file.ok) throw new Error("not there");
    const content = new Uint8Array(await file.arrayBuffer());
    return { ...await told.json(), content, vkey, witnesses: witnesses.split(" ").filter(Boolean) };
  }

  async check(known, started, fetched) {
    for (const [name, act] of Object.entries(CHECKS)) {
      let found;
      try {
        found = await act(known, this);
      } catch (error) {
        this.step("bad", name, error.message);
        this.seal("bad", say("badTitle", { step: say(name) }), say("badText"));
        return;
      }
      this.step("done", name, say(found.note ?? `${name}Note`, found));
    }
    const now = performance.now();
    const time = new Date().toLocaleTimeString(ENGLISH ? "en-GB" : "zh-CN", { hour12: false });
    this.section.dataset.work = String(Math.round(now - fetched));
    this.seal("ok", say("okTitle"), say("okText", { time, ms: Math.round(now - started), work: Math.round(now - fetched) }));
    await paint();
  }

  progress(share) {
    this.bar.hidden = false;
    this.bar.value = Math.round(100 * share);
  }

  mark(number, id, agrees) {
    const seat = document.querySelector(`[data-seat="${number}"]`);
    if (!seat) return;
    seat.classList.toggle("is-wrong", !agrees);
    seat.querySelector("[data-mark]").textContent = agrees ? say("same") : say("differs", { id });
  }

  step(state, name, note) {
    const line = Object.assign(document.createElement("li"), { className: state });
    line.append(paragraph("t", say(name)), paragraph("small muted num break", note));
    this.steps.append(line);
  }

  seal(state, title, text) {
    const seal = this.at("[data-seal]");
    seal.className = `seal ${state}`;
    seal.querySelectorAll(".seal-mark span").forEach((half, place) => { half.textContent = say(`seal${state}`)[place]; });
    this.at(".seal-title").textContent = title;
    this.at("[data-start]").textContent = say("again");
    this.tell(text);
  }

  tell(text) {
    this.at(".seal-text > .small").textContent = text;
  }
}

function paragraph(kind, text) {
  return Object.assign(document.createElement("p"), { className: kind, textContent: text });
}

document.querySelectorAll("[data-draw]").forEach((section) => new Repeater(section));
