import type { JsonObject } from "../model/field-config.ts";
import { isObject, objectAt, objectsAt, ownValue, textAt } from "../model/json.ts";
import { type DashboardInput, inputsOf } from "./inputs.ts";
import { MAX_DEPTH, referencesIn } from "./replace-inputs.ts";

/** Matches the names of inputs for data sources that a file may use without a declaration. */
const UNDECLARED_SOURCE = /^DS_[\w-]{1,200}$/;

/**
 * Returns the inputs of an exported dashboard: first the declared inputs, then references to data sources that the file
 * does not declare, either because the inputs were removed or because the file never had any. A name that is also the
 * name of a variable of the dashboard refers to the variable, and is left out.
 */
export function usedInputs(json: JsonObject): DashboardInput[] {
  const variables = new Set(
    objectsAt(objectAt(json, "templating") ?? {}, "list").map((variable) => textAt(variable, "name")),
  );
  const declared = inputsOf(json);
  const names = new Set(declared.map(({ name }) => name));
  const types = typesOfReferences(json);
  const undeclared = [...referencesIn(json)]
    .filter((name) => UNDECLARED_SOURCE.test(name) && !names.has(name))
    .map((name): DashboardInput => {
      const pluginId = types.get(name) ?? typeOfName(name);
      return { name, type: "datasource", label: "", description: "", pluginId, value: "" };
    });
  return [...declared, ...undeclared].filter(({ name }) => !variables.has(name));
}

/** Returns the type of the data source from the name of an input: `DS_PROMETHEUS_EU` gives prometheus. */
const typeOfName = (name: string): string => name.slice("DS_".length).split(/[-_]/, 1)[0]!.toLowerCase();

/**
 * Returns the data source type of each input reference. The type is stored next to the reference: `{type: "prometheus",
 * uid: "${DS_X}"}`.
 */
function typesOfReferences(json: unknown, found = new Map<string, string>(), depth = 0): Map<string, string> {
  if (typeof json !== "object" || json === null || depth >= MAX_DEPTH) return found;
  if (isObject(json)) {
    const uid = ownValue(json, "uid");
    const type = ownValue(json, "type");
    if (typeof uid === "string" && typeof type === "string" && /^\$\{[\w-]{1,200}\}$/.test(uid))
      found.set(uid.slice(2, -1), type);
  }
  for (const value of Array.isArray(json) ? json : Object.values(json)) typesOfReferences(value, found, depth + 1);
  return found;
}
