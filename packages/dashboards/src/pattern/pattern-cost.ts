import type { PatternNode } from "./pattern-syntax.ts";

/** A bound in proportion to a text of n characters: `factor * n ** degree`, of which n is 1 at least. */
interface Bound {
  readonly factor: number;
  readonly degree: number;
}

/**
 * How many steps a backtracking engine takes at most from one place of a text. An infinite factor says that no such
 * bound is known.
 */
export type PatternCost = Bound;

/** What an expression takes from one place: the steps of trying all ways, and how many ways there are to match. */
interface Cost {
  readonly steps: Bound;
  readonly ways: Bound;
}

const ONE: Bound = { factor: 1, degree: 0 };
const UNBOUNDED: Bound = { factor: Infinity, degree: 0 };
/** Repetitions up to here are counted, of more the bound is the length of the text. */
const MAX_COUNTED = 32;

const product = (a: Bound, b: Bound): Bound => ({ factor: a.factor * b.factor, degree: a.degree + b.degree });

const sum = (a: Bound, b: Bound): Bound => ({ factor: a.factor + b.factor, degree: Math.max(a.degree, b.degree) });

/** Whether there is one way at most to match at a place, all of one length. */
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

/** What stands behind is tried once for each way through what stands before it. */
function sequenceCost(parts: readonly PatternNode[]): Cost {
  let steps = ONE;
  let ways = ONE;
  for (const part of parts) {
    const own = costOf(part);
    steps = sum(steps, product(ways, own.steps));
    ways = product(ways, own.ways);
  }
  return { steps, ways };
}

function repeatCost({ body, min, max }: Extract<PatternNode, { kind: "repeat" }>): Cost {
  const own = costOf(body);
  if (max <= 1) return { steps: sum(own.steps, ONE), ways: sum(own.ways, ONE) };
  // Repeating what can match in several ways is what takes exponential time.
  if (!isPlain(body)) return { steps: UNBOUNDED, ways: UNBOUNDED };
  const isCounted = max === min || max <= MAX_COUNTED;
  const count: Bound = isCounted ? { factor: max, degree: 0 } : { factor: Math.max(min, 1), degree: 1 };
  const ways: Bound = isCounted ? { factor: max - min + 1, degree: 0 } : min === 0 ? sum(count, ONE) : count;
  return { steps: sum(product(own.steps, count), ONE), ways };
}

function costOf(node: PatternNode): Cost {
  switch (node.kind) {
    case "sequence":
      return sequenceCost(node.parts);
    case "choice":
      return node.branches.map(costOf).reduce((a, b) => ({ steps: sum(a.steps, b.steps), ways: sum(a.ways, b.ways) }));
    case "group":
      return costOf(node.body);
    case "look": {
      const { steps } = costOf(node.body);
      // Behind a place it is tried from all places before.
      return { steps: node.behind ? product(steps, { factor: 1, degree: 1 }) : steps, ways: ONE };
    }
    case "reference":
      return { steps: { factor: 1, degree: 1 }, ways: ONE };
    case "repeat":
      return repeatCost(node);
    default:
      return { steps: ONE, ways: ONE };
  }
}

/** How many steps an expression takes from one place of a text. */
export const patternCost = (node: PatternNode): PatternCost => costOf(node).steps;
