import type { PatternNode } from "./pattern-syntax.ts";

/** An upper bound that grows with a text of n characters: `factor * n ** degree`, with n at least 1. */
interface Bound {
  readonly factor: number;
  readonly degree: number;
}

/**
 * Upper bound for the number of steps that a backtracking engine takes at one position of a text. The factor is
 * infinite if the bound is unknown.
 */
export type PatternCost = Bound;

/**
 * Cost of matching an expression at one position: the number of steps to try all alternatives, and the number of ways
 * in which it can match.
 */
interface Cost {
  readonly steps: Bound;
  readonly matchCount: Bound;
}

const ONE: Bound = { factor: 1, degree: 0 };
const UNBOUNDED: Bound = { factor: Infinity, degree: 0 };
/**
 * Maximum upper limit of a repetition, such as 32 in `a{1,32}`, that is used in the cost. For higher limits, the length
 * of the text is used, unless the repetition is exact, as in `a{100}`.
 */
const MAX_COUNTED = 32;

const product = (a: Bound, b: Bound): Bound => ({ factor: a.factor * b.factor, degree: a.degree + b.degree });

const sum = (a: Bound, b: Bound): Bound => ({ factor: a.factor + b.factor, degree: Math.max(a.degree, b.degree) });

/**
 * Reports whether a part of the expression always matches the same number of characters, in at most one way at each
 * position.
 */
function isPlain(node: PatternNode): boolean {
  switch (node.kind) {
    case "character":
    case "edge":
      return true;
    case "sequence":
      return node.parts.every(isPlain);
    case "group":
      return isPlain(node.body);
    case "repeat":
      return node.min === node.max && isPlain(node.body);
    default:
      return false;
  }
}

/**
 * Returns the cost of consecutive parts of an expression. Each part is tried once for every way in which the parts
 * before it can match.
 */
function sequenceCost(parts: readonly PatternNode[]): Cost {
  let steps = ONE;
  let matchCount = ONE;
  for (const part of parts) {
    const own = costOf(part);
    steps = sum(steps, product(matchCount, own.steps));
    matchCount = product(matchCount, own.matchCount);
  }
  return { steps, matchCount };
}

function repeatCost({ body, min, max }: Extract<PatternNode, { kind: "repeat" }>): Cost {
  const own = costOf(body);
  if (max <= 1) return { steps: sum(own.steps, ONE), matchCount: sum(own.matchCount, ONE) };
  // The cost is unbounded: repeating an expression that can match in several ways may take exponential time.
  if (!isPlain(body)) return { steps: UNBOUNDED, matchCount: UNBOUNDED };
  const isCounted = max === min || max <= MAX_COUNTED;
  const count: Bound = isCounted ? { factor: max, degree: 0 } : { factor: Math.max(min, 1), degree: 1 };
  const ways: Bound = isCounted ? { factor: max - min + 1, degree: 0 } : min === 0 ? sum(count, ONE) : count;
  return { steps: sum(product(own.steps, count), ONE), matchCount: ways };
}

function costOf(node: PatternNode): Cost {
  switch (node.kind) {
    case "sequence":
      return sequenceCost(node.parts);
    case "choice":
      return node.branches
        .map(costOf)
        .reduce((a, b) => ({ steps: sum(a.steps, b.steps), matchCount: sum(a.matchCount, b.matchCount) }));
    case "group":
      return costOf(node.body);
    case "look": {
      const { steps } = costOf(node.body);
      // The cost of a lookbehind is multiplied by the length of the text, because the engine tries every earlier
      // position.
      return { steps: node.behind ? product(steps, { factor: 1, degree: 1 }) : steps, matchCount: ONE };
    }
    case "reference":
      return { steps: { factor: 1, degree: 1 }, matchCount: ONE };
    case "repeat":
      return repeatCost(node);
    default:
      return { steps: ONE, matchCount: ONE };
  }
}

/** Returns the number of steps that an expression takes at one position of a text. */
export const patternCost = (node: PatternNode): PatternCost => costOf(node).steps;
