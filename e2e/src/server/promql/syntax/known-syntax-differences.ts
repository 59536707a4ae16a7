import type { KnownDifference } from "../../../support/known-differences.ts";
import { reworded } from "../differential/rewordings.ts";

/** A PromQL text that our server and Prometheus parse differently. */
export interface SyntaxDifference {
  readonly query: string;
  readonly ours: string;
  readonly theirs: string;
}

const withoutPosition = (text: string): string => text.replace(/\d+:\d+/, "");
/** Returns a printed expression without quotes, backslashes and blanks. */
const bare = (text: string): string => text.replace(/[\s"\\]/g, "");
const AT = ['"<Item 57400>" <op:@>', "<op:@>"] as const;

const LATER_FUNCTIONS =
  /unknown function with name "(?:first_over_time|histogram_quantiles|m(?:ax|in)_of|ts_of_first_over_time)"/i;

/**
 * Rules for PromQL texts that Prometheus 3.14 parses differently from 3.5. Our server follows 3.14 and is compared with
 * 3.5.
 */
export const KNOWN: readonly KnownDifference<SyntaxDifference>[] = [
  {
    reason: "3.6 has calls in durations, and names them among what is expected (#16777); 3.8 names the @ (#17380)",
    since: "3.6",
    share: 0.025,
    applies: ({ ours }) => ours.includes("parse error"),
    normalise: ({ ours, theirs }) => [
      reworded(ours),
      reworded(theirs.replace(...AT).replace("number or duration or", "number, duration, or")),
    ],
  },
  {
    reason: "3.6 takes a letter behind a literal in brackets for no colon (#16777)",
    since: "3.6",
    share: 0.003,
    applies: ({ ours }) => /unexpected character: '\w', expected ':'$/.test(ours),
  },
  {
    reason: "later versions print the parentheses of an offset",
    since: "3.6",
    share: 0.0005,
    applies: ({ query, ours }) => /offset\s*[+-]?\s*\(/i.test(query) && !ours.includes("parse error"),
    normalise: ({ ours, theirs }) =>
      [ours, theirs].map((text) => text.replace(/(offset -?)\(([^()]*)\)/g, "$1$2")) as [string, string],
  },
  {
    reason: "3.6 has calls with commas in brackets (#16777)",
    since: "3.6",
    share: 0.0005,
    applies: ({ ours, theirs }) =>
      ours.includes('unexpected ","') && theirs.endsWith("unexpected character in duration expression: ','"),
  },
  {
    reason: "3.6 has words for calls in durations where a range begins with a letter (#16777)",
    since: "3.6",
    share: 0.0005,
    applies: ({ query, ours, theirs }) =>
      /\[\s*[srm]/i.test(query) && [ours, theirs].every((text) => text.includes("in duration expression")),
  },
  {
    reason: "later versions have functions start() and end()",
    since: "3.6",
    share: 0.001,
    applies: ({ query, theirs }) => /\b(?:start|end)\s*\(/i.test(query) && theirs.includes('unexpected "("'),
  },
  {
    reason: "later versions have more functions, and find other faults in their calls",
    since: "3.6",
    share: 0.0005,
    applies: ({ ours, theirs }) => LATER_FUNCTIONS.test(theirs) && !ours.includes("unknown function"),
  },
  {
    reason: "3.10 quotes labels that need it where it prints groups and matches (#17687)",
    since: "3.10",
    share: 0.003,
    applies: ({ query, ours, theirs }) => /["'`]/.test(query) && bare(ours) === bare(theirs),
  },
  {
    reason: "3.9 prints an empty ignoring() that group_left or group_right follows (#17643)",
    since: "3.9",
    share: 0.0005,
    applies: ({ query, ours, theirs }) =>
      /ignoring\s*\(\s*\)/i.test(query) &&
      ours.replace(/\s*ignoring \(\)(?: group_(?:left|right) \([^)]*\))/g, "").replace(/\s/g, "") ===
        theirs.replace(/\s*(?:ignoring \(\) )?group_(?:left|right) \([^)]*\)/g, "").replace(/\s/g, ""),
  },
  {
    reason: "3.7 places errors behind aggregations and calls at the operator (#16996, #17031)",
    since: "3.7",
    share: 0.0005,
    applies: ({ ours, theirs }) =>
      /parse error: (?:comparisons between scalars|bool modifier|label "[^"]+" must not occur in ON)/.test(ours) &&
      withoutPosition(ours) === withoutPosition(theirs),
  },
  {
    reason: "3.11 has operators that trim histograms (#17904)",
    since: "3.11",
    share: 0.0005,
    applies: ({ query, theirs }) => /<\/|>\//.test(query) && theirs.includes("unexpected <op:/>"),
  },
  {
    reason: "what we print can be read again, also a selector of every info series",
    share: 0.001,
    applies: ({ query, ours, theirs }) =>
      query.includes("info") && bare(ours).replaceAll(",{})", ",)") === bare(theirs),
  },
  {
    reason: "3.5 crashes of some wrong texts",
    share: 0.001,
    applies: ({ ours, theirs }) => theirs === "unexpected error" && ours.includes("parse error"),
  },
];
