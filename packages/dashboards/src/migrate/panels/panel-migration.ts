import type { Findings } from "../../model/findings.ts";
import { listAt, type MutableJson, numberOf, objectAt } from "../../model/json.ts";
import { madeAt } from "../migration.ts";

/** Migration that converts a panel of an older kind, or of an older version of its kind, in place. */
export interface PanelMigration {
  /** Panel kinds that this migration handles. */
  readonly kinds: readonly string[];
  /**
   * Converts a panel. Never throws, whatever the panel contains. Reports its changes, and settings that it could not
   * convert.
   */
  migrate(panel: MutableJson, path: string, findings: Findings): void;
}

/** Returns the parts of a panel's `fieldConfig`. Creates missing parts. */
export function fieldConfigOf(panel: MutableJson): {
  defaults: MutableJson;
  custom: MutableJson;
  overrides: unknown[];
} {
  const config = madeAt(panel, "fieldConfig");
  const defaults = madeAt(config, "defaults");
  const overrides = [...listAt(config, "overrides")];
  config["overrides"] = overrides;
  return { defaults, custom: objectAt(defaults, "custom") ?? {}, overrides };
}

/** Returns an override that colours the series with this name. */
export function colorOverride(name: string, color: string): MutableJson {
  return {
    matcher: { id: "byName", options: name },
    properties: [{ id: "color", value: { mode: "fixed", fixedColor: color } }],
  };
}

const REDUCERS: Readonly<Record<string, string>> = {
  avg: "mean",
  mean: "mean",
  current: "lastNotNull",
  last: "lastNotNull",
  name: "lastNotNull",
  total: "sum",
  sum: "sum",
  first: "firstNotNull",
  min: "min",
  max: "max",
  count: "count",
  median: "median",
  diff: "diff",
  delta: "delta",
  range: "range",
};

/** Returns the id of the reducer for a calculation. Old panels used other names for calculations. */
export function reducerOf(word: unknown): string | undefined {
  return typeof word === "string" && Object.hasOwn(REDUCERS, word) ? REDUCERS[word] : undefined;
}

/**
 * Builds thresholds from values and the colours between them. The number of colours is one more than the number of
 * values.
 */
export function thresholdsOf(values: readonly unknown[], colors: readonly unknown[]): MutableJson | undefined {
  const numbers = values.map(numberOf);
  const steps = [null, ...numbers].flatMap((value, i) => {
    const color = colors[i] ?? colors.at(-1);
    return value === undefined || typeof color !== "string" ? [] : [{ value, color }];
  });
  return steps.length === 0 ? undefined : { mode: "absolute", steps };
}

export function deleteKeys(object: MutableJson, keys: readonly string[]): void {
  for (const key of keys) delete object[key];
}
