// The checks of a case's records, without the page: nothing here knows the DOM.
//
// What is known at first: {vkey, witnesses, note, stream, entries: [{index, raw, proof,
// disclosures}], map: {index, raw, proof, stream}, pending, shown}, where note is the text of the
// checkpoint, witnesses are the keys whose cosignatures count, raw the exact text of an entry, proof
// the base64 hashes of its inclusion proof (RFC 6962, the leaf's sibling first), disclosures the
// texts of the fields shown to this reader, map the entry with the root of the map and the text of
// the proof under it, and shown the places of the page: {index, field, json, mark(wrong)}.
// pending says that witnesses are awaited: the newest entries are not in a checkpoint yet.
//
// An entry: "mingan/entry/v2", a line "<stream> <seq> <prev> <command> <part> <key>", a payload.
//
// In this order, because each check rests on the one before:
//   1 leaf        SHA-256(0x00 || raw)
//   2 chain       seq counts from 0 without a gap, prev is the hash of the entry before, one stream
//   3 inclusion   leaf and proof lead to the root of the checkpoint
//   4 signature   Ed25519 over the checkpoint's text (C2SP signed note)
//   5 complete    the map under the checkpoint has this stream, with this length and last entry
//   6 disclosure  each field's digest stands in its entry (RFC 9901), and the page shows that value
//   7 witnesses   cosignatures by known Ed25519 keys (C2SP tlog-cosignature), each with its time
//
// Lines by other keys, and ML-DSA-44 lines, which no browser can check yet, are counted and passed
// over. A check returns what is to be said of it, if anything.
import { demand, equal, fromBase64, hashLeaf, Mismatch, sha256, toBase64, toBase64Url, UTF8 } from "./bytes.js";
import { checkSignature, readCheckpoint, readCosignatures } from "./note.js";
import { readMap, rootOf } from "./tree.js";

const MAP_STREAM = "ledger/map";

// ---- entries

const ENTRY = /^mingan\/entry\/v2\n([!-~]{1,200}) (0|[1-9]\d{0,15}) (-|[A-Za-z0-9+/]{43}=) [A-Za-z0-9+/]{43}= \d+\/\d+ ([!-~]+)\n/;

/** Stream, number, link and payload of an entry; the payload of a sealed one is JSON. */
function readEntry({ raw, index }) {
  const [line, stream, seq, prev, kid] = ENTRY.exec(raw) ?? [];
  demand(line, "not a record", index);
  return { stream, seq: Number(seq), prev, sealed: kid !== "-", payload: raw.slice(line.length) };
}

/** The digests of the fields that an entry commits to; a plain one, such as an erasure, has none. */
function digestsOf({ record, index }) {
  if (!record.sealed) return new Set();
  try {
    return new Set(JSON.parse(record.payload)._sd);
  } catch {
    throw new Mismatch("not a record", index);
  }
}

// ---- the checks; each takes and extends what is known

async function checkLeaves(known) {
  for (const entry of known.entries) {
    entry.leaf = await hashLeaf(UTF8.encode(entry.raw));
    entry.record = readEntry(entry);
  }
  demand(known.entries.length > 0, "no records");
}

async function checkChain(known) {
  let [prev, above] = ["-", -1];
  known.entries.forEach((entry, seq) => {
    demand(entry.record.stream === known.stream, "another stream", entry.index);
    demand(entry.record.seq === seq, "number is not next", entry.index);
    demand(entry.record.prev === prev, "link is broken", entry.index);
    demand(entry.index > above, "not in order", entry.index);
    [prev, above] = [toBase64(entry.leaf), entry.index];
  });
}

async function checkInclusion(known) {
  known.checkpoint = readCheckpoint(known.note);
  const { size } = known.checkpoint;
  const covered = known.pending ? known.entries.filter(({ index }) => index < size) : known.entries;
  known.waiting = known.entries.length - covered.length;
  for (const entry of covered) await checkIncluded(entry, known.checkpoint);
  return known.waiting ? { todo: "inclusionWaiting", n: known.waiting } : null;
}

async function checkIncluded({ index, leaf, proof }, { size, root }) {
  const found = await rootOf(leaf, index, size, proof.map(fromBase64));
  demand(equal(found, root), "root differs", index);
}

async function checkComplete(known) {
  if (!known.map && known.pending) return { todo: "completeWaiting" };
  demand(known.map, "no map");
  const { index, raw, proof, stream } = known.map;
  const { record, leaf } = { record: readEntry({ raw, index }), leaf: await hashLeaf(UTF8.encode(raw)) };
  demand(record.stream === MAP_STREAM, "another stream", index);
  await checkIncluded({ index, leaf, proof }, known.checkpoint);
  const [, root] = /^mingan\/map\/v1\n(\S+)\n$/.exec(record.payload) ?? [];
  demand(root, "malformed map", index);
  const { length, head } = await readMap(stream, known.stream, fromBase64(root));
  const last = known.entries.at(-1);
  demand(length === known.entries.length && last.index < index, "records are missing");
  demand(equal(head, last.leaf), "records are missing", last.index);
  return { note: "completeNote", n: length, size: index };
}

async function checkDisclosures(known) {
  const values = new Map();
  for (const entry of known.entries) {
    const digests = digestsOf(entry);
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

async function checkWitnesses(known) {
  known.cosigned = await readCosignatures(known.checkpoint, known.witnesses);
  const { signed, awaited, passed } = known.cosigned;
  if (!signed.length) return { todo: awaited.length ? "witnessesAwaited" : "witnessesNone", names: awaited.join(", "), passed };
  return { note: "witnessesNote", signed, passed };
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
  ["complete", checkComplete],
  ["disclosure", checkDisclosures],
  ["witnesses", checkWitnesses],
];
