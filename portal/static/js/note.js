// Signed notes (C2SP): checkpoints of the log, signed by it and cosigned by witnesses.
import { demand, equal, fromBase64, join, sha256, UTF8 } from "./bytes.js";

const ED25519 = 1;
const COSIGNATURE = 4;

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

/** Name, key id, kind and public key of a verifier key, `name+hex8+base64(kind || key)`. */
async function readVkey(vkey) {
  const [, name, hex, encoded] = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(vkey.trim()) ?? [];
  demand(name, "malformed key");
  const material = fromBase64(encoded);
  const id = (await sha256(join(UTF8.encode(`${name}\n`), material))).slice(0, 4);
  const shown = [...id].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  demand(shown === hex, "key id does not fit the key");
  return { name, id, kind: material[0], key: material.slice(1) };
}

/** The lines of a note by this key, as bytes after the key id. */
const linesBy = (signatures, { name, id }) => signatures
  .filter((line) => line.name === name)
  .map(({ value }) => fromBase64(value))
  .filter((bytes) => equal(bytes.slice(0, 4), id))
  .map((bytes) => bytes.slice(4));

async function isSigned({ key }, signature, text) {
  const imported = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
  return crypto.subtle.verify("Ed25519", imported, signature, UTF8.encode(text));
}

export async function checkSignature(checkpoint, vkey) {
  const { body, signatures } = readNote(checkpoint.text);
  const signer = await readVkey(vkey);
  demand(signer.kind === ED25519 && signer.key.length === 32, "not an Ed25519 key");
  demand(checkpoint.origin === signer.name, "checkpoint of another log");
  const [signature] = linesBy(signatures, signer); // others may sign too
  demand(signature, "not signed with the pinned key");
  demand(await isSigned(signer, signature, body), "bad signature");
}

/** Who cosigned the checkpoint and when: {signed: [{name, at}], awaited: [name], passed}. */
export async function readCosignatures(checkpoint, witnesses) {
  const { body, signatures } = readNote(checkpoint.text);
  const keys = await Promise.all(witnesses.map(readVkey));
  const found = { signed: [], awaited: [], passed: 0 };
  for (const key of keys.filter(({ kind }) => kind === COSIGNATURE)) {
    const [line] = linesBy(signatures, key);
    if (line) found.signed.push({ name: key.name, at: await checkCosignature(key, line, body) });
    else found.awaited.push(key.name);
  }
  found.passed = signatures.length - 1 - found.signed.length;
  return found;
}

/** The time of a cosignature/v1: eight bytes, then Ed25519 over the time and the body. */
async function checkCosignature(key, line, body) {
  demand(line.length === 72 && key.key.length === 32, "bad cosignature");
  const time = new DataView(line.buffer, line.byteOffset).getBigUint64(0);
  const text = `cosignature/v1\ntime ${time}\n${body}`;
  demand(await isSigned(key, line.slice(8), text), "bad cosignature");
  return new Date(Number(time) * 1000);
}
