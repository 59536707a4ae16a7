import { adHocFilters, filterExpression, isAppliedByHand } from "./ad-hoc-filter.ts";
import type { Variable, VariableOption } from "../model/dashboard.ts";
import type { JsonObject } from "../model/field-config.ts";
import type { BoundVariable } from "./variable-syntax.ts";

/** Value that represents All in saved dashboards and URLs. */
export const ALL_VALUE = "$__all";
export const ALL_OPTION: VariableOption = { text: "All", value: ALL_VALUE };

export interface VariableState {
  readonly variable: Variable;
  readonly options: readonly VariableOption[];
  readonly current: readonly VariableOption[];
  /** Message that explains why options are missing. */
  readonly error?: string;
}

/** Types of variables whose value is typed by the user or set by the dashboard, and not selected from options. */
const FREE: ReadonlySet<string> = new Set(["textbox", "constant", "adhoc", "groupby", "switch"]);

/** Variable types that always accept several values, even without the setting `multi`. */
const SEVERAL: ReadonlySet<string> = new Set(["adhoc", "groupby"]);

export const isAll = (current: readonly VariableOption[]): boolean => current.some(({ value }) => value === ALL_VALUE);

/**
 * Updates a variable's selection after its options have changed: keeps the selected options that still exist. If none
 * exists, selects All if it is offered, otherwise the first option.
 */
export function reconcileSelection(
  variable: Variable,
  current: readonly VariableOption[],
  options: readonly VariableOption[],
): readonly VariableOption[] {
  if (FREE.has(variable.type)) return current;
  if (variable.includeAll && isAll(current)) return [ALL_OPTION];
  const byValue = new Map(options.map((option) => [option.value, option]));
  const byText = new Map(options.map((option) => [option.text, option]));
  const kept = current.flatMap(({ value, text }) => byValue.get(value) ?? byText.get(text) ?? []);
  if (kept.length > 0) return variable.multi ? kept : kept.slice(0, 1);
  return variable.includeAll ? [ALL_OPTION] : options.slice(0, 1);
}

/** Reports whether two selections have the same values. */
export const isSameSelection = (a: readonly VariableOption[], b: readonly VariableOption[]): boolean =>
  a.length === b.length && a.every(({ value }, at) => value === b[at]!.value);

/** Reports whether a user may enter a value that is not one of the options. */
export const takesOthers = ({ type, source }: Variable): boolean =>
  (type === "query" || type === "custom" || type === "groupby") &&
  !(Object.hasOwn(source, "allowCustomValue") && source["allowCustomValue"] === false);

/**
 * Updates a variable's selection after its options have changed, but keeps values that are no longer options. An empty
 * selection becomes All or the first option, except for variables without options, such as text boxes.
 */
export function keptSelection(
  variable: Variable,
  chosen: readonly VariableOption[],
  options: readonly VariableOption[],
): readonly VariableOption[] {
  const isEmpty = chosen.every(({ value }) => value === "");
  if (FREE.has(variable.type)) return chosen;
  if (isEmpty) return reconcileSelection(variable, [], options);
  if (variable.includeAll && isAll(chosen)) return [ALL_OPTION];
  const byValue = new Map(options.map((option) => [option.value, option]));
  const byText = new Map(options.map((option) => [option.text, option]));
  return chosen.map((option) => byValue.get(option.value) ?? byText.get(option.text) ?? option);
}

/**
 * Returns the selection after a user has removed all selected values: an empty text for variables without options, such
 * as text boxes; otherwise All if it is offered, otherwise the first option.
 */
export function clearedSelection({ variable, options }: VariableState): readonly VariableOption[] {
  if (FREE.has(variable.type)) return [{ text: "", value: "" }];
  return variable.includeAll ? [ALL_OPTION] : options.slice(0, 1);
}

/**
 * Reads a variable's selection from the URL parameter `var-name=…`. Returns undefined if the URL does not contain it.
 */
export function selectionFromUrl(variable: Variable, params: URLSearchParams): readonly VariableOption[] | undefined {
  const key = `var-${variable.name}`;
  if (variable.skipUrlSync || !params.has(key)) return undefined;
  const given = params.getAll(key);
  if (variable.includeAll && given.some((value) => value === "All" || value === ALL_VALUE)) return [ALL_OPTION];
  const chosen = given.map((value) => ({ text: value, value }));
  return SEVERAL.has(variable.type) || variable.multi ? chosen : chosen.slice(0, 1);
}

/** Returns a variable's values for its URL parameter. */
export const selectionToUrl = ({ variable, current }: VariableState): readonly string[] =>
  variable.skipUrlSync || variable.type === "constant" ? [] : current.map(({ value }) => value);

/** Returns the values and the displayed texts that replace the variable's name in queries and titles. */
export function bindVariable({ variable, options, current }: VariableState): BoundVariable {
  const { name, multi, includeAll, allValue } = variable;
  if (isAppliedByHand(variable)) {
    const expression = filterExpression(adHocFilters({ variable, current }));
    return { name, values: [expression], texts: [expression], isMulti: false, isVerbatim: true };
  }
  const isMulti = multi || includeAll;
  if (isAll(current)) {
    if (allValue !== undefined && allValue !== "")
      return { name, values: [allValue], texts: ["All"], isMulti, isVerbatim: true, addressValues: [ALL_VALUE] };
    const all = options.filter(({ value }) => value !== ALL_VALUE);
    const values = all.map(({ value }) => value);
    return { name, values, texts: ["All"], isMulti, isVerbatim: false, isList: true, addressValues: [ALL_VALUE] };
  }
  return {
    name,
    values: current.map(({ value }) => value),
    texts: current.map(({ text }) => text),
    isMulti,
    isVerbatim: false,
    isList: multi,
    ...(current.length === 1 && current[0]!.properties && { parts: partsOf(current[0]!.properties) }),
  };
}

/** Returns the properties of an option to which texts can refer: those that are texts, numbers or booleans. */
const partsOf = (properties: JsonObject): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(properties).flatMap(([name, value]) =>
      typeof value === "string" || typeof value === "number" || typeof value === "boolean"
        ? [[name, String(value)]]
        : [],
    ),
  );
