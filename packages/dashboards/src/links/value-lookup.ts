import type { DisplayValue, Displayer } from "../display/display-value.ts";
import { FieldNames, frameName, labelsText } from "../display/field-name.ts";
import { type Field, type Frame, timeFieldOf, valueAt } from "../frame/frame.ts";
import { joinFormatted } from "../units/formatted-value.ts";
import type { BoundVariable, Lookup } from "../variables/variable-syntax.ts";

/** The position of the value for which a link is resolved. */
export interface ValuePlace {
  readonly frame: Frame;
  readonly field: Field;
  /** Row of the value. Absent if the link belongs to a whole series. */
  readonly row?: number;
  /** The value that a panel computed from the field, such as a mean. */
  readonly reduced?: DisplayValue;
  /**
   * Returns the formatter of a field. This function is called each time a variable needs a formatted value, so the
   * caller should cache the result.
   */
  readonly displayOf: (field: Field) => Displayer;
  /** Names of the fields in all frames that are shown together. If absent, names are computed from this frame alone. */
  readonly names?: FieldNames;
}

/**
 * Adds variables for data to a lookup: `__value.raw|numeric|text|time`, `__field.name|displayName|labels.X`,
 * `__series.name`, `__data.fields.X` and `__data.fields[0]`, which have the parts `.numeric` and `.text`. The older
 * variable `__cell_N` is the value of the row in column N.
 */
export function valueLookup(place: ValuePlace, around: Lookup): Lookup {
  return (name, part) => {
    const find = Object.hasOwn(FINDERS, name) ? FINDERS[name] : cellFinder(name);
    if (find === undefined) return around(name, part);
    const found = find(place, part);
    return found === undefined ? undefined : bind(name, part, found);
  };
}

/**
 * Function that returns the values of a variable at a place in the data. Returns undefined to leave the reference
 * unchanged, for example if the link has no row.
 */
type Finder = (place: ValuePlace, part: string | undefined) => readonly string[] | undefined;

const FINDERS: Readonly<Record<string, Finder>> = {
  __value: valueOf,
  __field: fieldOf,
  __series: ({ frame, names }, part) => (part === "name" ? [frameName(frame, names)] : undefined),
  __data: dataOf,
};

/** Matches the name of the older variable for the value of a row in a column. */
const CELL = /^__cell_(\d{1,4})$/;

function cellFinder(name: string): Finder | undefined {
  const column = name.startsWith("__cell_") ? CELL.exec(name)?.[1] : undefined;
  if (column === undefined) return undefined;
  return ({ frame, row }) => {
    const field = frame.fields[Number(column)];
    if (field === undefined || row === undefined) return undefined;
    const value = valueAt(field, row);
    if (value === null || value === undefined) return [""];
    return [typeof value === "string" ? value : JSON.stringify(value)];
  };
}

function bind(name: string, part: string | undefined, values: readonly string[]): BoundVariable {
  const bound = { name, values, texts: values, isMulti: false, isVerbatim: false };
  return part === undefined ? bound : { ...bound, parts: { [part]: values.join(",") } };
}

function valueOf({ frame, field, row, reduced, displayOf }: ValuePlace, part: string | undefined) {
  if (reduced !== undefined) {
    if (part === "time") return [""];
    return [part === "raw" || part === "numeric" ? String(reduced.numeric) : joinFormatted(reduced)];
  }
  if (row === undefined) return undefined;
  if (part === "time") {
    const time = timeFieldOf(frame);
    return [time === undefined ? "" : rawText(valueAt(time, row))];
  }
  const value = valueAt(field, row);
  if (part === "raw") return [rawText(value)];
  const shown = displayOf(field)(value);
  return [part === "numeric" ? String(shown.numeric) : joinFormatted(shown)];
}

function fieldOf({ frame, field, names }: ValuePlace, part: string | undefined) {
  if (part === undefined) return undefined;
  const [first, ...rest] = pathOf(part);
  if (first === "name") return [field.name];
  if (first === "displayName") return [(names ?? new FieldNames([frame])).nameOf(field, frame)];
  if (first !== "labels" && first !== "formattedLabels") return [""];
  const labels = field.labels ?? {};
  // Joins the remaining keys again, because a label name may contain dots, at which the path was split.
  const label = rest.join(".");
  if (rest.length === 0) return [labelsText(labels).slice(1, -1)];
  if (Object.hasOwn(labels, label)) return [labels[label]!];
  return [label === "__values" ? Object.values(labels).sort().join(", ") : ""];
}

function dataOf({ frame, row, displayOf }: ValuePlace, part: string | undefined) {
  if (part === undefined || row === undefined) return undefined;
  const [first, key, ...rest] = pathOf(part);
  if (first === "name") return [frame.name ?? ""];
  if (first === "refId") return [frame.refId ?? ""];
  if (first !== "fields" || key === undefined) return [""];
  const whole = columnOf(frame, [key, ...rest].join("."));
  if (whole !== undefined) return [joinFormatted(displayOf(whole)(valueAt(whole, row)))];
  const detail = rest.pop();
  const field = detail === undefined ? undefined : columnOf(frame, [key, ...rest].join("."));
  if (field === undefined) return [""];
  const shown = displayOf(field)(valueAt(field, row));
  switch (detail) {
    case "text":
    case "prefix":
    case "suffix":
    case "color":
      return [shown[detail]];
    case "numeric":
    case "percent":
      return [String(shown[detail] ?? "")];
    default:
      return [""];
  }
}

/**
 * Finds a column of a frame. The key may be the column's name, its index, its display name, or the value of its label
 * `name`.
 */
const columnOf = ({ fields }: Frame, key: string): Field | undefined =>
  fields.find(({ name }) => name === key) ??
  (/^\d{1,9}$/.test(key) ? fields[Number(key)] : undefined) ??
  fields.find(({ config }) => config.displayName === key) ??
  fields.find(({ labels }) => labels !== undefined && Object.hasOwn(labels, "name") && labels["name"] === key);

/**
 * Splits a path of properties into keys: `fields.a`, `fields[0]`, `fields["a b"].text`. The time is linear in the
 * length of the path.
 */
const pathOf = (part: string): readonly string[] =>
  [...part.matchAll(/\["([^"]*)"\]|\['([^']*)'\]|\[([^\]]*)\]|([^.[]+)/g)].map(
    (match) => match[1] ?? match[2] ?? match[3] ?? match[4]!,
  );

/** Returns a value as text for URLs, without a unit. Returns an empty text if there is no value. */
function rawText(value: unknown): string {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value !== "object" || value === null) return "";
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    // Returns an empty text for a value that JSON.stringify() rejects, for example because the value contains itself.
    return "";
  }
}
