import type { Answered } from "./gateway.ts";
import type { Asked } from "./requests.ts";

interface KnownDifference {
  readonly why: string;
  readonly applies: (asked: Asked, ours: Answered, theirs: Answered) => boolean;
}

/** Where ours answers otherwise on purpose. */
const DIFFERENCES: readonly KnownDifference[] = [
  {
    why: "the original panics, and the connection ends: metric lines whose braces hold no name",
    applies: (_asked, ours, theirs) => theirs.status === 0 && ours.status === 400,
  },
  {
    why: "what they say of themselves; what was pushed is compared after the sequence",
    applies: ({ path }, ours, theirs) =>
      ["/metrics", "/api/v1/metrics"].includes(path) && ours.status === theirs.status,
  },
  {
    why: "how it was built and started",
    applies: ({ path }, ours, theirs) => path === "/api/v1/status" && ours.status === theirs.status,
  },
];

export const isKnownDifference = (asked: Asked, ours: Answered, theirs: Answered): boolean =>
  DIFFERENCES.some(({ applies }) => applies(asked, ours, theirs));

/**
 * Reports whether the original decides by chance here: a family has values of another type than its own, and another
 * group has a family of that type. The original merges the groups in any order, and only one of them shows the fault.
 */
export function isDecidedByChance(ours: Answered): boolean {
  const [, value, type] = /(\w+):\{[^{}]*\}\} is not a (\w+)\s*$/.exec(ours.body) ?? [];
  return ours.status === 400 && value?.toUpperCase() === type && type !== undefined;
}
