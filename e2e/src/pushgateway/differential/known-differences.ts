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
