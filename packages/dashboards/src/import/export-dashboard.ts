import type { KnownSource } from "../migrate/migration.ts";
import type { JsonObject } from "../model/field-config.ts";
import { copyJson, isObject, listAt, type MutableJson, objectAt, objectsAt, ownValue, textAt } from "../model/json.ts";
import { panelsOf } from "../model/json-panels.ts";

/** The program that made an export, with its version. */
export interface ExportedBy {
  readonly name: string;
  readonly version: string;
}

/**
 * Returns a dashboard's JSON in a form that other installations can import. Data sources become inputs
 * (`${DS_PROMETHEUS}`), constants become inputs with their value, and `__requires` lists the kinds of panels and data
 * sources that the dashboard needs. Data sources that are variables or built in stay unchanged.
 */
export function exportDashboard(source: JsonObject, sources: readonly KnownSource[], by: ExportedBy): JsonObject {
  const json = copyJson(source) as MutableJson;
  delete json["__inputs"];
  delete json["__requires"];
  const inputs = new Inputs(sources);
  nameSources(json, inputs);
  inputs.addConstants(json);
  const kinds = new Set(panelsOf(json).map(({ panel }) => textAt(panel, "type")));
  const requires = [
    { type: "grafana", id: "grafana", name: by.name, version: by.version },
    ...[...kinds]
      .filter((kind) => kind !== "" && kind !== "row")
      .sort()
      .map((id) => ({ type: "panel", id, name: "", version: "" })),
    ...inputs.types().map((id) => ({ type: "datasource", id, name: "", version: "" })),
  ];
  return { __inputs: inputs.list, __elements: {}, __requires: requires, ...json, id: null };
}

class Inputs {
  readonly list: MutableJson[] = [];
  readonly #sources: ReadonlyMap<string, KnownSource>;
  /** Names of the inputs for data sources, by the uid of the data source. */
  readonly #names = new Map<string, string>();
  /** Number of inputs with the same base name. The next input with this base name gets the number in its name. */
  readonly #taken = new Map<string, number>();

  constructor(sources: readonly KnownSource[]) {
    this.#sources = new Map([
      ...sources.map((source): [string, KnownSource] => [source.name, source]),
      ...sources.map((source): [string, KnownSource] => [source.uid, source]),
    ]);
  }

  /** Returns the input for a data source's uid or name. Undefined if the data source is unknown. */
  nameOf(uid: string): { name: string; type: string } | undefined {
    const source = this.#sources.get(uid);
    if (source === undefined) return undefined;
    const known = this.#names.get(source.uid);
    if (known !== undefined) return { name: known, type: source.type };
    const name = this.#free(`DS_${upperSnake(source.name)}`);
    this.#names.set(source.uid, name);
    this.list.push({
      name,
      label: source.name,
      description: "",
      type: "datasource",
      pluginId: source.type,
      pluginName: source.type,
    });
    return { name, type: source.type };
  }

  addConstants(json: MutableJson): void {
    for (const variable of objectsAt(objectAt(json, "templating") ?? {}, "list")) {
      if (variable["type"] !== "constant") continue;
      const name = this.#free(`VAR_${upperSnake(textAt(variable, "name"))}`);
      const value = textAt(variable, "query");
      this.list.push({
        name,
        type: "constant",
        label: textAt(variable, "label") || textAt(variable, "name"),
        value,
        description: "",
      });
      const reference = `\${${name}}`;
      variable["query"] = reference;
      variable["current"] = { value: reference, text: reference, selected: false };
      variable["options"] = [{ value: reference, text: reference, selected: false }];
    }
  }

  types(): string[] {
    const types = this.list.filter((input) => input["type"] === "datasource").map((input) => textAt(input, "pluginId"));
    return [...new Set(types)].sort();
  }

  #free(wanted: string): string {
    const count = (this.#taken.get(wanted) ?? 0) + 1;
    this.#taken.set(wanted, count);
    return count === 1 ? wanted : this.#free(`${wanted}_${count}`);
  }
}

function upperSnake(name: string): string {
  return name
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]+/g, "_")
    .slice(0, 100);
}

/** Replaces the data sources under every `datasource` key by references to inputs. */
function nameSources(json: unknown, inputs: Inputs): void {
  if (Array.isArray(json)) {
    for (const item of listAt({ json }, "json")) nameSources(item, inputs);
    return;
  }
  if (!isObject(json)) return;
  for (const [key, value] of Object.entries(json)) {
    if (key !== "datasource") nameSources(value, inputs);
    else if (isObject(value)) {
      const input = inputs.nameOf(textAt(value, "uid"));
      if (input !== undefined) json[key] = { ...value, type: input.type, uid: `\${${input.name}}` };
    } else if (typeof value === "string") {
      const input = inputs.nameOf(value);
      if (input !== undefined) json[key] = { type: input.type, uid: `\${${input.name}}` };
    }
  }
  nameOfSourceVariable(json, inputs);
}

/** Removes the selected data source of a variable, because it exists only in this installation. */
function nameOfSourceVariable(json: MutableJson, inputs: Inputs): void {
  const current = objectAt(json, "current");
  if (json["type"] !== "datasource" || current === undefined || !Object.hasOwn(json, "query")) return;
  const value = ownValue(current, "value");
  const input = typeof value === "string" ? inputs.nameOf(value) : undefined;
  if (input !== undefined) json["current"] = { ...current, value: `\${${input.name}}`, text: `\${${input.name}}` };
}
