import { type BoundVariable, type Field, interpolate, joinFormatted, type Lookup, valueAt } from "@narthex/dashboards";
import type { ReducedValue } from "./reduced-values.ts";

/** Texts of values are not longer in names and addresses. */
const MAX_TEXT = 10_000;

function bound(name: string, value: string, parts?: Readonly<Record<string, string>>): BoundVariable {
  const text = value.slice(0, MAX_TEXT);
  return {
    name,
    values: [text],
    texts: [text],
    isMulti: false,
    isVerbatim: true,
    ...(parts === undefined ? {} : { parts }),
  };
}

/** A record without what objects inherit: its keys come from labels. */
const record = (entries: Iterable<readonly [string, string]>): Record<string, string> =>
  Object.assign(Object.create(null) as Record<string, string>, Object.fromEntries(entries));

/** A cell as it is, without unit; of what is no plain value nothing. */
const cellText = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";

/** A field's name, in which `${__calc}` stands for the reducer. */
export const nameWithCalc = (field: Field, name: string, calc: string): string =>
  field.config.displayName?.includes("__calc") === true
    ? interpolate(name, (variable) => (variable === "__calc" ? bound("__calc", calc) : undefined))
    : name;

/** The names that links of a value may hold: `${__value.raw}`, `${__field.labels.job}`, `${__data.fields.host}`. */
export function valueLookup(value: ReducedValue): Lookup {
  const { display, field, frame, name, row, calc } = value;
  const labels = Object.entries(field.labels ?? {});
  const raw = Number.isNaN(display.numeric) ? display.text : String(display.numeric);
  const found: Readonly<Record<string, () => BoundVariable>> = {
    __value: () => {
      const time = frame.fields.find(({ type }) => type === "time");
      return bound("__value", raw, record([
        ["raw", raw],
        ["numeric", String(display.numeric)],
        ["text", joinFormatted(display)],
        ["calc", calc ?? ""],
        ["time", time === undefined || row === undefined ? "" : cellText(valueAt(time, row))],
      ])); // prettier-ignore
    },
    __field: () =>
      bound("__field", name, record([
        ["name", name],
        ["displayName", name],
        ["labels", labels.map(([key, text]) => `${key}="${text}"`).join(", ")],
        ...labels.map(([key, text]): [string, string] => [`labels.${key}`, text]),
      ])), // prettier-ignore
    __series: () => bound("__series", frame.name ?? name, record([["name", frame.name ?? name]])),
    __calc: () => bound("__calc", calc ?? ""),
    __data: () =>
      bound("__data", "", record(
        frame.fields.flatMap((other, at): [string, string][] => {
          const text = row === undefined ? "" : cellText(valueAt(other, row));
          return [[`fields.${other.name}`, text], [`fields["${other.name}"]`, text], [`fields[${at}]`, text]];
        }),
      )), // prettier-ignore
  };
  return (variable) => (Object.hasOwn(found, variable) ? found[variable]!() : undefined);
}
