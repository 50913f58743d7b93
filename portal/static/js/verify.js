// Checks a case's records in the reader's browser, against a key that the page has pinned, and says
// what it found. The checks themselves are in proof.js.
//
// data-src answers {vkey, witnesses, checkpoint, stream, entries, map, pending} (see proof.js). Places
// of the page with data-index and data-field show a field; data-value is its value as JSON text,
// without it the text of the place counts.
import { equal } from "./bytes.js";
import { checkSignature, readCheckpoint } from "./note.js";
import { CHECKS } from "./proof.js";

const ENGLISH = document.documentElement.lang.startsWith("en");

const WORDS = {
  leaf: ["记录指纹（SHA-256）", "Fingerprints (SHA-256)"],
  leafNote: ["从原文重新计算，不用网站给的数", "computed from the raw records, not taken from the site"],
  chain: ["逐条链接", "Chain of records"],
  chainNote: ["没有一条被改、被插、被删", "none changed, inserted or removed"],
  inclusion: ["包含证明", "Inclusion proofs"],
  inclusionNote: ["每一条都在检查点之内", "every record is covered by the checkpoint"],
  signature: ["检查点签名（Ed25519）", "Checkpoint signature (Ed25519)"],
  signatureNote: ["由公布的密钥签发", "made with the published key"],
  inclusionWaiting: ["最新 {n} 条等见证人签署后公布，到时再核验一次", "the newest {n} are published once witnesses have signed; verify again then"],
  complete: ["一条不少", "Nothing left out"],
  completeNote: ["此案共 {n} 条记录，一条不少，截至第 {size} 条", "these are all {n} records of the case, as of entry {size}"],
  completeWaiting: ["等见证人签署新的检查点，稍后才能证明一条不少", "provable once witnesses have signed the next checkpoint"],
  witnesses: ["见证人签名", "Cosignatures of witnesses"],
  witnessesNote: ["{names}", "{names}"],
  witnessesPassed: ["；另有 {n} 行签名此浏览器不能核对（后量子签名等），已略过", "; {n} more signature lines that this browser cannot check (post-quantum and others) are passed over"],
  witnessesAwaited: ["这个检查点还没有 {names} 的签名", "{names} has not signed this checkpoint yet"],
  witnessesNone: ["这条记录链没有设见证人", "this log asks no witnesses"],
  disclosure: ["页面内容", "Content of the page"],
  disclosureNote: ["本页显示的，就是存证里的", "what is shown is what was sealed"],
  saved: ["你保存的检查点", "The checkpoint you saved"],
  done: ["{step}：一致", "{step}: match"],
  bad: ["{step}：不符", "{step}: mismatch"],
  ms: ["{ms} 毫秒", "{ms} ms"],
  entry: ["第 {n} 条记录", "record {n}"],
  checkpoint: ["检查点", "the checkpoint"],
  again: ["再核验一次", "Verify again"],
  load: ["记录没能取来，请检查网络后重试。", "The records could not be fetched. Check the connection and try again."],
  unsupported: ["此浏览器不支持本机核验，请用电脑打开或下载离线核验包", "This browser cannot verify. Open the page on a computer or download the offline pack."],
  insecure: ["本页不是安全连接（https），浏览器不允许本机核验。", "This page was not opened over https, so the browser does not allow verification."],
  okTitle: ["{n} 条记录，全部一致", "{n} records, all consistent"],
  partTitle: ["{n} 条记录一致，另有 {waiting} 条等待公布", "{n} records consistent, {waiting} more wait to be published"],
  okText: ["未被改动。由你的浏览器于 {time} 核对，用时 {ms} 毫秒。", "Unaltered. Checked by your browser at {time} in {ms} ms."],
  badTitle: ["和存证不一致：{step}，{where}", "Does not match the record: {step}, {where}"],
  badText: ["请不要关闭本页，先下载原始记录，再联系消费者协会。", "Keep this page open, download the raw record, and contact the consumer association."],
  sameSize: ["条数相同，根指纹相同", "same size, same root"],
  grown: ["此后又增加了 {n} 条。历史是否一致，用离线核验包里的一致性证明核对。", "{n} records were added since. Consistency is checked with the offline pack."],
  older: ["你保存的检查点比本页的更新，请刷新本页后再核验。", "Your saved checkpoint is newer than this page. Reload and verify again."],
  notSaved: ["这段文字不是本记录链签发的检查点全文，没有对照。", "This text is not a whole checkpoint signed by this log, so nothing was compared."],
  copied: ["已复制。请存到你自己的地方，以后可以拿来对照。", "Copied. Keep it somewhere of your own to compare later."],
  notCopied: ["浏览器不允许复制，请下载原始记录。", "The browser does not allow copying. Download the raw record."],
  sealnone: [["未经", "核验"], ["Not", "checked"]],
  sealok: [["核验", "一致"], ["Verified", "match"]],
  sealbad: [["核验", "不符"], ["Does not", "match"]],
};

