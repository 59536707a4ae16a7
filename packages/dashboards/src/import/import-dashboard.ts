import type { KnownSource } from "../migrate/migration.ts";
import type { JsonObject } from "../model/field-config.ts";
import { Findings, type Problem } from "../model/findings.ts";
import { copyJson, isObject, listAt, type MutableJson, objectAt, objectsAt, ownValue, textAt } from "../model/json.ts";
import { type DashboardInput, inputsOf } from "./inputs.ts";
import { insertLibraryPanels } from "./library-panels.ts";
import { referencesIn, replaceInputs } from "./replace-inputs.ts";

export interface ImportedDashboard {
  /** The dashboard's JSON after inputs were replaced. `readDashboard` accepts it. */
  readonly json: JsonObject;
  readonly problems: readonly Problem[];
}

/** Matches the names of inputs for data sources that a file may use without a declaration. */
const UNDECLARED_SOURCE = /^DS_[\w-]{1,200}$/;

/**
 * Replaces the inputs of an exported dashboard by values: a data source by its uid, a constant by its text. A constant
 * without a given value gets its value from the export. A data source without a given value becomes the default source
 * of its type, or else the first source of its type. If no source has this type, the overall default is used and a
 * problem is reported. Also inserts the library panels that the file contains. Called for a user's import and for
 * provisioned files, for which users cannot choose values.
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
  const resolved = new Map<string, string>();
  const types = typesOfReferences(copy);
  const declared = inputsOf(copy);
  for (const input of [...declared, ...undeclaredInputs(copy, declared, types)]) {
    const value = Object.hasOwn(values, input.name) ? values[input.name] : fallbackOf(input, sources, findings);
    if (value !== undefined) resolved.set(input.name, value);
  }
  delete copy["__inputs"];
  delete copy["__requires"];
  insertLibraryPanels(copy, findings);
  const replaced = resolved.size === 0 ? copy : (replaceInputs(copy, (name) => resolved.get(name)) as MutableJson);
  return { json: replaced, problems: findings.problems };
}

/**
 * Returns inputs for references to data sources that the file does not declare, either because the inputs were removed
 * or because the file never had any.
 */
function undeclaredInputs(
  json: MutableJson,
  declared: readonly DashboardInput[],
  types: ReadonlyMap<string, string>,
): DashboardInput[] {
  const known = new Set([...declared.map(({ name }) => name), ...variableNames(json)]);
  return [...referencesIn(json)]
    .filter((name) => UNDECLARED_SOURCE.test(name) && !known.has(name))
    .map((name) => ({
      name,
      type: "datasource",
      label: "",
      description: "",
      pluginId: types.get(name) ?? name.slice("DS_".length).toLowerCase(),
      value: "",
    }));
}

function variableNames(json: MutableJson): string[] {
  return objectsAt(objectAt(json, "templating") ?? {}, "list").map((variable) => textAt(variable, "name"));
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

/**
 * Returns the data source type of each input reference. The type is stored next to the reference: `{type: "prometheus",
 * uid: "${DS_X}"}`.
 */
function typesOfReferences(json: unknown, found = new Map<string, string>()): Map<string, string> {
  if (Array.isArray(json)) for (const item of listAt({ json }, "json")) typesOfReferences(item, found);
  if (!isObject(json)) return found;
  const uid = ownValue(json, "uid");
  const type = ownValue(json, "type");
  if (typeof uid === "string" && typeof type === "string" && /^\$\{[\w-]{1,200}\}$/.test(uid))
    found.set(uid.slice(2, -1), type);
  for (const value of Object.values(json))
    if (typeof value === "object" && value !== null) typesOfReferences(value, found);
  return found;
}
