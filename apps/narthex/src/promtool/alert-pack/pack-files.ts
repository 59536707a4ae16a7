import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { ReplayedGroup } from "@narthex/backtest";
import type { ParserOptions } from "@narthex/promql";
import { parseRuleFile } from "@narthex/rules";
import { parse } from "yaml";

/** The folder `deploy` of the repository. */
export const deploy = fileURLToPath(new URL("../../../../../deploy/", import.meta.url));

/** Rule files of the pack, relative to `deploy/config`. `rules/host.yml` has the alerts that the pack completes. */
export const RULE_FILES = [
  "rules/host.yml",
  ...readdirSync(`${deploy}config/alert-pack`)
    .toSorted()
    .map((name) => `alert-pack/${name}`),
];

/** The time between two evaluations in the backtests, ms. */
const INTERVAL_MS = 15_000;

/** Reads the groups of a rule file. */
export function groupsOf(file: string, parser: ParserOptions): readonly ReplayedGroup[] {
  const loaded = parseRuleFile(readFileSync(`${deploy}config/${file}`, "utf8"), file, { parser });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.value.map((spec) => ({ file, spec, intervalMs: INTERVAL_MS, queryOffsetMs: 0 }));
}

/** The time in which an alert of an incident fires. */
export interface Firing {
  readonly alert: string;
  /** All labels except `alertname` and those of the rule. */
  readonly labels: Readonly<Record<string, string>>;
  readonly from: string;
  /** Omitted if the alert fires until the end. */
  readonly to?: string;
}

/** Samples of an incident, and the alerts that fire in it. */
export interface Incident {
  readonly name: string;
  readonly how: string;
  readonly start: string;
  readonly end: string;
  /** Seconds between the values of a series. */
  readonly interval: number;
  /** Values by series, in the notation of rule tests. */
  readonly series: Readonly<Record<string, string>>;
  readonly firings: readonly Firing[];
}

/** A file of incidents, with the rule files that are evaluated over each of them. */
export interface IncidentFile {
  readonly rules: readonly string[];
  readonly incidents: readonly Incident[];
}

/** Reads all files of incidents. */
export const incidentFiles = (): readonly IncidentFile[] =>
  readdirSync(`${deploy}alert-pack/incidents`)
    .toSorted()
    .map((name) => parse(readFileSync(`${deploy}alert-pack/incidents/${name}`, "utf8")) as IncidentFile);
