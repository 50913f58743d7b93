// The checks of a case's records, without the page: nothing here knows the DOM.
//
// What is known at first: {vkey, note, stream, entries: [{index, raw, proof, disclosures}], shown},
// where note is the text of the checkpoint, raw the exact text of an entry, proof the base64 hashes
// of its inclusion proof (RFC 6962, the leaf's sibling first), disclosures the texts of the fields
// shown to this reader, and shown the places of the page: {index, field, json, mark(wrong)}.
//
// In this order, because each check rests on the one before:
//   1 leaf        SHA-256(0x00 || raw)
//   2 chain       seq counts from 0 without a gap, prev is the hash of the entry before, one stream
//   3 inclusion   leaf and proof lead to the root of the checkpoint
//   4 signature   Ed25519 over the checkpoint's text (C2SP signed note)
//   5 disclosure  each field's digest stands in its entry (RFC 9901), and the page shows that value
const ED25519 = 1;
const UTF8 = new TextEncoder();

/** A check that failed: where is an entry's index, or null for the checkpoint. */
class Mismatch extends Error {
  constructor(reason, where = null) {
    super(reason);
    this.where = where;
  }
}

function demand(holds, reason, where) {
  if (!holds) throw new Mismatch(reason, where);
}

// ---- bytes

const fromBase64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const toBase64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
const toBase64Url = (bytes) => toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
export const equal = (one, other) => one.length === other.length && one.every((byte, place) => byte === other[place]);

function join(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
}

const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
const hashLeaf = (bytes) => sha256(join([0], bytes));
const hashNode = (left, right) => sha256(join([1], left, right));

// ---- note and checkpoint

/** The body of a signed note, final newline included, and its signature lines. */
function readNote(text) {
  const cut = text.lastIndexOf("\n\n");
  demand(cut >= 0, "no signature block");
  const lines = text.slice(cut + 2).split("\n");
  demand(lines.pop() === "", "no final newline");
  const signatures = lines.map((line) => /^— (\S+) (\S+)$/u.exec(line));
  demand(signatures.length > 0 && signatures.every(Boolean), "malformed signature line");
  return { body: text.slice(0, cut + 1), signatures: signatures.map(([, name, value]) => ({ name, value })) };
}

/** Origin, number of entries and root hash of a checkpoint's body. */
export function readCheckpoint(text) {
  const { body } = readNote(text);
  const [origin, size, root] = body.split("\n");
  demand(/^(0|[1-9]\d*)$/.test(size ?? "") && Number.isSafeInteger(Number(size)), "malformed size");
  const bytes = fromBase64(root ?? "");
  demand(origin && bytes.length === 32, "malformed root");
  return { origin, size: Number(size), root: bytes, text };
}

/** Name, key id and public key of a verifier key, `name+hex8+base64(0x01 || key)`. */
async function readVkey(vkey) {
  const [, name, hex, encoded] = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(vkey.trim()) ?? [];
  demand(name, "malformed key");
  const material = fromBase64(encoded);
  demand(material.length === 33 && material[0] === ED25519, "not an Ed25519 key");
  const id = (await sha256(join(UTF8.encode(`${name}\n`), material))).slice(0, 4);
  const shown = [...id].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  demand(shown === hex, "key id does not fit the key");
  return { name, id, key: material.slice(1) };
}

export async function checkSignature(checkpoint, vkey) {
  const { body, signatures } = readNote(checkpoint.text);
  const signer = await readVkey(vkey);
  demand(checkpoint.origin === signer.name, "checkpoint of another log");
  const key = await crypto.subtle.importKey("raw", signer.key, { name: "Ed25519" }, false, ["verify"]);
  for (const { name, value } of signatures) {
    const bytes = fromBase64(value);
    if (name !== signer.name || !equal(bytes.slice(0, 4), signer.id)) continue; // others may sign too
    demand(await crypto.subtle.verify("Ed25519", key, bytes.slice(4), UTF8.encode(body)), "bad signature");
    return;
  }
  throw new Mismatch("not signed with the pinned key");
}

// ---- tree

/** The root that a leaf and its proof lead to; RFC 9162, 2.1.3.2. Division, not shifts: a tree may
 * hold more than 2^31 entries. */
async function rootOf(leaf, index, size, proof) {
  let [place, last, hash] = [index, size - 1, leaf];
  demand(index < size, "outside the checkpoint", index);
  for (const sibling of proof) {
    demand(last > 0, "proof too long", index);
    if (place % 2 === 1 || place === last) {
      hash = await hashNode(sibling, hash);
      while (place % 2 === 0 && place > 0) [place, last] = [place / 2, Math.floor(last / 2)];
    } else {
      hash = await hashNode(hash, sibling);
    }
    [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
  }
  demand(last === 0, "proof too short", index);
  return hash;
}

// ---- the five checks; each takes and extends what is known

async function checkLeaves(known) {
  for (const entry of known.entries) {
    entry.leaf = await hashLeaf(UTF8.encode(entry.raw));
    try {
      entry.record = JSON.parse(entry.raw);
    } catch {
      throw new Mismatch("not a record", entry.index);
    }
  }
  demand(known.entries.length > 0, "no records");
}

async function checkChain(known) {
  let [prev, above] = ["", -1];
  known.entries.forEach((entry, seq) => {
    demand(entry.record.stream === known.stream, "another stream", entry.index);
    demand(entry.record.seq === seq, "number is not next", entry.index);
    demand(entry.record.prev === prev, "link is broken", entry.index);
    demand(entry.index > above, "not in order", entry.index);
    [prev, above] = [toBase64Url(entry.leaf), entry.index];
  });
}

async function checkInclusion(known) {
  known.checkpoint = readCheckpoint(known.note);
  const { size, root } = known.checkpoint;
  for (const entry of known.entries) {
    const proof = entry.proof.map(fromBase64);
    demand(equal(await rootOf(entry.leaf, entry.index, size, proof), root), "root differs", entry.index);
  }
}

async function checkDisclosures(known) {
  const values = new Map();
  for (const entry of known.entries) {
    const digests = new Set(entry.record._sd);
    for (const text of entry.disclosures) {
      const digest = toBase64Url(await sha256(UTF8.encode(toBase64Url(UTF8.encode(text)))));
      demand(digests.has(digest), "content has no digest", entry.index);
      const [, name, value] = JSON.parse(text);
      values.set(`${entry.index}/${name}`, stable(value));
    }
  }
  // A place that shows something nobody disclosed is as wrong as one that shows something else.
  for (const { index, field, json, mark } of known.shown) {
    const same = values.get(`${index}/${field}`) === stable(JSON.parse(json));
    mark(!same);
    demand(same, "page and record differ", index);
  }
}

/** JSON text with sorted keys, so that two writings of one value are equal. */
function stable(value) {
  const sort = (_, part) => part && typeof part === "object" && !Array.isArray(part)
    ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
    : part;
  return JSON.stringify(value, sort);
}

export const CHECKS = [
  ["leaf", checkLeaves],
  ["chain", checkChain],
  ["inclusion", checkInclusion],
  ["signature", (known) => checkSignature(known.checkpoint, known.vkey)],
  ["disclosure", checkDisclosures],
];
