// HPKE (RFC 9180) in base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, one message.
// Written from sections 4, 5.1 and 7 on WebCrypto; the tests hold it against another implementation.
import { join, UTF8 } from "./bytes.js";

const VERSION = UTF8.encode("HPKE-v1");
const KEM_SUITE = join(UTF8.encode("KEM"), [0x00, 0x20]);
const HPKE_SUITE = join(UTF8.encode("HPKE"), [0x00, 0x20, 0x00, 0x01, 0x00, 0x02]);
const NOTHING = new Uint8Array(0);
const HASH_BYTES = 32;
const BASE_MODE = 0;

async function hmac(key, data) {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, data));
}

// An absent salt is a key of zeros (RFC 5869 section 2.2); WebCrypto takes no empty key.
const extract = (suite, salt, label, secret) =>
  hmac(salt.length ? salt : new Uint8Array(HASH_BYTES), join(VERSION, suite, UTF8.encode(label), secret));

// Nothing here is longer than one block of HKDF-Expand.
async function expand(suite, key, label, info, length) {
  const labeled = join([length >> 8, length & 255], VERSION, suite, UTF8.encode(label), info);
  return (await hmac(key, join(labeled, [1]))).slice(0, length);
}

async function sharedSecret(own, theirs, context) {
  const dh = new Uint8Array(await crypto.subtle.deriveBits({ name: "X25519", public: theirs }, own, 256));
  const key = await extract(KEM_SUITE, NOTHING, "eae_prk", dh);
  return expand(KEM_SUITE, key, "shared_secret", context, HASH_BYTES);
}

/** The secret for a receiver's public key (32 bytes), and the key that lets the receiver find it. */
export async function encapsulate(receiver, pair) {
  const theirs = await crypto.subtle.importKey("raw", receiver, { name: "X25519" }, false, []);
  const encapsulated = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const secret = await sharedSecret(pair.privateKey, theirs, join(encapsulated, receiver));
  return { secret, encapsulated };
}

async function schedule(secret, info) {
  const parts = [
    await extract(HPKE_SUITE, NOTHING, "psk_id_hash", NOTHING),
    await extract(HPKE_SUITE, NOTHING, "info_hash", info),
  ];
  const context = join([BASE_MODE], ...parts);
  const prk = await extract(HPKE_SUITE, secret, "secret", NOTHING);
  return {
    key: await expand(HPKE_SUITE, prk, "key", context, 32),
    nonce: await expand(HPKE_SUITE, prk, "base_nonce", context, 12),
  };
}

/** Encapsulated key, then ciphertext: what a receiver with the private key opens. */
export async function sealTo(receiver, info, plain) {
  const pair = await crypto.subtle.generateKey({ name: "X25519" }, false, ["deriveBits"]);
  const { secret, encapsulated } = await encapsulate(receiver, pair);
  const { key, nonce } = await schedule(secret, info);
  const imported = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, imported, plain);
  return join(encapsulated, new Uint8Array(sealed));
}

/** Whether this browser can do all of it. Tried, not guessed from a version. */
export async function canSeal() {
  try {
    await sealTo(new Uint8Array(HASH_BYTES).fill(9), NOTHING, NOTHING);
    return true;
  } catch {
    return false;
  }
}
