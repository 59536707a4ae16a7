import { timeFormats } from "../time/format-time.ts";
import { datedText, localDateText, relativeText } from "./date-value.ts";
import { fixedText, wantedDecimals } from "./decimals.ts";
import { type FormatContext, formatted, type FormattedValue, type ValueFormatter } from "./formatted-value.ts";
import { countOf, currencyOf, iecNumber, psiNumber, shortNumber, siNumber, siOffset } from "./scaled-number.ts";
import { formatClock, formatDaysHms, formatDuration, formatHms, formatSpan } from "./time-span.ts";
import { unitCategories, type UnitForm } from "./unit-table.ts";

type Write = (value: number, decimals: number | null | undefined, context: FormatContext) => FormattedValue;

const dated =
  (text: (time: number, context: FormatContext) => string): Write =>
  (value, _, context) =>
    formatted(text(value, context));

const fixed =
  (symbol: string): Write =>
  (value, decimals) =>
    formatted(fixedText(value, decimals), symbol === "" ? "" : ` ${symbol}`);

const hex = (prefix: string): Write => {
  return (value, decimals) => {
    if (!Number.isFinite(value)) return formatted(fixedText(value));
    // Rounds the number in decimal notation before it is written in hexadecimal notation.
    const rounded = Number(fixedText(value, decimals));
    const text = Math.abs(rounded).toString(16).toUpperCase();
    return formatted(`${rounded < 0 ? "-" : ""}${prefix}${text}`);
  };
};

const plain: Readonly<Record<PlainForm, Write>> = {
  number: fixed(""),
  string: (value) => formatted(String(value)),
  short: shortNumber,
  psi: psiNumber,
  percent: (value, decimals) => formatted(fixedText(value, decimals), "%"),
  percentOfOne: (value, decimals) => formatted(fixedText(100 * value, decimals), "%"),
  hex: hex(""),
  hexPrefixed: hex("0x"),
  scientific: (value, decimals) => formatted(value.toExponential(wantedDecimals(decimals))),
  locale: (value, decimals, { locale }) => {
    const digits = wantedDecimals(decimals);
    return formatted(value.toLocaleString(locale, digits === undefined ? {} : { maximumFractionDigits: digits }));
  },
  localDate: dated((time, context) => localDateText(time, false, context)),
  localDateOrTime: dated((time, context) => localDateText(time, true, context)),
  systemDate: dated((time, context) =>
    datedText(time, context.milliseconds === true ? timeFormats.fullDateMs : timeFormats.fullDate, undefined, context),
  ),
  fromNow: dated(relativeText),
  hms: formatHms,
  dhms: formatDaysHms,
  timeTicks: (value, decimals) => formatSpan("s", value / 100, decimals),
};

type PlainForm = Extract<UnitForm, readonly [string]>[0];

/** Returns the function that formats values in a unit. `form` is the unit's entry in the unit table. */
function writerOf(form: UnitForm): Write {
  switch (form[0]) {
    case "fixed":
      return fixed(form[1]);
    case "si":
      return siNumber(form[1], form[2]);
    case "iec":
      return iecNumber(form[1], form[2]);
    case "count":
      return countOf(form[1]);
    case "currency":
      return currencyOf(form[1], false);
    case "currencyAfter":
      return currencyOf(form[1], true);
    case "boolean":
      return (value) => formatted(value !== 0 && !Number.isNaN(value) ? form[1] : form[2]);
    case "time":
      return (value, decimals) => formatSpan(form[1], value, decimals);
    case "duration":
      return (value, decimals) => formatDuration(value, form[1], decimals);
    case "clock":
      return (value, decimals) => formatClock(value * form[1], decimals);
    case "date":
      return dated((time, context) => datedText(time, form[1], form[2], context));
    default:
      return plain[form[0]];
  }
}

/**
 * Functions that return the formatter for unit ids with a prefix such as `suffix:`. The argument is the text after the
 * colon.
 */