// What proof.js found, in the reader's language; anything else is shown as it is.
const REASONS = {
  "no records": "没有取到记录",
  "not a record": "原文不是记录的格式",
  "another stream": "属于别的案件",
  "number is not next": "编号不连续",
  "link is broken": "和前一条接不上，两条之中有一条被改过",
  "not in order": "次序不对",
  "outside the checkpoint": "不在检查点之内",
  "proof too long": "证明过长",
  "proof too short": "证明过短",
  "root differs": "算出的根指纹和检查点不同",
  "bad signature": "签名不成立",
  "not signed with the pinned key": "不是用公布的密钥签的",
  "checkpoint of another log": "是另一条记录链的检查点",
  "page and record differ": "本页标红的地方和存证里的不同",
  "no map": "没有给出总目录的证明",
  "malformed map": "总目录的证明格式不对",
  "map of another stream": "是别的案件在总目录里的证明",
  "not in the map": "总目录里没有此案",
  "map differs": "算出的总目录指纹不同",
  "records are missing": "和总目录里的条数或最后一条不同，少了记录",
  "bad cosignature": "见证人的签名不成立",
  "content has no digest": "展示的内容在存证里没有指纹",
};

function say(name, values = {}) {
  const text = WORDS[name][ENGLISH ? 1 : 0];
  if (Array.isArray(text)) return text;
  return Object.entries(values).reduce((line, [key, value]) => line.replace(`{${key}}`, value), text);
}

class Verifier {
  constructor(section) {
    this.section = section;
    this.steps = section.querySelector("[data-steps]");
    this.known = null;
    const button = section.querySelector("[data-verify]");
    button.addEventListener("click", () => this.run());
    button.disabled = false; // until now a click would have been lost
    section.querySelector("[data-copy]").addEventListener("click", () => this.copy());
    if ("auto" in section.dataset) this.run();
  }

  async run() {
    this.steps.replaceChildren();
    const trouble = await lacking();
    if (trouble) return this.say("none", this.at(".seal-title").textContent, trouble);
    try {
      this.known = await this.fetchKnown();
    } catch {
      return this.say("none", this.at(".seal-title").textContent, say("load"));
    }
    return this.check();
  }

  async fetchKnown() {
    const answer = await fetch(this.section.dataset.src, { headers: { Accept: "application/json" }, cache: "no-store" });
    if (!answer.ok) throw new Error(String(answer.status));
    const { checkpoint, ...rest } = await answer.json();
    // The keys that the page pinned count; those that came with the data prove nothing.
    const { vkey, witnesses } = this.section.dataset;
    const pinned = witnesses === undefined ? rest.witnesses : witnesses.split(" ").filter(Boolean);
    return { ...rest, note: checkpoint, vkey: vkey || rest.vkey, witnesses: pinned, shown: shownPlaces() };
  }

  async check() {
    const started = performance.now();
    for (const [name, act] of CHECKS) {
      const before = performance.now();
      let found;
      try {
        found = await act(this.known);
      } catch (error) {
        return this.refuse(name, error);
      }
      const ms = say("ms", { ms: (performance.now() - before).toFixed(1) });
      this.step(found?.todo ? "todo" : "done", name, `${noteOf(name, found)} · ${ms}`);
    }
    await this.compareSaved();
    return this.accept(Math.round(performance.now() - started));
  }

