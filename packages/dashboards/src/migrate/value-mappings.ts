import type { Findings } from "../model/findings.ts";
import { isObject, listAt, type MutableJson, numberOf, objectAt, objectsAt, ownValue } from "../model/json.ts";

/** Reports whether a list contains outdated value mappings, whose kind is a number or missing. */
export function areOldMappings(mappings: unknown): boolean {
  return (
    Array.isArray(mappings) && mappings.some((each) => isObject(each) && typeof ownValue(each, "type") !== "string")
  );
}

/**
 * Converts outdated mappings of values (kind 1) and ranges (kind 2) to the current form. If a mapping's text is a
 * number, the mapping gets the colour of this number's threshold, because thresholds were applied to the mapped text.
 */
export function mappingsOf(old: readonly unknown[], thresholds?: Readonly<MutableJson>): MutableJson[] {
  const values: MutableJson = {};
  const others: MutableJson[] = [];
  for (const mapping of old.filter(isObject)) {
    const kind = ownValue(mapping, "type");
    if (typeof kind === "string") {
      if (kind === "value") Object.assign(values, withoutPrototype(objectAt(mapping, "options") ?? {}));
      else others.push(mapping);
      continue;
    }
    const result = resultOf(mapping, thresholds);
    if (kind === 2) {
      const [from, to] = [numberOf(ownValue(mapping, "from")) ?? null, numberOf(ownValue(mapping, "to")) ?? null];
      others.push({ type: "range", options: { from, to, result } });
      continue;
    }
    const value = ownValue(mapping, "value");
    if (value === "null") others.push({ type: "special", options: { match: "null", result } });
    else if ((typeof value === "string" && value !== "__proto__") || typeof value === "number")
      values[`${value}`] = result;
  }
  return Object.keys(values).length === 0 ? others : [{ type: "value", options: values }, ...others];
}

function withoutPrototype(options: MutableJson): MutableJson {
  return Object.fromEntries(Object.entries(options).filter(([key]) => key !== "__proto__"));
}

function resultOf(mapping: MutableJson, thresholds?: Readonly<MutableJson>): MutableJson {
  const text = ownValue(mapping, "text");
  const shown = typeof text === "string" || typeof text === "number" ? String(text) : "";
  const color = thresholds === undefined ? undefined : colorOf(Number.parseFloat(shown), thresholds);
  return { text: shown, ...(color !== undefined && { color }) };
}

function colorOf(number: number, thresholds: Readonly<MutableJson>): unknown {
  if (Number.isNaN(number)) return undefined;
  const reached = objectsAt(thresholds, "steps").filter((step, i) => {
    const from = numberOf(ownValue(step, "value")) ?? (i === 0 ? -Infinity : Infinity);
    return number >= from;
  });
  return reached.at(-1)?.["color"];
}

/** Converts the mappings of a panel's fields and overrides to the current form. */
export function migrateMappings(panel: Readonly<MutableJson>, path: string, findings: Findings): void {
  const config = objectAt(panel, "fieldConfig") ?? {};
  const defaults = objectAt(config, "defaults");
  if (defaults !== undefined && areOldMappings(defaults["mappings"])) {
    defaults["mappings"] = mappingsOf(listAt(defaults, "mappings"), objectAt(defaults, "thresholds"));
    findings.change(`${path}.fieldConfig.defaults.mappings`, "Value mappings were converted to the current form.");
  }
  for (const override of objectsAt(config, "overrides"))
    for (const property of objectsAt(override, "properties"))
      if (property["id"] === "mappings" && areOldMappings(property["value"]))
        property["value"] = mappingsOf(listAt(property, "value"));
}
