import {
  type Codec,
  decodeYaml,
  field,
  INVALID,
  listOf,
  type Loaded,
  mapOf,
  millis,
  oneOf,
  optional,
  section,
  text,
  wholeNumber64,
} from "@narthex/config";
import { compilePattern, type Pattern, PatternError } from "@narthex/model";
import { SEVERITIES, type Severity } from "../finding.ts";
import { DEFAULT_POLICY, type Policy, type Requirement, type RuleMatch } from "./policy.ts";

/** A regular expression that must match a whole text. */
const pattern: Codec<Pattern> = {
  goType: "regexp",
  decode(node, context) {
    const source = text.decode(node, context);
    if (source === INVALID) return INVALID;
    try {
      return compilePattern(source);
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      context.reportValue(node, "bad-pattern", error.message, "write a regular expression in RE2 syntax");
      return INVALID;
    }
  },
  encode: ({ source }) => source,
  isZero: ({ source }) => source === "",
};

const words = <T extends string>(what: string, values: readonly T[]): Codec<T> =>
  oneOf(values, (found) => `unknown ${what} ${JSON.stringify(found)}`);

const severity = words<Severity>("severity", SEVERITIES);

const patterns: Codec<ReadonlyMap<string, Pattern>> = mapOf(pattern, "map of patterns");
const noPatterns: ReadonlyMap<string, Pattern> = new Map();

const match = section<RuleMatch>("match", {
  kind: optional("kind", words("kind", ["alerting", "recording"] as const)),
  file: optional("file", pattern),
  group: optional("group", pattern),
  name: optional("name", pattern),
  labels: field("labels", patterns, noPatterns),
});

const requirement = section<Requirement>(
  "requirement",
  {
    match: field("match", match, {
      kind: undefined,
      file: undefined,
      group: undefined,
      name: undefined,
      labels: noPatterns,
    }),
    severity: field("severity", severity, "warning"),
    comment: field("comment", text, ""),
    labels: field("labels", patterns, noPatterns),
    annotations: field("annotations", patterns, noPatterns),
    name: optional("name", pattern),
    minForMs: optional("min_for", millis),
    maxForMs: optional("max_for", millis),
  },
  (value, at, report) => {
    const { labels, annotations, name, minForMs, maxForMs } = value;
    if (labels.size + annotations.size === 0 && name === undefined && minForMs === undefined && maxForMs === undefined)
      report(
        at.self,
        "empty-requirement",
        "the requirement requires nothing",
        "set labels, annotations, name, min_for or max_for",
      );
    return value;
  },
);

interface RawPolicy {
  readonly severities: ReadonlyMap<string, Severity | "off">;
  readonly requirements: readonly Requirement[];
  readonly limits: Pick<Policy, "maxSamples" | "maxSeries">;
}

const { maxSeries, maxSamples } = DEFAULT_POLICY;

const limits = section<Pick<Policy, "maxSamples" | "maxSeries">>("limits", {
  maxSeries: field("max_series", wholeNumber64, maxSeries),
  maxSamples: field("max_samples", wholeNumber64, maxSamples),
});

const policySection = (checks: ReadonlySet<string>) =>
  section<RawPolicy, Policy>(
    "policy",
    {
      severities: field(
        "checks",
        mapOf(words("severity", [...SEVERITIES, "off"] as const), "map of severities"),
        new Map(),
      ),
      requirements: field("require", listOf(requirement), []),
      limits: field("limits", limits, { maxSeries, maxSamples }),
    },
    ({ severities, requirements, limits: set }, at, report) => {
      for (const name of severities.keys()) {
        if (!checks.has(name))
          report(
            at.severities,
            "unknown-check",
            `there is no check ${JSON.stringify(name)}`,
            `use ${[...checks].join(", ")}`,
          );
      }
      return { severities, requirements, ...set };
    },
  );

/**
 * Parses a policy file.
 * @param checks names of all checks
 */
export const parsePolicy = (source: string, file: string, checks: ReadonlySet<string>): Loaded<Policy> =>
  decodeYaml(source, file, policySection(checks));