  accept(ms) {
    const time = new Date().toLocaleTimeString(ENGLISH ? "en-GB" : "zh-CN", { hour12: false });
    const wrong = this.steps.querySelector(".bad");
    if (wrong) return this.say("bad", say("badTitle", { step: say("saved"), where: say("checkpoint") }), say("badText"));
    const { entries, waiting } = this.known;
    const title = waiting ? say("partTitle", { n: entries.length - waiting, waiting }) : say("okTitle", { n: entries.length });
    return this.say("ok", title, say("okText", { time, ms }));
  }

  refuse(name, error) {
    const where = Number.isInteger(error.where) ? say("entry", { n: error.where }) : say("checkpoint");
    this.step("bad", name, `${where} · ${reason(error)}`);
    this.say("bad", say("badTitle", { step: say(name), where }), say("badText"));
  }

  async compareSaved() {
    const text = this.section.querySelector("[data-saved]")?.value.trim();
    if (!text) return;
    const { checkpoint } = this.known;
    let saved;
    try {
      saved = readCheckpoint(`${text}\n`);
      await checkSignature(saved, this.known.vkey);
    } catch {
      // A text cut off while copying is no evidence against anybody.
      this.step("todo", "saved", say("notSaved"));
      return;
    }
    const grown = checkpoint.size - saved.size;
    const same = saved.origin === checkpoint.origin && equal(saved.root, checkpoint.root);
    if (grown > 0) this.step("todo", "saved", say("grown", { n: grown }));
    else if (grown < 0) this.step("todo", "saved", say("older"));
    else this.step(same ? "done" : "bad", "saved", same ? say("sameSize") : reason({ message: "root differs" }));
  }

  step(state, name, note) {
    const line = document.createElement("li");
    const title = say(name);
    line.className = state;
    line.append(paragraph("t", state === "todo" ? title : say(state, { step: title })));
    line.append(paragraph("small muted num", note));
    this.steps.append(line);
  }

  say(state, title, text) {
    const seal = this.at("[data-seal]");
    seal.className = `seal ${state}`;
    seal.querySelectorAll(".seal-mark span").forEach((half, place) => { half.textContent = say(`seal${state}`)[place]; });
    this.at(".seal-title").textContent = title;
    this.at(".seal-text > .small").textContent = text;
    this.at("[data-verify]").textContent = say("again");
    // After a mismatch the evidence is kept; pressing again until it fits is no answer.
    this.at("[data-verify]").hidden = state === "bad";
    this.at("[data-after]").hidden = this.known === null;
  }

  at(selector) {
    return this.section.querySelector(selector);
  }

  async copy() {
    const copied = await navigator.clipboard.writeText(this.known.note).then(() => true, () => false);
    this.at("[data-copied]").textContent = say(copied ? "copied" : "notCopied");
  }
}

function shownPlaces() {
  return [...document.querySelectorAll("[data-index][data-field]")].map((place) => ({
    index: Number(place.dataset.index),
    field: place.dataset.field,
    json: place.dataset.value ?? JSON.stringify(place.textContent.trim()),
    mark: (wrong) => place.classList.toggle("is-wrong", wrong),
  }));
}

function paragraph(kind, text) {
  return Object.assign(document.createElement("p"), { className: kind, textContent: text });
}

/** What is said below a step: its usual words, or those that the check brought along. */
function noteOf(name, found) {
  const text = say(found?.todo ?? found?.note ?? `${name}Note`, { ...found, names: namesIn(found) });
  return found?.passed ? text + say("witnessesPassed", { n: found.passed }) : text;
}

function namesIn(found) {
  const [locale, zone] = ENGLISH ? ["en-GB", " (Beijing time)"] : ["zh-CN", "（北京时间）"];
  const told = (at) => at.toLocaleString(locale, { hour12: false, timeZone: "Asia/Shanghai" }) + zone;
  const named = ({ name, at }) => `${name} ${told(at)}`;
  return found?.names ?? found?.signed?.map(named).join(ENGLISH ? "; " : "；") ?? "";
}

function reason(error) {
  return (!ENGLISH && REASONS[error.message]) || error.message;
}

/** Why this browser cannot verify, or an empty text. Tried, not guessed from a version. */
async function lacking() {
  if (!globalThis.crypto?.subtle) return say("insecure");
  try {
    await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"]);
    return "";
  } catch {
    return say("unsupported");
  }
}

document.querySelectorAll("[data-verifier]").forEach((section) => new Verifier(section));
