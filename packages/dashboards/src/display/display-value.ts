import type { Field } from "../frame/frame.ts";
import type { FormatContext } from "../units/formatted-value.ts";
import { isBooleanUnit, isDateUnit, unitFormatter } from "../units/unit-formatter.ts";
import { cssColor } from "./color/named-colors.ts";
import { type ColorContext, valueScale } from "./field-color.ts";
import { type Mapper, valueMapper } from "./value-mapping.ts";

/** A value in the form in which a panel shows it: text, prefix, suffix and colour. */
export interface DisplayValue {
  readonly prefix: string;
  readonly text: string;
  /** Text after the number, such as the unit. Begins with a space if the unit has one. */
  readonly suffix: string;
  /** CSS colour. */
  readonly color: string;
  /** The number that is shown; NaN if the value is not a number. */
  readonly numeric: number;
  /** Position of the value in the field's range, 0 to 1. Absent if a value mapping sets the colour. */
  readonly percent?: number;
  /** Name of the icon that a value mapping shows. */
  readonly icon?: string;
}

export type DisplayContext = ColorContext & FormatContext;

/**
 * Function that formats one value of a field.
 * @param adjacentDecimals number of decimals of the neighbouring values, as on an axis; trailing zeros are then left
 * out
 */
export type Displayer = (value: unknown, adjacentDecimals?: number) => DisplayValue;

/**
 * Returns a function that formats the values of a field. The function applies value mappings first, then unit and
 * decimals, then thresholds. Creating the function is expensive, so callers should use one function for a whole column.
 */
export function fieldDisplay(field: Field, context: DisplayContext): Displayer {
  const { config } = field;
  const { unit, isDate, milliseconds } = unitOf(field);
  const format = unitFormatter(unit);
  const mapper = valueMapper(config.mappings);
  const scale = valueScale(field, context);
  const formatting: FormatContext = { ...context, milliseconds };
  const trims = field.type === "number" && typeof config.decimals !== "number" && !isDate && !hasWords(unit);
  return (raw, adjacentDecimals) => {
    const value = isDate && typeof raw === "string" ? parseDate(raw) : raw;
    const numeric = unit === "string" ? NaN : numberOf(value);
    const mapped = mapping(mapper, value, context);
    const scaled = mapped?.color === undefined ? scale(Number.isNaN(numeric) ? -Infinity : numeric) : undefined;
    const rest = {
      numeric,
      color: mapped?.color ?? scaled!.color,
      ...(scaled === undefined ? {} : { percent: scaled.percent }),
      ...(mapped?.icon === undefined ? {} : { icon: mapped.icon }),
    };
    if (mapped?.text !== undefined) return { prefix: "", text: mapped.text, suffix: "", ...rest };
    if (Number.isNaN(numeric) || typeof value === "boolean") {
      const text = textOf(value);
      return { prefix: "", text: text === "" ? (config.noValue ?? "") : text, suffix: "", ...rest };
    }
    if (!trims || adjacentDecimals === undefined) return { ...format(numeric, config.decimals, formatting), ...rest };
    const shown = format(numeric, adjacentDecimals, formatting);
    const trimmed = Number(shown.text);
    return { ...shown, text: Number.isNaN(trimmed) ? shown.text : String(trimmed), ...rest };
  };
}

/**
 * Reports whether formatted values of this unit contain words or separators, so that trailing zeros must not be removed
 * from them.
 */
const hasWords = (unit: string): boolean => unit.startsWith("currency") || isBooleanUnit(unit) || unit === "locale";

interface FieldUnit {
  readonly unit: string;
  readonly isDate: boolean;
  readonly milliseconds: boolean;
}

/** A minute in ms. Times in a column that spans less than a minute are shown with milliseconds. */
const MINUTE = 60_000;

/** Returns the unit in the field's settings, or the default unit of the field's type. */
function unitOf(field: Field): FieldUnit {
  const unit = typeof field.config.unit === "string" ? field.config.unit : "";
  const isDate = unit !== "" && isDateUnit(unit);
  const plain = { unit, isDate, milliseconds: false };
  if (field.type === "time" && !isDate) {
    const { values } = field;
    const milliseconds = values.length > 1 && Math.abs(values.at(-1)! - values[0]!) < MINUTE;
    return { unit: "dateTimeAsSystem", isDate: true, milliseconds };
  }
  if (field.type === "boolean" && !isBooleanUnit(unit)) return { ...plain, unit: "bool" };
  if (field.type === "string" && unit === "") return { ...plain, unit: "string" };
  return plain;
}

interface Mapped {
  readonly text: string | undefined;
  readonly color: string | undefined;
  readonly icon: string | undefined;
}

function mapping(mapper: Mapper | undefined, value: unknown, { theme }: DisplayContext): Mapped | undefined {
  const result = mapper?.(value);
  if (result === undefined) return undefined;
  const { color } = result;
  return {
    text: typeof result.text === "string" ? result.text : undefined,
    color: typeof color === "string" ? cssColor(color, theme) : undefined,
    icon: typeof result.icon === "string" ? result.icon : undefined,
  };
}

/** Converts a value to a number. A text must be a number as a whole. Returns NaN for anything else. */
function numberOf(value: unknown): number {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  return typeof value === "string" && value !== "" ? Number(value) : NaN;
}

/** Returns the epoch milliseconds of a date in text. A date without a zone is in UTC. */
function parseDate(text: string): number {
  const trimmed = text.trim();
  const isZoned = !/^\d{4}-\d\d-\d\d[T ][\d:.]+$/.test(trimmed);
  return Date.parse(isZoned ? trimmed : `${trimmed.replace(" ", "T")}Z`);
}

/** Maximum length of a value's JSON text, in characters. Longer texts are truncated. */
const MAX_JSON = 100_000;

function textOf(value: unknown): string {
  if (value === null) return "";
  if (typeof value !== "object") {
    return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";
  }
  try {
    const parts = Array.isArray(value)
      ? value.map((part) => (isPlain(part) ? textOf(part) : JSON.stringify(part)))
      : [];
    return (Array.isArray(value) ? parts.join(", ") : JSON.stringify(value)).slice(0, MAX_JSON);
  } catch {
    // Returns an empty text for a value that JSON.stringify() rejects, for example because the value contains itself.
    return "";
  }
}

const isPlain = (value: unknown): boolean => value === null || typeof value !== "object";
