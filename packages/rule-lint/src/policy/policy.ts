import type { Pattern } from "@narthex/model";
import type { Severity } from "../finding.ts";

/** Settings of the checks. A policy file sets them. */
export interface Policy {
  /** Severity of checks by name; `off` switches a check off. */
  readonly severities: ReadonlyMap<string, Severity | "off">;
  readonly requirements: readonly Requirement[];
  /** A rule that selects more series, or reads more samples, is expensive. */
  readonly maxSeries: number;
  readonly maxSamples: number;
}

/** Labels, annotations and other properties that some rules must have. */
export interface Requirement {
  readonly match: RuleMatch;
  readonly severity: Severity;
  /** Text that is added to each finding, such as the address of the team's conventions. */
  readonly comment: string;
  readonly labels: ReadonlyMap<string, Pattern>;
  readonly annotations: ReadonlyMap<string, Pattern>;
  readonly name: Pattern | undefined;
  readonly minForMs: number | undefined;
  readonly maxForMs: number | undefined;
}

/** Which rules a requirement concerns. Undefined fields match all rules. */
export interface RuleMatch {
  readonly kind: "alerting" | "recording" | undefined;
  readonly file: Pattern | undefined;
  readonly group: Pattern | undefined;
  readonly name: Pattern | undefined;
  readonly labels: ReadonlyMap<string, Pattern>;
}

export const DEFAULT_POLICY: Policy = {
  severities: new Map(),
  requirements: [],
  maxSeries: 10_000,
  maxSamples: 1_000_000,
};
