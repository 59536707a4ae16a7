import type { Variable, VariableOption } from "../model/dashboard.ts";
import type { SourceKind } from "../sources/source-kind.ts";
import {
  filterOptions,
  type FoundOptions,
  jsonOptions,
  listedOptions,
  sortOptions,
  withStaticOptions,
} from "./variable-options.ts";
import { AUTO_INTERVAL_VALUE } from "./variable-lookup.ts";
import { interpolate, type Lookup } from "./variable-syntax.ts";

/** A data source that is offered as an option of a variable of type `datasource`. */
export interface OfferedSource {
  readonly uid: string;
  readonly name: string;
  readonly kind: Pick<SourceKind, "types">;
  readonly isDefault: boolean;
}

/**
 * The inputs from which a variable's options are computed. If none of them has changed, the options need not be
 * computed again.
 */
export type OptionsBasis = readonly unknown[];

/**
 * Returns the inputs from which a variable's options are computed.
 * @param given the options that the data source returned, for a query variable
 */
export function basisOf(
  { type, query, regex, options, source }: Variable,
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
      // References to variables are not replaced in options that are JSON objects.
      return [source["valuesFormat"] === "json" ? text : interpolate(text, lookup)];
    case "constant":
    case "textbox":
      return [interpolate(text, lookup)];
    case "interval":
      return [text];
    default:
      return [options];
  }
}

/** Computes the options of a variable from its inputs. */
export function offeredBy(variable: Variable, basis: OptionsBasis): FoundOptions {
  const [first, regex] = basis;
  switch (variable.type) {
    case "query":
      return shaped(variable, first as readonly VariableOption[], regex as string);
    case "datasource":
      return shaped(variable, sourceOptions(variable.query, first as readonly OfferedSource[]), regex as string);
    case "custom":
      if (variable.source["valuesFormat"] === "json") return jsonOptions(first as string);
      return { options: sortOptions(listedOptions(first as string), variable.sort) };
    case "interval":
      return { options: intervalOptions(variable, first as string) };
    default:
      return { options: variable.options };
  }
}

function shaped(variable: Variable, given: readonly VariableOption[], regex: string): FoundOptions {
  const { source, sort, type } = variable;
  const found = filterOptions(given, regex, source["regexApplyTo"] === "text" ? "text" : "value");
  const options = sortOptions(found.options, sort);
  return { ...found, options: type === "query" ? withStaticOptions(options, variable) : options };
}

function intervalOptions({ source }: Variable, text: string): readonly VariableOption[] {
  const listed = listedOptions(text.replaceAll(/["'{}]/g, ""));
  return source["auto"] === true ? [{ text: "auto", value: AUTO_INTERVAL_VALUE }, ...listed] : listed;
}

function sourceOptions(query: unknown, sources: readonly OfferedSource[]): readonly VariableOption[] {
  const type = typeof query === "string" ? query : "";
  const fitting = sources.filter(({ kind }) => kind.types.includes(type));
  const usual = fitting.find(({ isDefault }) => isDefault);
  const options = fitting.map(({ uid, name }) => ({ text: name, value: uid }));
  if (usual === undefined) return options;
  // The default data source comes first, because the first option is used if the user has selected none.
  return [{ text: usual.name, value: usual.uid }, ...options.filter(({ value }) => value !== usual.uid)];
}
