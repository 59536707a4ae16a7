import { quote } from "@narthex/model";
import { formatGoFloat } from "./float-format.ts";
import {
  entriesOf,
  fieldsOf,
  GoStruct,
  isFunction,
  itemsOf,
  sortedKeys,
  textOf,
  TrustedText,
  typeName,
  type Value,
} from "./value.ts";

/** Formats a value like Go's `%v`; nil is `<nil>`. */
export function printValue(value: Value): string {
  switch (typeof value) {
    case "string":
      return value;
    case "boolean":
    case "bigint":
      return String(value);
    case "number":
      return formatGoFloat(value, "g", -1);
  }
  if (value === null || value === undefined) return "<nil>";
  if (value instanceof TrustedText) return value.text;
  return textOf(value) ?? printComposite(value);
}

function printComposite(value: Value): string {
  const items = itemsOf(value);
  if (items !== undefined) return `[${items.map(printValue).join(" ")}]`;
  const entries = entriesOf(value);
  if (entries !== undefined)
    return `map[${sortedKeys(entries)
      .map((key) => `${key}:${printValue(entries.get(key))}`)
      .join(" ")}]`;
  const fields = fieldsOf(value);
  if (fields !== undefined) return `{${Object.values(fields).map(printValue).join(" ")}}`;
  return isFunction(value) ? "0x0" : String(value);
}

/** Formats a value as `{{…}}` prints it. A missing value is printed as `<no value>`. */
export const printResult = (value: Value): string =>
  value === undefined || value === null ? "<no value>" : printValue(value);

/** Formats values like Go's fmt.Sprint: adds a space between two values only if neither is a string. */
export function sprint(values: readonly Value[]): string {
  let out = "";
  values.forEach((value, i) => {
    if (i > 0 && typeof value !== "string" && typeof values[i - 1] !== "string") out += " ";
    out += printValue(value);
  });
  return out;
}

/** Formats a value like Go's `%+v`: struct fields with their names. */
export function printWithNames(value: Value): string {
  if (textOf(value) !== undefined) return printValue(value);
  const items = itemsOf(value);
  if (items !== undefined) return `[${items.map(printWithNames).join(" ")}]`;
  const fields = entriesOf(value) === undefined ? fieldsOf(value) : undefined;
  if (fields === undefined) return printValue(value);
  return `{${Object.entries(fields)
    .map(([name, field]) => `${name}:${printWithNames(field)}`)
    .join(" ")}}`;
}

/** Formats a value like Go's `%#v`, in Go syntax. */
export function printGoSyntax(value: Value): string {
  if (typeof value === "string") return quote(value);
  if (value === null || value === undefined) return "<nil>";
  const items = itemsOf(value);
  if (items !== undefined) return `${typeName(value)}{${items.map(printGoSyntax).join(", ")}}`;
  const entries = entriesOf(value);
  if (entries !== undefined) {
    const inner = sortedKeys(entries).map((key) => `${quote(key)}:${printGoSyntax(entries.get(key))}`);
    return `${typeName(value)}{${inner.join(", ")}}`;
  }
  if (!(value instanceof GoStruct)) return printValue(value);
  const inner = Object.entries(value.fields).map(([name, field]) => `${name}:${printGoSyntax(field)}`);
  return `${typeName(value)}{${inner.join(", ")}}`;
}