const families = new Map<string, (rest: string) => Write>([
  ["prefix", (rest) => (value, decimals) => formatted(fixedText(value, decimals), "", rest)],
  ["suffix", (rest) => fixed(rest)],
  ["time", (rest) => writerOf(["date", rest === "" ? timeFormats.fullDate : rest])],
  [
    "si",
    (rest) => {
      const offset = siOffset(rest.charAt(0));
      return siNumber(offset === 0 ? rest : rest.slice(1), offset);
    },
  ],
  ["count", countOf],
  ["currency", currencyFamily],
  [
    "bool",
    (rest) => {
      const slash = rest.indexOf("/");
      return slash < 0
        ? writerOf(["boolean", rest, "-"])
        : writerOf(["boolean", rest.slice(0, slash), rest.slice(slash + 1)]);
    },
  ],
]);

/**
 * Returns the formatter for units with the prefix `currency:`. `currency:EUR` abbreviates thousands;
 * `currency:financial:€:suffix` writes all digits, in groups.
 */
function currencyFamily(rest: string): Write {
  const [kind, symbol, position] = rest.split(":", 3);
  if (kind !== "financial" || symbol === undefined) return currencyOf(rest, false);
  if (symbol === "") return fixed("");
  return (value, decimals, { locale }) => {
    const digits = wantedDecimals(decimals);
    const text = value.toLocaleString(locale, {
      minimumFractionDigits: digits ?? 0,
      maximumFractionDigits: digits ?? 1,
    });
    return position === "suffix" ? formatted(text, symbol) : formatted(text, "", symbol);
  };
}

/** Misspelt unit ids that dashboards still contain, with the correct ids. */
const misspelt = new Map([["farenheit", "fahrenheit"]]);

let known: ReadonlyMap<string, UnitForm> | undefined;

/**
 * Returns the form of a unit (how its values are written) from the unit table. Returns undefined if the unit is not in
 * the table.
 */
export function unitForm(id: string): UnitForm | undefined {
  known ??= new Map(
    unitCategories.flatMap(({ units }) => units.map(([unit, , ...form]): [string, UnitForm] => [unit, form])),
  );
  return known.get(misspelt.get(id) ?? id);
}

function writerOfId(id: string): Write {
  const form = unitForm(id);
  if (form !== undefined) return writerOf(form);
  const colon = id.indexOf(":");
  const family = colon > 0 ? families.get(id.slice(0, colon)) : undefined;
  return family === undefined ? fixed(id) : family(id.slice(colon + 1));
}

const NOTHING = formatted("");

/**
 * Returns the formatter of a unit: an id of the table, one of the families `prefix:` `suffix:` `time:` `si:` `count:`
 * `currency:` `bool:`, or any other text, which is written after the number. Callers should use one formatter for a
 * whole column.
 */
export function unitFormatter(unit: string | undefined): ValueFormatter {
  // The unit may have any type, because settings from data sources were not validated before.
  const write = writerOfId(typeof unit === "string" ? unit : "");
  return (value, decimals, context = {}) => (value === null ? NOTHING : write(value, decimals, context));
}

/** Formats a value in a unit. Null has an empty text. */
export const formatValue = (
  unit: string | undefined,
  value: number | null,
  decimals?: number | null,
  context?: FormatContext,
): FormattedValue => unitFormatter(unit)(value, decimals, context);

/** Reports whether a unit formats times. */
export const isDateUnit = (unit: string): boolean => {
  if (unit.startsWith("time:")) return true;
  const kind = unitForm(unit)?.[0];
  return kind === "date" || kind === "localDate" || kind === "localDateOrTime" || kind === "fromNow";
};

/** Reports whether a unit writes words for true and false. */
export const isBooleanUnit = (unit: string): boolean => unit.startsWith("bool");

/** Reports whether a unit has prefixes for powers of 1024, so that round values are powers of two. */
export const isBinaryUnit = (unit: string): boolean => unitForm(unit)?.[0] === "iec";
