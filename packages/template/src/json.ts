import { GoDuration } from "./duration.ts";
import { GoTime } from "./time.ts";
import { entriesOf, fieldsOf, GoStruct, itemsOf, sortedKeys, TrustedText, type Value } from "./value.ts";
import { FunctionError } from "./problem.ts";

const UNSAFE: Readonly<Record<string, string>> = {
  "<": "\\u003c",
  ">": "\\u003e",
  "&": "\\u0026",
  "\u2028": "\\u2028",
  "\u2029": "\\u2029",
};

/** Returns a JSON string as Go's encoder writes it, with `<`, `>` and `&` escaped. */
export const jsonString = (text: string): string =>
  JSON.stringify(text.toWellFormed()).replace(/[<>&\u2028\u2029]/g, (char) => UNSAFE[char]!);

/** Returns a template value as compact JSON with sorted map keys, like Go's encoder. Throws FunctionError. */
export function toJson(value: Value): string {
  switch (typeof value) {
    case "string":
      return jsonString(value);
    case "bigint":
    case "boolean":
      return String(value);
    case "number":
      if (!Number.isFinite(value)) throw new FunctionError(`json: unsupported value: ${value}`);
      return JSON.stringify(value);
    case "undefined":
      return "null";
  }
  if (value === null) return "null";
  if (value instanceof GoTime) return jsonString(value.toJSON());
  if (value instanceof GoDuration) return String(value.nanoseconds);
  if (value instanceof TrustedText) return jsonString(value.text);
  return composite(value);
}

function composite(value: Value): string {
  const items = itemsOf(value);
  if (items !== undefined) return `[${items.map(toJson).join(",")}]`;
  const entries = entriesOf(value);
  if (entries !== undefined) {
    return `{${sortedKeys(entries)
      .map((key) => `${jsonString(key)}:${toJson(entries.get(key))}`)
      .join(",")}}`;
  }
  const fields = fieldsOf(value);
  if (fields === undefined) throw new FunctionError("json: unsupported type");
  const names = value instanceof GoStruct ? value.type.jsonNames : undefined;
  const members = Object.entries(fields).map(
    ([name, field]) => `${jsonString(names?.[name] ?? name)}:${toJson(field)}`,
  );
  return `{${members.join(",")}}`;
}
