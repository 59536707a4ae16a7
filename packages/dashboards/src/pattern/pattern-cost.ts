import type { PatternNode } from "./pattern-syntax.ts";

/**
 * How many steps a backtracking engine takes at most for a text of n characters, in proportion: `factor * n ** degree`.
 * An infinite factor says that no such bound is known.
 */
export interface PatternCost {
  readonly factor: number;
  readonly degree: number;
}

const UNBOUNDED: PatternCost = { factor: Infinity, degree: 0 };

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

/** Ways through what stands behind one another multiply; those of branches add up. */
export function patternCost(node: PatternNode): PatternCost {
  switch (node.kind) {
    case "sequence":
      return node.parts
        .map(patternCost)
        .reduce((a, b) => ({ factor: a.factor * b.factor, degree: a.degree + b.degree }), { factor: 1, degree: 0 });
    case "choice":
      return node.branches
        .map(patternCost)
        .reduce((a, b) => ({ factor: a.factor + b.factor, degree: Math.max(a.degree, b.degree) }));
    case "group":
    case "look":
      return patternCost(node.body);
    case "reference":
      return { factor: 1, degree: 1 };
    case "repeat": {
      if (node.max <= 1) {
        const { factor, degree } = patternCost(node.body);
        return { factor: factor + 1, degree };
      }
      // Repeating what can match in several ways is what takes exponential time.
      if (!isPlain(node.body)) return UNBOUNDED;
      const { factor } = patternCost(node.body);
      return node.max === node.min ? { factor: factor * node.max, degree: 0 } : { factor, degree: 1 };
    }
    default:
      return { factor: 1, degree: 0 };
  }
}
