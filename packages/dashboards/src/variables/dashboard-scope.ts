import { dashboardLookup, variableParameters } from "../links/link-context.ts";
import type { RawTimeRange, ResolvedTimeRange } from "../time/time-range.ts";
import { dashboardNames, rangeNames } from "./built-in-names.ts";
import { lookupIn } from "./variable-lookup.ts";
import type { VariableState } from "./variable-selection.ts";
import type { BoundVariable, Lookup } from "./variable-syntax.ts";

export type VariableStates = ReadonlyMap<string, VariableState>;

/** Values of the variables in texts of a dashboard. */
export interface DashboardScope {
  readonly states: VariableStates;
  readonly raw: RawTimeRange;
  readonly range: ResolvedTimeRange;
  /** Built-in variables of the dashboard and its user. */
  readonly names: ReturnType<typeof dashboardNames>;
}

/**
 * Returns the function that looks up variables in texts of a dashboard. Variables of a repeated panel override the
 * dashboard's variables.
 * @param range time range of the panel, if it has its own
 */
export function scopeLookup(
  { states, raw, range, names }: DashboardScope,
  scoped: ReadonlyMap<string, BoundVariable> = new Map(),
  own: ResolvedTimeRange = range,
): Lookup {
  const lookup = dashboardLookup({ raw, states, lookup: lookupIn(states, rangeNames(own, names), own) });
  return (name, part) => scoped.get(name) ?? lookup(name, part);
}

/** Replaces the variables in URL parameters by their current values. Other parameters stay unchanged. */
export function withVariables(params: URLSearchParams, states: VariableStates): URLSearchParams {
  const next = new URLSearchParams(params);
  for (const [name, values] of variableParameters(states)) {
    next.delete(name);
    for (const value of values) next.append(name, value);
  }
  return next;
}
