import { formatFloat } from "@narthex/model";
import type { JsonValue } from "../../answers/json-value.ts";
import type { TargetLabels } from "../../answers/targets-in-turns.ts";
import { sanitizeLabelName } from "../../target-labels.ts";

const PREFIX = "__meta_puppetdb_parameter_";

/**
 * Returns a label for each parameter of a resource. The parameters of a nested object `a: {b: …}` are named `a_b`, and
 * lists are joined with commas. Other values, such as lists within lists, have no text.
 */
export function parameterLabels(parameters: JsonValue): TargetLabels {
  const labels: Record<string, string> = {};
  const objects: { readonly prefix: string; readonly object: JsonValue }[] = [{ prefix: PREFIX, object: parameters }];
  for (let at = objects.pop(); at !== undefined; at = objects.pop()) {
    for (const [name, value] of at.object.entries()) {
      const label = at.prefix + sanitizeLabelName(name);
      const plain = value.plain();
      if (Array.isArray(plain)) labels[label] = plain.map(textOf).join(",");
      else if (typeof plain === "object" && plain !== null) objects.push({ prefix: `${label}_`, object: value });
      else labels[label] = textOf(plain);
    }
  }
  return labels;
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return formatFloat(value);
  return typeof value === "boolean" ? String(value) : "";
}
