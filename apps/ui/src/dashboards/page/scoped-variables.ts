import { ALL_VALUE, type BoundVariable, type PlacedPanel, type RepeatValues } from "@narthex/dashboards";
import type { VariableStates } from "./dashboard-scope.ts";

/** What a repeat is made for: each value that is chosen, or all of them. */
export const repeatValues =
  (states: VariableStates): RepeatValues =>
  (name) => {
    const state = states.get(name);
    return state?.current.some(({ value }) => value === ALL_VALUE) === true ? state.options : state?.current;
  };

/** Variables of a repeat as texts use them. */
export const scopedVariables = (scope: PlacedPanel["scope"]): ReadonlyMap<string, BoundVariable> =>
  new Map(
    Object.entries(scope).map(([name, { text, value }]) => [
      name,
      { name, values: [value], texts: [text], isMulti: true, isVerbatim: false },
    ]),
  );
