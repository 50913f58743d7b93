// The draw of a panel, repeated: the rules of reviewers/__init__.py ("Draw") written a second time,
// from the published words and not from the other program. Numbers of 256 bits are BigInt.
import { demand, fromBase64, join, sha256, UTF8 } from "./bytes.js";

const DOMAIN = UTF8.encode("mingan/draw/v2");
const SPACE = 1n << 256n;
const WEIGHT_LIMIT = 2 ** 32;

export const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
export const fromHex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

/** The file of candidates as {strata, excluded}; refuses what no fair draw can use. */
export function readPool(bytes) {
  const { strata, excluded } = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  const seen = new Set(Object.keys(excluded));
  let count = seen.size;
  for (const who of Object.values(strata)) {
    let last = "";
    for (const [id, weight] of who) {
      demand(typeof id === "string" && Number.isInteger(weight) && weight > 0 && weight < WEIGHT_LIMIT, "bad candidate");
      demand(id >= last, "not in order");
      seen.add(id);
      last = id;
    }
    count += who.length;
  }
  demand(seen.size === count, "somebody stands twice");
  return { strata, excluded };
}

/** Counts by stratum of candidates, and by code of those left out. */
export function countPool({ strata, excluded }) {
  const counts = Object.fromEntries(Object.entries(strata).map(([name, who]) => [name, who.length]));
  const exclusions = {};
  for (const code of Object.values(excluded)) exclusions[code] = (exclusions[code] ?? 0) + 1;
  return { counts, exclusions };
}

/** What the signature lines of others than the log itself hold after the key id, in their order. */
export function cosignatures(checkpoint) {
  const cut = checkpoint.lastIndexOf("\n\n");
  const origin = checkpoint.slice(0, checkpoint.indexOf("\n"));
  return checkpoint.slice(cut + 2).split("\n").filter(Boolean)
    .map((line) => /^— (\S+) (\S+)$/u.exec(line))
    .filter(([, name]) => name !== origin)
    .map(([, , value]) => fromBase64(value))
    .sort(inByteOrder)
    .map((bytes) => bytes.slice(4));
}

function inByteOrder(one, other) {
  const place = one.findIndex((byte, at) => byte !== other[at]);
  return place < 0 ? one.length - other.length : one[place] - (other[place] ?? -1);
}

const prefixed = (part) => {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, part.length);
  return join(length, part);
};

/** The seed: 32 bytes. */
export function makeSeed(caseNo, round, root, extra) {
  const parts = [UTF8.encode(caseNo), UTF8.encode(String(round)), root, ...extra];
  return sha256(join(DOMAIN, ...parts.map(prefixed)));
}

async function numberAt(seed, stratum, k) {
  const counter = new Uint8Array(8);
  new DataView(counter.buffer).setBigUint64(0, BigInt(k));
  return BigInt(`0x${toHex(await sha256(join(seed, UTF8.encode(stratum), counter)))}`);
}

/** Up to `wanted` candidates of one stratum in the order in which they leave the urn. */
export async function drawStratum(seed, stratum, candidates, needed, wanted) {
  demand(candidates.length >= needed, "not enough candidates");
  const urn = new Urn(candidates);
  const steps = [];
  for (let k = 0; steps.length < Math.min(wanted, candidates.length); k += 1) {
    const number = await numberAt(seed, stratum, k);
    const total = BigInt(urn.total);
    if (number < SPACE - (SPACE % total)) {
      const point = Number(number % total);
      steps.push({ k, number: number.toString(16).padStart(64, "0"), total: urn.total, point, ...urn.take(point) });
    }
  }
  return steps;
}

/** Intervals laid end to end; those that left are stepped over. */
class Urn {
  constructor(candidates) {
    this.candidates = candidates;
    this.ends = new Float64Array(candidates.length);
    let sum = 0;
    candidates.forEach(([, weight], place) => { this.ends[place] = sum += weight; });
    demand(Number.isSafeInteger(sum), "weights too large");
    this.gone = [];
    this.total = sum;
  }

  start(place) {
    return place ? this.ends[place - 1] : 0;
  }

  take(point) {
    let skipped = 0;
    for (const place of this.gone) {
      if (this.start(place) > point + skipped) break;
      skipped += this.candidates[place][1];
    }
    const place = this.find(point + skipped);
    const [id, weight] = this.candidates[place];
    this.gone.push(place);
    this.gone.sort((one, other) => one - other);
    this.total -= weight;
    const start = this.start(place) - skipped;
    return { start, end: start + weight, reviewer_id: id };
  }

  /** The first place whose interval ends behind the point. */
  find(point) {
    let [low, high] = [0, this.ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.ends[middle] > point) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** Seats and reserves as the record writes them: seats are [[stratum, how many], ...] in order. */
export async function drawPanel(seed, strata, seats, reserves, tell = () => {}) {
  const panel = { seats: [], reserves: {}, steps: {} };
  for (const [stratum, needed] of seats) {
    const steps = await drawStratum(seed, stratum, strata[stratum] ?? [], needed, needed + reserves);
    panel.steps[stratum] = steps;
    steps.slice(0, needed).forEach((step) => panel.seats.push([panel.seats.length + 1, step.reviewer_id, stratum]));
    panel.reserves[stratum] = steps.slice(needed).map((step) => step.reviewer_id);
    tell(panel.seats.length);
  }
  return panel;
}

/** Follow who left and who stepped in; each must be the next reserve of the seat's stratum. */
export function followChanges(panel, changes) {
  const sitting = new Map(panel.seats.map(([number, id]) => [number, id]));
  const strata = new Map(panel.seats.map(([number, , stratum]) => [number, stratum]));
  const queues = Object.fromEntries(Object.entries(panel.reserves).map(([name, ids]) => [name, [...ids]]));
  for (const [what, seat, id] of changes) {
    if (what === "LEFT") {
      demand(sitting.get(seat) === id, "somebody else left", seat);
      sitting.set(seat, "");
    } else {
      demand(!sitting.get(seat) && queues[strata.get(seat)]?.shift() === id, "not the next reserve", seat);
      sitting.set(seat, id);
    }
  }
  return sitting;
}

