import type { PlacedPanel } from "../layout/placed-panel.ts";
import type { RepeatValues } from "../layout/repeat.ts";
import { ALL_VALUE } from "./variable-selection.ts";
import type { BoundVariable } from "./variable-syntax.ts";
import type { VariableStates } from "./dashboard-scope.ts";

/**
 * Returns the values for which a panel is repeated: the selected values of its variable, or every value if `All` is
 * selected.
 */
export const repeatValues =
  (states: VariableStates): RepeatValues =>
  (name) => {
    const state = states.get(name);
    return state?.current.some(({ value }) => value === ALL_VALUE) === true ? state.options : state?.current;
  };

/** Returns the variables of a repeated panel. Their values replace the variables in the panel's texts. */
export const scopedVariables = (scope: PlacedPanel["scope"]): ReadonlyMap<string, BoundVariable> =>
  new Map(
    Object.entries(scope).map(([name, { text, value }]) => [
      name,
      { name, values: [value], texts: [text], isMulti: true, isVerbatim: false },
    ]),
  );
