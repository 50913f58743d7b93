// Bytes, hashes, and how a check says that it failed.

/** A check that failed: where is an entry's index, or null for the checkpoint. */
export class Mismatch extends Error {
  constructor(reason, where = null) {
    super(reason);
    this.where = where;
  }
}

export function demand(holds, reason, where) {
  if (!holds) throw new Mismatch(reason, where);
}

export const UTF8 = new TextEncoder();

export const fromBase64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
export const toBase64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
export const toBase64Url = (bytes) => toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
export const equal = (one, other) => one.length === other.length && one.every((byte, place) => byte === other[place]);

export function join(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
}

export const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
export const hashLeaf = (bytes) => sha256(join([0], bytes));
export const hashNode = (left, right) => sha256(join([1], left, right));
