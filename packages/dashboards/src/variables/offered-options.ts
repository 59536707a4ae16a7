import type { Variable, VariableOption } from "../model/dashboard.ts";
import { filterOptions, listedOptions, sortOptions } from "./variable-options.ts";
import { AUTO_INTERVAL_VALUE } from "./variable-lookup.ts";
import { interpolate, type Lookup } from "./variable-syntax.ts";

/** A data source as variables of sources offer it. */
export interface OfferedSource {
  readonly uid: string;
  readonly name: string;
  readonly type: string;
  readonly isDefault: boolean;
}

/** What a variable offers. */
export interface FoundOptions {
  readonly options: readonly VariableOption[];
  /** A sentence, where there are none for that reason. */
  readonly error?: string;
}

/** What the options of a variable are worked out from; the same where each part is the same. */
export type OptionsBasis = readonly unknown[];

/** What the options of a variable are worked out from. @param given of a query variable: what its source answered */
export function basisOf(
  { type, query, regex, options }: Variable,
  lookup: Lookup,
  sources: readonly OfferedSource[],
  given: readonly VariableOption[] | undefined,
): OptionsBasis {
  const text = typeof query === "string" ? query : "";
  switch (type) {
    case "query":
      return [given, interpolate(regex, lookup, "regex")];
    case "datasource":
      return [sources, interpolate(regex, lookup, "regex")];
    case "custom":
    case "constant":
    case "textbox":
      return [interpolate(text, lookup)];
    case "interval":
      return [text];
    default:
      return [options];
  }
}

/** What a variable offers, by its basis. */
export function offeredBy(variable: Variable, basis: OptionsBasis): FoundOptions {
  const [first, regex] = basis;
  switch (variable.type) {
    case "query":
      return shaped(variable, first as readonly VariableOption[], regex as string);
    case "datasource":
      return shaped(variable, sourceOptions(variable.query, first as readonly OfferedSource[]), regex as string);
    case "custom":
      return { options: sortOptions(listedOptions(first as string), variable.sort) };
    case "interval":
      return { options: intervalOptions(variable, first as string) };
    default:
      return { options: variable.options };
  }
}

function shaped(variable: Variable, given: readonly VariableOption[], regex: string): FoundOptions {
  const options = filterOptions(given, regex);
  if (options === undefined) return { options: [], error: `"${regex.slice(0, 200)}" is no regular expression.` };
  return { options: sortOptions(options, variable.sort) };
}

function intervalOptions({ source }: Variable, text: string): readonly VariableOption[] {
  const listed = listedOptions(text.replaceAll(/["'{}]/g, ""));
  return source["auto"] === true ? [{ text: "auto", value: AUTO_INTERVAL_VALUE }, ...listed] : listed;
}

/** Names that plugin types go by. */
const SAME_TYPE: Readonly<Record<string, string>> = {
  testdata: "grafana-testdata-datasource",
  postgres: "grafana-postgresql-datasource",
};

function sourceOptions(query: unknown, sources: readonly OfferedSource[]): readonly VariableOption[] {
  const type = typeof query === "string" ? query : "";
  const wanted = SAME_TYPE[type] ?? type;
  const fitting = sources.filter((source) => (SAME_TYPE[source.type] ?? source.type) === wanted);
  const usual = fitting.find(({ isDefault }) => isDefault);
  const options = fitting.map(({ uid, name }) => ({ text: name, value: uid }));
  if (usual === undefined) return options;
  // Whoever chooses nothing has the default source.
  return [{ text: usual.name, value: usual.uid }, ...options.filter(({ value }) => value !== usual.uid)];
}
