// What a reviewer filled in, as a ballot; and what is wrong with it. The server checks a ballot in
// the same way, but it never sees one that is sealed here.
const YUAN = /^[¥￥]?\s*(\d{1,10}|\d{1,3}(?:,\d{3})+)(?:\.(\d{1,2}))?\s*元?$/;
const SHARE = /^(\d{1,3})(?:\.(\d{1,2}))?\s*%?$/;
const MOMENT = /^(?:(\d{1,2}):)?(\d{1,3}):(\d{2})(?:\.(\d{1,3}))?$/;
const WHOLE = 10_000;
const TEXT_LIMIT = 2000;
const CITATION_LIMIT = 50;

/** A fault: its code, and the field of the form where a person mends it. */
export class Fault extends Error {
  constructor(code, field) {
    super(code);
    this.code = code;
    this.field = field;
  }
}

function hundredths(typed, pattern, fault) {
  const text = typed.normalize("NFKC").trim();
  if (!text) return 0;
  const found = pattern.exec(text);
  if (!found) throw fault;
  return Number(found[1].replaceAll(",", "")) * 100 + Number((found[2] ?? "").padEnd(2, "0"));
}

function second(typed) {
  const found = MOMENT.exec(typed);
  if (!found) throw new Fault("BAD_MOMENT", "moments");
  const [, hours, minutes, seconds, fraction] = found;
  const whole = Number(hours ?? 0) * 3600 + Number(minutes) * 60 + Number(seconds);
  return fraction ? `${whole}.${fraction}` : String(whole);
}

const moments = (text) => text.replaceAll("：", ":").trim().split(/[\s,，、;；]+/).filter(Boolean).map(second);

function liability(data, parties) {
  const shares = {};
  for (const party of parties) {
    const share = hundredths(data.get(`share_${party}`) ?? "", SHARE, new Fault("BAD_SHARE", `share_${party}`));
    if (share) shares[party] = share;
  }
  return shares;
}

// Half a character can be typed but has no UTF-8.
const wellFormed = (text) => new TextDecoder().decode(new TextEncoder().encode(text));

/** The ballot that this form says. Throws Fault for an amount or a moment that cannot be read. */
export function readBallot(form, { seat, claimed, parties }) {
  const data = new FormData(form);
  const choice = data.get("option") ?? "";
  const [partial, support] = [choice === "PARTIAL", choice === "SUPPORT_CLAIMANT"];
  const fen = (field) => (partial ? hundredths(data.get(field) ?? "", YUAN, new Fault("BAD_AMOUNT", field)) : 0);
  return {
    amount_fen: support ? claimed.refund_fen : fen("amount_fen"),
    cast_at: new Date().toISOString(),
    choice,
    citations: [...data.getAll("citations"), ...moments(data.get("moments") ?? "")],
    compensation_fen: support ? claimed.compensation_fen : fen("compensation_fen"),
    liability: liability(data, parties),
    reasons: data.getAll("reasons"),
    remedy: (partial && data.get("remedy")) || null,
    seat,
    text: wellFormed(data.get("reason") ?? "").replaceAll("\r\n", "\n").trim(),
  };
}

const milliseconds = (citation) => (/^\d{1,6}(?:\.\d{1,3})?$/.test(citation) ? Math.round(Number(citation) * 1000) : null);

function cited(citation, { exhibits, replay_ms: length }) {
  const at = milliseconds(citation);
  return exhibits.includes(citation) || (at !== null && length > 0 && at <= length);
}

function checkAmount(fen, most, field) {
  if (fen > most) throw new Fault("AMOUNT_TOO_HIGH", field);
}

/** Throws the first Fault, in the order of reviewers.ballot.check. */
export function checkBallot(ballot, claimed) {
  const { reasons, citations, liability: shares, text } = ballot;
  const total = Object.values(shares).reduce((sum, share) => sum + share, 0);
  if (!ballot.choice) throw new Fault("NO_CHOICE", "option");
  if (!reasons.length) throw new Fault("NO_REASON", "reasons");
  if (!citations.length) throw new Fault("NO_CITATION", "citations");
  if (citations.length > CITATION_LIMIT) throw new Fault("TOO_MANY_CITATIONS", "citations");
  if (!citations.every((one) => cited(one, claimed))) throw new Fault("UNKNOWN_CITATION", "moments");
  checkAmount(ballot.amount_fen, claimed.refund_fen, "amount_fen");
  checkAmount(ballot.compensation_fen, claimed.compensation_fen, "compensation_fen");
  const grants = ballot.amount_fen || ballot.compensation_fen || claimed.without_money.includes(ballot.remedy);
  if (ballot.choice === "PARTIAL" && !grants) throw new Fault("PARTIAL_WITHOUT_AMOUNT", "amount_fen");
  if (total && total !== WHOLE) throw new Fault("BAD_SHARES", "liability");
  if (!text) throw new Fault("NO_TEXT", "reason");
  if ([...text].length > TEXT_LIMIT) throw new Fault("TEXT_TOO_LONG", "reason");
}
