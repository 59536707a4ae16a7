import type { Variable, VariableOption } from "../model/dashboard.ts";
import type { VariableState } from "./variable-selection.ts";

/** An ad hoc filter: a condition that is added to every query of a data source. */
export interface AdHocFilter {
  readonly key: string;
  readonly operator: string;
  readonly value: string;
}

/** Reports whether the filters of an ad hoc variable apply only to queries that name the variable. */
export const isAppliedByHand = ({ type, source }: Variable): boolean =>
  type === "adhoc" && source["applyMode"] === "manual";

/** Maps operators that accept one of several values to the matching operators of PromQL. */
const ONE_OF: Readonly<Record<string, string>> = { "=|": "=~", "!=|": "!~" };

/** Returns the filters as matchers of a series selector: `job="api",code=~"5.."`. */
export const filterExpression = (filters: readonly AdHocFilter[]): string =>
  filters
    .map(
      ({ key, operator, value }) =>
        `${labelName(key)}${Object.hasOwn(ONE_OF, operator) ? ONE_OF[operator] : operator}"${quoted(value)}"`,
    )
    .join(",");

/** Returns a label name for a selector, in quotes unless it consists of letters, digits and underscores. */
const labelName = (name: string): string => (/^[a-zA-Z_]\w*$/.test(name) ? name : `"${quoted(name)}"`);

const quoted = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");

/** Filter operators for data sources whose queries select series by labels. */
export const adHocOperators: readonly string[] = ["=", "!=", "=~", "!~"];

/** Characters that separate filters in URLs, and their escapes within a filter. */
const ESCAPES: readonly (readonly [sign: string, escaped: string])[] = [
  ["|", "__gfp__"],
  [",", "__gfc__"],
  ["#", "__gfh__"],
];
const escape = (text: string): string => ESCAPES.reduce((all, [sign, escaped]) => all.replaceAll(sign, escaped), text);
const unescape = (text: string): string =>
  ESCAPES.reduce((all, [sign, escaped]) => all.replaceAll(escaped, sign), text);

/**
 * Converts a filter to an option of its variable. The option's value has the form that URLs use: `key|operator|value`.
 */
export function adHocOption({ key, operator, value }: AdHocFilter): VariableOption {
  return {
    text: `${key} ${operator} ${value}`,
    value: [key, operator, value].map(escape).join("|"),
  };
}

/**
 * Returns the filter that an option's value encodes, or undefined if it is not a filter. Grafana appends labels after
 * commas; they are ignored.
 */
export function readAdHocFilter(text: string): AdHocFilter | undefined {
  const parts = text.split("|", 4).map((part) => unescape(part.split(",", 1)[0] ?? ""));
  const [key = "", operator = "", value = ""] = parts;
  return parts.length < 3 || key === "" || operator === "" ? undefined : { key, operator, value };
}

/**
 * Returns the filters that the user has selected for a variable, otherwise the filters that are saved in the dashboard.
 */
export function adHocFilters({
  variable,
  current,
}: Pick<VariableState, "variable" | "current">): readonly AdHocFilter[] {
  const chosen = current.flatMap(({ value }) => readAdHocFilter(value) ?? []);
  // Removing all filters is stored as one empty option, so that the saved filters do not come back.
  if (current.length > 0) return chosen;
  const saved = Object.hasOwn(variable.source, "filters") ? variable.source["filters"] : [];
  return Array.isArray(saved) ? saved.slice(0, 1000).flatMap((filter: unknown) => savedFilter(filter) ?? []) : [];
}

function savedFilter(filter: unknown): AdHocFilter | undefined {
  if (typeof filter !== "object" || filter === null || Array.isArray(filter)) return undefined;
  const { key, operator, value } = filter as Readonly<Record<string, unknown>>;
  if (typeof key !== "string" || key === "" || typeof operator !== "string") return undefined;
  return { key, operator, value: typeof value === "string" ? value : "" };
}
