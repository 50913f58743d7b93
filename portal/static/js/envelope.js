// The sealed ballot, as reviewers/envelope.py specifies it: any two of three trustees open it.
import { demand, fromBase64, join, sha256, toBase64, UTF8 } from "./bytes.js";
import { sealTo } from "./hpke.js";

const DOMAIN = UTF8.encode("mingan/ballot/v1\n");
const PADDED_TO = 8192;

export const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
export const fromHex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

/** Canonical JSON (RFC 8785) of what an envelope and a ballot hold: texts and whole numbers. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}

/** The bytes of a ballot, filled up with spaces so that their length says nothing. */
export function pad(ballot) {
  const text = UTF8.encode(canonical(ballot));
  const padded = new Uint8Array(Math.ceil(text.length / PADDED_TO) * PADDED_TO).fill(0x20);
  padded.set(text);
  return padded;
}

export const slipOf = async (content) => hex(await sha256(content));

async function aesKey(key, use) {
  return crypto.subtle.importKey("raw", key, "AES-GCM", false, [use]);
}

async function wrap(key, context, [outer, inner]) {
  const info = join(DOMAIN, context, UTF8.encode(`\n${outer.name}\n${inner.name}`));
  const within = await sealTo(fromBase64(inner.key), info, key);
  const sealed = await sealTo(fromBase64(outer.key), info, within);
  return { outer: outer.name, inner: inner.name, sealed: toBase64(sealed) };
}

/** The envelope's bytes for a ballot; trustees are {name, key} in the panel's order. */
export async function seal(ballot, context, trustees) {
  const key = crypto.getRandomValues(new Uint8Array(32));
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  const bound = UTF8.encode(canonical(context));
  const how = { name: "AES-GCM", iv: nonce, additionalData: bound };
  const sealed = await crypto.subtle.encrypt(how, await aesKey(key, "encrypt"), pad(ballot));
  const pairs = trustees.flatMap((outer, place) => trustees.slice(place + 1).map((inner) => [outer, inner]));
  const wraps = await Promise.all(pairs.map((pair) => wrap(key, bound, pair)));
  const digest = hex(await sha256(join(DOMAIN, key)));
  key.fill(0);
  return UTF8.encode(canonical({
    v: "mingan/envelope/v1",
    context,
    nonce: toBase64(nonce),
    ciphertext: toBase64(new Uint8Array(sealed)),
    key_digest: digest,
    wraps,
  }));
}

/** The ballot in an envelope, with the key that the record publishes after the opening. */
export async function open(content, key) {
  const envelope = JSON.parse(new TextDecoder().decode(content));
  demand(hex(await sha256(join(DOMAIN, key))) === envelope.key_digest, "another key");
  const how = {
    name: "AES-GCM",
    iv: fromBase64(envelope.nonce),
    additionalData: UTF8.encode(canonical(envelope.context)),
  };
  const plain = await crypto.subtle.decrypt(how, await aesKey(key, "decrypt"), fromBase64(envelope.ciphertext));
  return { context: envelope.context, ballot: JSON.parse(new TextDecoder().decode(plain)) };
}
