// Counts every opened round again in the reader's browser (tally.js) and lays the result beside the
// recorded one, field by field. data-recount names the JSON with the votes.
import { yuan } from "./money.js";
import { tally } from "./tally.js";

const ENGLISH = document.documentElement.lang.startsWith("en");
const WORDS = {
  fields: {
    quorum_needed: ["至少要有的有效票", "Valid votes needed"],
    valid: ["有效票", "Valid votes"],
    counts: ["各种判断的票数", "Votes by option"],
    decided: ["多数意见", "Majority"],
    why: ["为什么", "Why"],
    outcome: ["结果", "Outcome"],
    remedy: ["怎么处理", "Remedy"],
    refund_fen: ["退款", "Refund"],
    compensation_fen: ["赔付", "Compensation"],
    dissent: ["少数意见的席位", "Dissenting seats"],
    needs_officer: ["要专员确认", "Needs an officer"],
    liability: ["责任比例", "Liability"],
  },
  round: ["第 {n} 轮", "Panel {n}"],
  recorded: ["记录", "Recorded"],
  computed: ["重算", "Recounted"],
  field: ["项目", "Figure"],
  same: ["一致", "same"],
  differs: ["不同", "differs"],
  ok: ["{n} 轮计票全部一致", "All {n} counts agree"],
  okOne: ["重新计票，结果一致", "Counted again: the result agrees"],
  bad: ["重新计票，结果不同", "Counted again: the result differs"],
  badText: ["请保留这一页，下载数据，再联系消费者协会。", "Keep this page, download the data, and contact the consumer association."],
  by: ["由你的浏览器按公布的规则从 {votes} 张票重新计算，用时 {ms} 毫秒。", "Your browser counted {votes} votes by the published rules in {ms} ms."],
  load: ["没能取到数据，请检查网络后再试。", "The data could not be fetched. Check the connection and try again."],
  ready: ["还没有重新计票", "Not counted yet"],
  yes: ["是", "yes"],
  comma: ["，", ", "],
  sealnone: [["未经", "核验"], ["Not", "checked"]],
  sealok: [["核验", "一致"], ["Verified", "match"]],
  sealbad: [["核验", "不符"], ["Does not", "match"]],
};

const in_ = ([chinese, english]) => (ENGLISH ? english : chinese);
const say = (name, values = {}) => in_(WORDS[name]).replace(/\{(\w+)\}/g, (_, key) => values[key]);

// Keys in one order, so that equal values have equal texts.
function canonical(value) {
  if (Array.isArray(value)) return value.map(canonical);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, canonical(value[key])]));
}

const spelled = (value) => JSON.stringify(canonical(value ?? null));

// A value as people read it: codes by their names, parts of a mapping in a row.
function told(value, field, labels) {
  if (value === null || value === undefined || value === false) return "—";
  if (value === true) return say("yes");
  if (Array.isArray(value)) return value.length ? value.join(say("comma")) : "—";
  if (typeof value === "object") return Object.entries(canonical(value)).map(([code, n]) => `${labels[code] ?? code} ${told(n, field, labels)}`).join(say("comma")) || "—";
  if (field.endsWith("_fen")) return yuan(value);
  if (field === "liability") return `${value / 100}%`;
  return labels[value] ?? String(value);
}

function compare(round, orders, labels) {
  const computed = tally(round, orders);
  const fields = [...new Set([...Object.keys(computed), ...Object.keys(round.result)])];
  return fields.map((field) => ({
    field,
    recorded: told(round.result[field], field, labels),
    computed: told(computed[field], field, labels),
    same: spelled(round.result[field]) === spelled(computed[field]),
  }));
}

function cell(tag, text, head) {
  const node = document.createElement(tag);
  if (tag === "th") node.scope = "col";
  if (head) node.dataset.head = head;
  node.append(Object.assign(document.createElement(tag === "th" ? "span" : "div"), { textContent: text }));
  return node;
}

function tableOf(round, rows) {
  const table = Object.assign(document.createElement("table"), { className: "tbl cards" });
  table.append(Object.assign(document.createElement("caption"), { textContent: say("round", { n: round.number }) }));
  const heads = [say("field"), say("recorded"), say("computed"), ""];
  const head = table.createTHead().insertRow();
  head.append(...heads.slice(0, 3).map((text) => cell("th", text)));
  const body = table.createTBody();
  for (const row of rows) {
    const name = WORDS.fields[row.field] ? in_(WORDS.fields[row.field]) : row.field;
    const line = body.insertRow();
    line.append(cell("td", name, heads[0]), cell("td", row.recorded, heads[1]));
    line.append(cell("td", `${row.computed} ${row.same ? "✓" : "✗"} ${say(row.same ? "same" : "differs")}`, heads[2]));
    if (!row.same) line.className = "bad";
  }
  const frame = Object.assign(document.createElement("div"), { className: "scroll", tabIndex: 0 });
  frame.setAttribute("role", "region");
  frame.setAttribute("aria-label", say("round", { n: round.number }));
  frame.append(table);
  return frame;
}

class Recount {
  constructor(box) {
    this.box = box;
    this.labels = JSON.parse(box.dataset.labels);
    this.button = box.querySelector("[data-count]");
    this.button.hidden = false;
    this.button.addEventListener("click", () => this.run());
    this.verdict("none", say("ready"), "");
  }

  verdict(state, title, text) {
    const seal = this.box.querySelector("[data-seal]");
    seal.className = `seal ${state}`;
    seal.querySelectorAll(".seal-mark span").forEach((half, place) => { half.textContent = in_(WORDS[`seal${state}`])[place]; });
    seal.querySelector(".seal-title").textContent = title;
    const small = seal.querySelector(".seal-text > .small");
    if (small) small.textContent = text;
  }

  async run() {
    const found = await this.fetched();
    if (!found) return this.verdict("none", say("ready"), say("load"));
    const start = performance.now();
    const rounds = found.rounds.map((round) => [round, compare(round, found, this.labels)]);
    const ms = Math.max(1, Math.round(performance.now() - start));
    const votes = found.rounds.reduce((sum, round) => sum + round.ballots.filter((b) => b.valid).length, 0);
    this.box.querySelector("[data-steps]").replaceChildren(...rounds.map(([round, rows]) => tableOf(round, rows)));
    if (!rounds.every(([, rows]) => rows.every((row) => row.same))) return this.verdict("bad", say("bad"), say("badText"));
    return this.verdict("ok", say(rounds.length > 1 ? "ok" : "okOne", { n: rounds.length }), say("by", { votes, ms }));
  }

  async fetched() {
    try {
      const answer = await fetch(this.box.dataset.recount, { headers: { Accept: "application/json" } });
      return answer.ok ? await answer.json() : null;
    } catch {
      return null;
    }
  }
}

const box = document.querySelector("[data-recount]");
if (box) new Recount(box).run();
