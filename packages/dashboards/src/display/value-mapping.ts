import type { MappingResult, ValueMapping } from "../model/field-config.ts";
import { compileUserPattern } from "../pattern/user-pattern.ts";

/** Function that returns the mapped text and colour of a value, or undefined if no value mapping matches. */
export type Mapper = (value: unknown) => MappingResult | undefined;

type SpecialMatch = Extract<ValueMapping, { type: "special" }>["options"]["match"];

const isNaNumber = (value: unknown): boolean => typeof value === "number" && Number.isNaN(value);

const special: Readonly<Record<SpecialMatch, (value: unknown) => boolean>> = {
  true: (value) => value === true || value === "true",
  false: (value) => value === false || value === "false",
  null: (value) => value === null || value === undefined,
  nan: isNaNumber,
  "null+nan": (value) => value === null || value === undefined || isNaNumber(value),
  empty: (value) => value === "",
};

/**
 * Returns a function that applies the first matching value mapping. Callers should use one function for a whole column,
 * because creating it compiles regular expressions.
 */
export function valueMapper(mappings: readonly ValueMapping[] | undefined): Mapper | undefined {
  if (mappings === undefined || mappings.length === 0) return undefined;
  const mappers = mappings.filter(isReadable).map(mapperOf);
  return (value) => {
    for (const mapper of mappers) {
      const result = mapper(value);
      if (result !== undefined) return result;
    }
    return undefined;
  };
}

/**
 * Reports whether an object is a complete value mapping. The check is necessary because settings from data sources are
 * not validated earlier.
 */
const isReadable = (mapping: ValueMapping | null): boolean => {
  const options: unknown = mapping?.options;
  if (typeof options !== "object" || options === null) return false;
  return (
    mapping?.type === "value" || ("result" in options && typeof options.result === "object" && options.result !== null)
  );
};

function mapperOf(mapping: ValueMapping): Mapper {
  switch (mapping.type) {
    case "value": {
      const results = new Map(Object.entries(mapping.options));
      return (value) => (isScalar(value) ? (results.get(String(value)) ?? undefined) : undefined);
    }
    case "range":
      return rangeMapper(mapping.options);
    case "regex":
      return patternMapper(mapping.options);
    case "special": {
      const { match, result } = mapping.options;
      return (value) => (Object.hasOwn(special, match) && special[match](value) ? result : undefined);
    }
    default:
      // A mapping of an unknown kind matches nothing. Dashboards can contain unknown kinds, although the type excludes
      // them.
      return () => undefined;
  }
}

const isScalar = (value: unknown): value is string | number | boolean =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean";

/**
 * Returns the function for a mapping of a range of numbers. The range includes both ends, and is open at an absent end.
 * A text that starts with a number is compared as this number.
 */
function rangeMapper({ from, to, result }: Extract<ValueMapping, { type: "range" }>["options"]): Mapper {
  return (value) => {
    const number = typeof value === "number" ? value : typeof value === "string" ? Number.parseFloat(value) : NaN;
    if (Number.isNaN(number)) return undefined;
    return number < (from ?? -Infinity) || number > (to ?? Infinity) ? undefined : result;
  };
}

/**
 * Returns the function for a mapping of texts that match a regular expression. The result may refer to groups of the
 * expression: `$1`.
 */
function patternMapper({ pattern, result }: Extract<ValueMapping, { type: "regex" }>["options"]): Mapper {
  const compiled = typeof pattern === "string" ? compileUserPattern(pattern) : undefined;
  if (compiled === undefined) return () => undefined;
  return (value) => {
    if (typeof value !== "string" || !compiled.test(value)) return undefined;
    return typeof result.text === "string" ? { ...result, text: compiled.replace(value, result.text) } : result;
  };
}
