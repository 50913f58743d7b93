// Two trees: of the log's entries (RFC 6962), and the map from each stream to its end, whose proofs
// begin with "mingan/map-proof/v1".
import { demand, equal, fromBase64, hashNode, join, sha256, UTF8 } from "./bytes.js";

/** The root that a leaf and its proof lead to; RFC 9162, 2.1.3.2. Division, not shifts: a tree may
 * hold more than 2^31 entries. */
export async function rootOf(leaf, index, size, proof) {
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

const NOTHING = new Uint8Array(32);

/** {length, head} of a stream under a map's root; the proof must be of that stream and be found. */
export async function readMap(text, stream, root) {
  const [title, about, end, ...siblings] = text.split("\n");
  demand(siblings.pop() === "" && title === "mingan/map-proof/v1", "malformed map");
  demand(about === `stream ${stream}`, "map of another stream");
  const [, length, head] = /^found ([1-9]\d{0,15}) (\S+)$/.exec(end) ?? [];
  demand(length, "not in the map");
  const key = await sha256(UTF8.encode(stream));
  let node = await sha256(join([0], key, eightBytes(length), fromBase64(head)));
  demand(siblings.length <= 256 && !(siblings.length && equal(fromBase64(siblings[0]), NOTHING)), "malformed map");
  for (const [height, sibling] of siblings.map(fromBase64).entries()) {
    const depth = siblings.length - 1 - height;
    const right = (key[depth >> 3] >> (7 - (depth & 7))) & 1;
    node = right ? await hashNode(sibling, node) : await hashNode(node, sibling);
  }
  demand(equal(node, root), "map differs");
  return { length: Number(length), head: fromBase64(head) };
}

function eightBytes(number) {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(number));
  return bytes;
}
