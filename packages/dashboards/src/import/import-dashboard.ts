import type { KnownSource } from "../migrate/migration.ts";
import type { JsonObject } from "../model/field-config.ts";
import { Findings, type Problem } from "../model/findings.ts";
import { copyJson, isObject, type MutableJson } from "../model/json.ts";
import type { DashboardInput } from "./inputs.ts";
import { insertLibraryPanels } from "./library-panels.ts";
import { replaceInputs } from "./replace-inputs.ts";
import { usedInputs } from "./used-inputs.ts";

export interface ImportedDashboard {
  /** The dashboard's JSON after inputs were replaced. `readDashboard` accepts it. */
  readonly json: JsonObject;
  readonly problems: readonly Problem[];
}

/**
 * Replaces the inputs of an exported dashboard by values: a data source by its uid, a constant by its text. A constant
 * without a given value gets its value from the export. A data source without a given value becomes the default source
 * of its type, or else the first source of its type. If no source has this type, the overall default is used and a
 * problem is reported. Also inserts the library panels that the file contains. Pages call the function for the file
 * that a user imports.
 */
export function importDashboard(
  json: unknown,
  sources: readonly KnownSource[],
  values: Readonly<Record<string, string>> = {},
): ImportedDashboard {
  const findings = new Findings();
  const copy = copyJson(json);
  if (!isObject(copy))
    return {
      json: {},
      problems: [{ path: "", message: "The file does not contain a dashboard: a JSON object is expected." }],
    };
  const resolved = new Map(Object.entries(values));
  for (const input of usedInputs(copy)) {
    if (resolved.has(input.name)) continue;
    const value = fallbackOf(input, sources, findings);
    if (value !== undefined) resolved.set(input.name, value);
  }
  delete copy["__inputs"];
  delete copy["__requires"];
  insertLibraryPanels(copy, findings);
  const replaced = resolved.size === 0 ? copy : (replaceInputs(copy, (name) => resolved.get(name)) as MutableJson);
  return { json: replaced, problems: findings.problems };
}

function fallbackOf(input: DashboardInput, sources: readonly KnownSource[], findings: Findings): string | undefined {
  if (input.type === "constant") return input.value;
  if (input.type === "library-panel") return undefined;
  const { name, pluginId } = input;
  const ofType = sources.filter(({ type, kind }) => type === pluginId || kind?.types.includes(pluginId) === true);
  const source = ofType.find(({ isDefault }) => isDefault) ?? ofType[0] ?? sources.find(({ isDefault }) => isDefault);
  if (source === undefined) {
    findings.problem(
      "__inputs",
      `No value was chosen for \${${name}}, and there is no source of the type "${pluginId}"; add one, or import the file and choose a source.`,
    );
    return undefined;
  }
  findings.problem("__inputs", `No value was chosen for \${${name}}; the source "${source.name}" is used.`);
  return source.uid;
}
