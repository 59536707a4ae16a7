import {
  type BoundVariable,
  dashboardLookup,
  dashboardNames,
  type Lookup,
  lookupIn,
  rangeNames,
  type RawTimeRange,
  type ResolvedTimeRange,
  variableParameters,
  type VariableState,
} from "@narthex/dashboards";

export type VariableStates = ReadonlyMap<string, VariableState>;

/** What the names in texts of a dashboard stand for. */
export interface DashboardScope {
  readonly states: VariableStates;
  readonly raw: RawTimeRange;
  readonly range: ResolvedTimeRange;
  /** Of the dashboard and who looks at it. */
  readonly names: ReturnType<typeof dashboardNames>;
}

/**
 * What the texts of a dashboard may name. A repeated panel's own choice stands before the dashboard's.
 *
 * @param range of a panel that has one of its own
 */
export function scopeLookup(
  { states, raw, range, names }: DashboardScope,
  scoped: ReadonlyMap<string, BoundVariable> = new Map(),
  own: ResolvedTimeRange = range,
): Lookup {
  const lookup = dashboardLookup({ raw, states, lookup: lookupIn(states, rangeNames(own, names), own) });
  return (name, part) => scoped.get(name) ?? lookup(name, part);
}

/** The address's parameters for the variables, others left alone. */
export function withVariables(params: URLSearchParams, states: VariableStates): URLSearchParams {
  const next = new URLSearchParams(params);
  for (const [name, values] of variableParameters(states)) {
    next.delete(name);
    for (const value of values) next.append(name, value);
  }
  return next;
}
