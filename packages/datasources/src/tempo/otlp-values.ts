import type { JsonObject } from "@narthex/dashboards";
import { listAt, objectAt, objectsAt, textAt } from "../json-values.ts";
import { MAX_ATTRIBUTES } from "../traces/span-limits.ts";
import type { KeyValue } from "../traces/span.ts";

/** Largest depth of lists and maps in the value of an attribute. Deeper values become null. */
const MAX_DEPTH = 16;

/** The value of an attribute in a frame. */
export type AttributeValue = string | number | boolean | null;

/** Returns the attributes of a span, a resource, an event or a link. */
export const attributesOf = (owner: JsonObject): readonly KeyValue[] =>
  objectsAt(owner, "attributes")
    .slice(0, MAX_ATTRIBUTES)
    .map((attribute) => ({ key: textAt(attribute, "key"), value: attributeValue(objectAt(attribute, "value")) }));

/** Returns the value of an attribute. Lists and maps become a text with their JSON, as in Grafana. */
export function attributeValue(value: JsonObject | undefined): AttributeValue {
  const plain = plainValue(value, MAX_DEPTH);
  return typeof plain === "object" && plain !== null ? JSON.stringify(plain) : (plain as AttributeValue);
}

/** Converts a value of OTLP, which names its type, to plain JSON. */
function plainValue(value: JsonObject | undefined, depth: number): unknown {
  if (value === undefined || depth === 0) return null;
  const [type] = Object.keys(value);
  const given = type === undefined ? null : value[type];
  switch (type) {
    case "stringValue":
    case "bytesValue":
      return typeof given === "string" ? given : "";
    case "boolValue":
      return given === true;
    case "intValue":
      return integerOf(given);
    case "doubleValue":
      return typeof given === "number" || typeof given === "string" ? Number(given) : null;
    case "arrayValue":
      return objectsAt(objectAt(value, type) ?? {}, "values").map((one) => plainValue(one, depth - 1));
    case "kvlistValue":
      return Object.fromEntries(
        listAt(objectAt(value, type) ?? {}, "values").flatMap((one) => {
          const entry = typeof one === "object" && one !== null ? (one as JsonObject) : {};
          return [[textAt(entry, "key"), plainValue(objectAt(entry, "value"), depth - 1)] as const];
        }),
      );
    default:
      return null;
  }
}

/** Returns an integer. Integers that a number cannot contain exactly stay texts. */
function integerOf(given: unknown): unknown {
  const number = typeof given === "string" ? Number(given) : given;
  if (typeof number !== "number" || Number.isNaN(number)) return null;
  return Number.isSafeInteger(number) ? number : String(given);
}
