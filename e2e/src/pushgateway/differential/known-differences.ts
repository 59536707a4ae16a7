import type { KnownDifference } from "../../support/known-differences.ts";
import type { Answered } from "./gateway.ts";
import type { GatewayRequest } from "./requests.ts";

/** The answers of our Pushgateway and of the original Pushgateway to one request, if they differ. */
export interface AnswerDifference {
  readonly request: GatewayRequest;
  readonly ours: Answered;
  readonly theirs: Answered;
}

/** Rules for intended differences between our answers and the original Pushgateway's. */
export const KNOWN: readonly KnownDifference<AnswerDifference>[] = [
  {
    reason: "the original panics, and the connection ends: metric lines whose braces hold no name",
    share: 0.02,
    applies: ({ ours, theirs }) => theirs.status === 0 && ours.status === 400,
  },
  {
    reason: "what they say of themselves; what was pushed is compared after the sequence",
    share: 0.02,
    applies: ({ request: { path }, ours, theirs }) =>
      ["/metrics", "/api/v1/metrics"].includes(path) && ours.status === theirs.status,
  },
  {
    reason: "how it was built and started",
    share: 0.02,
    applies: ({ request: { path }, ours, theirs }) => path === "/api/v1/status" && ours.status === theirs.status,
  },
];

/**
 * Rules for answers after which a sequence of requests cannot be compared, because the stored groups may differ from
 * then on.
 */
export const LAST_COMPARABLE: readonly KnownDifference<AnswerDifference>[] = [
  {
    reason: "the original merges groups of mixed types in any order, and shows a fault or not",
    share: 0.02,
    applies: ({ ours }) => isDecidedByChance(ours),
  },
  {
    // Example: `# TYPE a summary`, then a sample with another name, then `{"a",l="x"} 1`. The original Pushgateway's
    // parser writes the label into a map that does not exist.
    reason: "the original panics, and the connection ends: a summary's or histogram's name in braces, before labels",
    share: 0.02,
    applies: ({ ours, theirs }) => theirs.status === 0 && ours.status === 200,
  },
];

/**
 * Reports whether the original Pushgateway's response is random: the values of a pushed metric family have another type
 * than the family, and another group has a family of that type. The original Pushgateway merges the groups in random
 * order, and only one order leads to the error.
 */
function isDecidedByChance(ours: Answered): boolean {
  const [, value, type] = /(\w+):\{[^{}]*\}\} is not a (\w+)\s*$/.exec(ours.body) ?? [];
  return ours.status === 400 && value?.toUpperCase() === type && type !== undefined;
}
