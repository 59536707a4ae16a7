import type { Variable, VariableOption } from "../model/dashboard.ts";
import type { VariableState } from "./variable-selection.ts";

/** A condition that every query of a source takes on. */
export interface AdhocFilter {
  readonly key: string;
  readonly operator: string;
  readonly value: string;
}

/** Whether queries take a variable's filters on only where they name it. */
export const isAppliedByHand = ({ type, source }: Variable): boolean =>
  type === "adhoc" && source["applyMode"] === "manual";

/** Operators for one of several values, and what they are among labels. */
const ONE_OF: Readonly<Record<string, string>> = { "=|": "=~", "!=|": "!~" };

/** Filters as selectors of series have them: `job="api",code=~"5.."`. */
export const filterExpression = (filters: readonly AdhocFilter[]): string =>
  filters
    .map(
      ({ key, operator, value }) =>
        `${labelName(key)}${Object.hasOwn(ONE_OF, operator) ? ONE_OF[operator] : operator}"${quoted(value)}"`,
    )
    .join(",");

/** A name as selectors have it: in quotes, where it is not of the classic form. */
const labelName = (name: string): string => (/^[a-zA-Z_]\w*$/.test(name) ? name : `"${quoted(name)}"`);

const quoted = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");

/** Operators of a source whose queries select by labels. */
export const adhocOperators: readonly string[] = ["=", "!=", "=~", "!~"];

/** Signs that divide filters in addresses, and what stands for them within a filter. */
const ESCAPES: readonly (readonly [sign: string, escaped: string])[] = [
  ["|", "__gfp__"],
  [",", "__gfc__"],
  ["#", "__gfh__"],
];
const escape = (text: string): string => ESCAPES.reduce((all, [sign, escaped]) => all.replaceAll(sign, escaped), text);
const unescape = (text: string): string =>
  ESCAPES.reduce((all, [sign, escaped]) => all.replaceAll(escaped, sign), text);

/** A filter as a variable's choice and an address have it: `key|operator|value`. */
export function adhocOption({ key, operator, value }: AdhocFilter): VariableOption {
  return {
    text: `${key} ${operator} ${value}`,
    value: [key, operator, value].map(escape).join("|"),
  };
}

/** The filter that a choice stands for; undefined where it stands for none. A label after a comma is left out. */
export function readAdhocFilter(text: string): AdhocFilter | undefined {
  const parts = text.split("|", 4).map((part) => unescape(part.split(",", 1)[0] ?? ""));
  const [key = "", operator = "", value = ""] = parts;
  return parts.length < 3 || key === "" || operator === "" ? undefined : { key, operator, value };
}

/** The filters of a variable: those that were chosen, or else those that were saved with it. */
export function adhocFilters({
  variable,
  current,
}: Pick<VariableState, "variable" | "current">): readonly AdhocFilter[] {
  const chosen = current.flatMap(({ value }) => readAdhocFilter(value) ?? []);
  // Nothing chosen is kept as one empty choice, so that the saved filters do not come back.
  if (current.length > 0) return chosen;
  const saved = Object.hasOwn(variable.source, "filters") ? variable.source["filters"] : [];
  return Array.isArray(saved) ? saved.slice(0, 1000).flatMap((filter: unknown) => savedFilter(filter) ?? []) : [];
}

function savedFilter(filter: unknown): AdhocFilter | undefined {
  if (typeof filter !== "object" || filter === null || Array.isArray(filter)) return undefined;
  const { key, operator, value } = filter as Readonly<Record<string, unknown>>;
  if (typeof key !== "string" || key === "" || typeof operator !== "string") return undefined;
  return { key, operator, value: typeof value === "string" ? value : "" };
}
