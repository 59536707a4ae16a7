import { replaceInputs, usedInputs } from "@narthex/dashboards";
import type { SourceStore } from "../datasources/source-store.ts";
import { refusal } from "../web/refusal.ts";
import type { DashboardJson } from "./dashboard-record.ts";

/**
 * Maximum total number of characters of all inserted values. The limit is needed because a long value may be inserted
 * many times.
 */
const MAX_FILLED = 16 * 1024 * 1024;

/**
 * Replaces references to inputs in all texts of a dashboard's JSON by their values. References to inputs without a
 * value stay. `__inputs` and `__requires` are removed. Throws Refusal if the inserted values are too long in total.
 */
export function fillInputs(json: DashboardJson, values: ReadonlyMap<string, string>): DashboardJson {
  let filled = 0;
  const valueOf = (name: string): string | undefined => {
    const value = values.get(name);
    filled += value?.length ?? 0;
    if (filled > MAX_FILLED)
      throw refusal(400, "the values of the inputs, inserted wherever they are used, make the dashboard too large");
    return value;
  };
  const { __inputs: _inputs, __requires: _requires, ...rest } = json;
  return replaceInputs(rest, valueOf) as DashboardJson;
}

/**
 * Returns the values of the inputs of an exported dashboard that is imported without choices of a user. Each input for a data source
 * gets the default data source of its type, and each constant gets its value from the export.
 */
export function sourcesOfInputs(json: DashboardJson, sources: SourceStore): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const { name, type, pluginId, value } of usedInputs(json)) {
    if (type === "constant") values.set(name, value);
    if (type !== "datasource") continue;
    const source = sources.defaultOf(pluginId) ?? sources.default;
    if (source !== undefined) values.set(name, source.uid);
  }
  return values;
}
