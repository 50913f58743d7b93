// The count, a second time: reviewers/tally.py is the first implementation, this one was written
// from the specification in reviewers/__init__.py, section "Count". Whole numbers throughout.
const CHOICES = ["SUPPORT_CLAIMANT", "SUPPORT_RESPONDENT", "PARTIAL", "CANNOT_DETERMINE"];
const SIDE = { SUPPORT_CLAIMANT: "SUPPORT", PARTIAL: "SUPPORT", SUPPORT_RESPONDENT: "REJECT", CANNOT_DETERMINE: null };
const WHOLE = 10_000;

const within = (amount, ceiling) => Math.max(0, Math.min(amount, ceiling));

export const lowerMedian = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)];

// round: {claimed, ballots}; orders: {remedies, statutory, parties}. Answers the record's fields.
export function tally(round, orders) {
  const valid = round.ballots.filter((ballot) => ballot.valid);
  const needed = Math.ceil((2 * round.ballots.length) / 3);
  const counts = Object.fromEntries(CHOICES.map((choice) => [choice, valid.filter((b) => b.choice === choice).length]));
  const [decided, why] = decide(counts, valid.length, needed);
  const deciding = valid.filter((ballot) => SIDE[ballot.choice]);
  const nothing = { remedy: null, refund_fen: 0, compensation_fen: 0 };
  const granted = decided === "SUPPORT" ? grant(deciding, needed, round.claimed, orders) : nothing;
  return {
    quorum_needed: needed,
    valid: valid.length,
    counts,
    decided,
    why,
    outcome: outcomeOf(decided, granted, round.claimed),
    ...granted,
    dissent: decided ? deciding.filter((b) => SIDE[b.choice] !== decided).map((b) => b.seat).sort((a, b) => a - b) : [],
    needs_officer: orders.statutory.includes(round.claimed.compensation_code) && granted.compensation_fen > 0,
    liability: decided ? liabilityOf(deciding, orders.parties) : {},
  };
}

function decide(counts, total, needed) {
  const support = counts.SUPPORT_CLAIMANT + counts.PARTIAL;
  if (total < needed) return [null, "NO_QUORUM"];
  if (3 * counts.CANNOT_DETERMINE > total) return [null, "TOO_MANY_CANNOT_DETERMINE"];
  if (support === counts.SUPPORT_RESPONDENT) return [null, "TIE"];
  return [support > counts.SUPPORT_RESPONDENT ? "SUPPORT" : "REJECT", "MAJORITY"];
}

// What one ballot is worth: [refund, compensation].
export function worth(ballot, claimed) {
  if (ballot.choice === "SUPPORT_CLAIMANT") return [claimed.refund_fen, claimed.compensation_fen];
  if (ballot.choice === "SUPPORT_RESPONDENT") return [0, 0];
  return [within(ballot.amount_fen, claimed.refund_fen), within(ballot.compensation_fen, claimed.compensation_fen)];
}

function grant(deciding, needed, claimed, orders) {
  const worths = deciding.map((ballot) => worth(ballot, claimed));
  const extras = worths.map(([, extra]) => extra);
  // A statutory penalty needs two thirds of all seats, not of those who voted.
  const barred = orders.statutory.includes(claimed.compensation_code) && extras.filter((fen) => fen > 0).length < needed;
  return {
    remedy: remedyOf(deciding, claimed, orders.remedies),
    refund_fen: lowerMedian(worths.map(([refund]) => refund)),
    compensation_fen: barred ? 0 : lowerMedian(extras),
  };
}

function remedyOf(deciding, claimed, order) {
  const votes = new Map();
  for (const ballot of deciding.filter((b) => SIDE[b.choice] === "SUPPORT")) {
    const remedy = wanted(ballot, claimed);
    votes.set(remedy, (votes.get(remedy) ?? 0) + 1);
  }
  const place = (remedy) => (order.includes(remedy) ? order.indexOf(remedy) : order.length);
  const first = ([a, m], [b, n]) => n - m || place(a) - place(b) || (a < b ? -1 : 1);
  return [...votes].sort(first)[0][0];
}

function wanted(ballot, claimed) {
  if (ballot.choice === "SUPPORT_CLAIMANT") return claimed.remedy;
  if (ballot.remedy !== null) return ballot.remedy;
  return worth(ballot, claimed)[0] === claimed.refund_fen ? claimed.remedy : "PARTIAL_REFUND";
}

function outcomeOf(decided, granted, claimed) {
  if (decided === null) return "REFUSED_TO_RULE";
  if (decided === "REJECT") return "REJECTED";
  return ["remedy", "refund_fen", "compensation_fen"].every((field) => granted[field] === claimed[field]) ? "UPHELD" : "PARTLY_UPHELD";
}

function liabilityOf(deciding, parties) {
  const stated = deciding.map((ballot) => ballot.liability).filter((shares) => Object.keys(shares).length);
  if (!stated.length) return {};
  return scale(parties.map((party) => [party, lowerMedian(stated.map((shares) => shares[party] ?? 0))]));
}

// Largest remainder: sort() is stable, so equal remainders keep the published order.
function scale(medians) {
  const total = medians.reduce((sum, [, share]) => sum + share, 0);
  if (!total) return {};
  const floors = medians.map(([, share]) => Math.floor((share * WHOLE) / total));
  const left = WHOLE - floors.reduce((sum, floor) => sum + floor, 0);
  const lucky = medians.map(([, share], place) => [(share * WHOLE) % total, place]).sort((a, b) => b[0] - a[0]).slice(0, left);
  for (const [, place] of lucky) floors[place] += 1;
  return Object.fromEntries(medians.map(([party], place) => [party, floors[place]]).filter(([, share]) => share));
}
