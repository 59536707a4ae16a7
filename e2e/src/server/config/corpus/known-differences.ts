import type { KnownDifference } from "../../../support/known-differences.ts";
import type { Verdict } from "./verdicts.ts";

/**
 * Check results of our promtool and of Prometheus' promtool for one file. Prometheus' promtool is version 3.5 from
 * Debian.
 */
export interface VerdictDifference {
  readonly ours: Verdict;
  readonly theirs: Verdict;
  readonly text: string;
}

/**
 * Returns a function that reports whether Prometheus' promtool accepts a file and our program's output matches `words`.
 */
const oursAlone =
  (words: RegExp) =>
  ({ ours, theirs }: VerdictDifference): boolean =>
    theirs.accepted && words.test(ours.output);
const theirsAlone =
  (words: RegExp) =>
  ({ ours, theirs }: VerdictDifference): boolean =>
    ours.accepted && words.test(theirs.output);

/** Keys of prometheus.yml that Debian's build of 3.5.3 does not know. */
const LATER_KEYS = [
  "azuread",
  "google_iam",
  "\\w+_sd_configs",
  "scrape_native_histograms",
  "extra_scrape_metrics",
  "retention",
  "chunk_encoding",
  "stale_series_compaction_threshold",
  "failed_request_logging",
  "external_id",
  "promote_scope_metadata",
  "label_name_\\w+",
];

/** Rules for accepted differences. */
export const KNOWN: readonly KnownDifference<VerdictDifference>[] = [
  {
    reason: "3.14 derives a job's escaping from the job's own validation scheme before it looks at the global one",
    since: "3.14",
    share: 0.008,
    applies: theirsAlone(/utf8 metric names requested but validation scheme is not set to UTF8/),
  },
  {
    reason: "3.14 refuses an unknown validation scheme where it is read; 3.5 falls back to utf8 in the global section",
    since: "3.14",
    share: 0.008,
    applies: oursAlone(/unrecognized ValidationScheme/),
  },
  {
    reason: "3.14 checks the numbers of remote write queues",
    since: "3.14",
    share: 0.008,
    applies: oursAlone(/remote write queue \w+ must/),
  },
  {
    reason: "3.14 holds the rules of all sections to the naming scheme of their job or of the global section",
    since: "3.14",
    share: 0.008,
    applies: oursAlone(/is invalid '(?:target_label|replacement)' for \w+ action; in rule/),
  },
  {
    reason: "3.14 holds external labels to the global naming scheme",
    since: "3.14",
    share: 0.008,
    applies: oursAlone(/external_labels?.*is not a valid label name|is not a valid label name; rename/),
  },
  {
    reason: "later versions know more keys, and Debian leaves kinds of discovery and Azure's signer out",
    since: "3.14",
    share: 0.02,
    applies: theirsAlone(new RegExp(`field (?:${LATER_KEYS.join("|")}) not found in type`)),
  },
  {
    reason: "3.14 lets the role pod select nodes too",
    since: "3.14",
    share: 0.008,
    applies: theirsAlone(/pod role supports only pod selectors/),
  },
  {
    reason: "without a region Prometheus asks Amazon for it while it reads the file, we when we look for targets",
    share: 0.008,
    applies: theirsAlone(/(?:EC2|Lightsail) SD configuration requires a region/),
  },
  {
    reason: "an expression that closes the brackets which Prometheus puts around it is refused",
    share: 0.008,
    applies: oursAlone(/unexpected \): `\^\(\?s:/),
  },
  {
    reason: "where a text's first line stands further right than a later one, Prometheus ignores all from there on",
    share: 0.008,
    applies: ({ ours, theirs, text }) =>
      theirs.accepted && /yaml: line \d+: /.test(ours.output) && /^(?:\s*#.*\n|\s*\n)*[ ]+\S/.test(text),
  },
  {
    reason: "behind `...` Prometheus reads no further, our YAML library does",
    share: 0.008,
    applies: ({ ours, theirs, text }) =>
      theirs.accepted && /yaml: line \d+: /.test(ours.output) && /^\.\.\.\s/m.test(text),
  },
  {
    reason: "Prometheus ignores all that stands behind a map in braces, we name the line",
    share: 0.008,
    applies: ({ ours, theirs, text }) =>
      theirs.accepted &&
      /yaml: line \d+: did not find expected/.test(ours.output) &&
      /^(?:\s*#.*\n|\s*\n)*\{/.test(text),
  },
  {
    reason: "our YAML library takes YAML 1.2 too: other versions in directives, `!` with anything behind it, `\\/`",
    share: 0.008,
    applies: ({ ours, theirs, text }) =>
      ours.accepted && theirs.output.includes("yaml: ") && /^%YAML|\\\/|!/m.test(text),
  },
  {
    reason: "YAML 1.2 lets white space and comments stand where 1.1 does not, and keys go on over lines",
    share: 0.008,
    applies: theirsAlone(
      /yaml: (?:line \d+: )?(?:found character that cannot start any token|could not find expected ':'|did not find expected node content|did not find expected ',' or|found a tab character that violates)/,
    ),
  },
];
