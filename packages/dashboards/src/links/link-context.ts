import type { RawTimeRange } from "../time/time-range.ts";
import { selectionToUrl, type VariableState } from "../variables/variable-selection.ts";
import type { BoundVariable, Lookup } from "../variables/variable-syntax.ts";

/** The state of the dashboard that its links can refer to. */
export interface LinkContext {
  readonly raw: RawTimeRange;
  readonly states: ReadonlyMap<string, VariableState>;
  readonly lookup: Lookup;
}

/** Returns a variable that inserts a text unchanged, even if the reference asks for a format. */
export const verbatim = (name: string, text: string): BoundVariable => ({
  name,
  values: [text],
  texts: [text],
  isMulti: false,
  isVerbatim: true,
});

export const rangeParameters = ({ from, to }: RawTimeRange): readonly (readonly [string, readonly string[]])[] => [
  ["from", [from]],
  ["to", [to]],
];

/** Returns the URL parameters for the chosen values of all variables. */
export const variableParameters = (
  states: ReadonlyMap<string, VariableState>,
): readonly (readonly [string, readonly string[]])[] =>
  [...states].flatMap(([name, state]) =>
    state.variable.skipUrlSync ? [] : [[`var-${name}`, selectionToUrl(state)] as const],
  );

const encode = (text: string): string => encodeURIComponent(text.toWellFormed());

const queryOf = (parameters: readonly (readonly [string, readonly string[]])[]): string =>
  parameters.flatMap(([name, values]) => values.map((value) => `${encode(name)}=${encode(value)}`)).join("&");

/**
 * Returns a lookup of the dashboard's variables and of `$__url_time_range` and `$__all_variables`, whose values are URL
 * parameters.
 */
export function dashboardLookup({ raw, states, lookup }: LinkContext): Lookup {
  return (name, part) => {
    if (name === "__url_time_range") return verbatim(name, queryOf(rangeParameters(raw)));
    if (name === "__all_variables") return verbatim(name, queryOf(variableParameters(states)));
    return lookup(name, part);
  };
}
