import { calculateInterval, formatInterval, parseInterval } from "../time/interval.ts";
import type { ResolvedTimeRange } from "../time/time-range.ts";
import { bindVariable, type VariableState } from "./variable-selection.ts";
import type { BoundVariable, Lookup } from "./variable-syntax.ts";

/**
 * Value of an interval variable whose interval is computed from the time range. Old dashboards append the variable's
 * name to this value.
 */
export const AUTO_INTERVAL_VALUE = "$__auto";
const USUAL_COUNT = 30;
const USUAL_LEAST_MS = 10_000;

/**
 * Returns a function that finds variables: first in the states of the dashboard's variables, then in the variables that
 * every dashboard has.
 * @param range time range from which automatic intervals are computed
 */
export function lookupIn(
  states: ReadonlyMap<string, VariableState>,
  builtIns: Lookup,
  range: ResolvedTimeRange,
): Lookup {
  return (name, part) => {
    const state = states.get(name);
    if (state === undefined) return builtIns(name, part);
    return state.variable.type === "interval" ? bindInterval(state, range) : bindVariable(state);
  };
}

function bindInterval(state: VariableState, range: ResolvedTimeRange): BoundVariable {
  const bound = bindVariable(state);
  if (bound.values[0]?.startsWith(AUTO_INTERVAL_VALUE) !== true) return bound;
  const { auto_count: count, auto_min: least } = state.variable.source;
  const steps = Number(count);
  const ms = calculateInterval(
    range.to - range.from,
    steps > 0 ? steps : USUAL_COUNT,
    (typeof least === "string" ? parseInterval(least) : undefined) ?? USUAL_LEAST_MS,
  );
  return { ...bound, values: [formatInterval(ms)] };
}
