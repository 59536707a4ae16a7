import type { Variable } from "../model/dashboard.ts";
import { variableNamesIn } from "./variable-syntax.ts";

/** Returns the names of the variables that a variable's options depend on. */
export function dependenciesOf(variable: Variable): ReadonlySet<string> {
  const { query, regex, datasource, allValue } = variable;
  const names = new Set(variableNamesIn([query, regex, datasource?.uid, allValue]));
  names.delete(variable.name);
  return names;
}

export interface VariableOrder {
  /** All variables, each after the variables on which it depends. */
  readonly ordered: readonly Variable[];
  /**
   * Names of variables that are filled before variables on which they depend: one variable for each dependency cycle.
   */
  readonly circular: ReadonlySet<string>;
}

/**
 * Returns the order in which variables are filled. If several variables have the same name, only the first one is
 * included.
 */
export function orderVariables(variables: readonly Variable[]): VariableOrder {
  const waiting = new Map<string, Variable>();
  for (const variable of variables) if (!waiting.has(variable.name)) waiting.set(variable.name, variable);
  const needs = new Map([...waiting].map(([name, variable]) => [name, dependenciesOf(variable)]));
  const ordered: Variable[] = [];
  const circular = new Set<string>();
  while (waiting.size > 0) {
    const ready = [...waiting.values()].filter(({ name }) => ![...needs.get(name)!].some((need) => waiting.has(need)));
    for (const variable of ready) {
      ordered.push(variable);
      waiting.delete(variable.name);
    }
    if (ready.length > 0) continue;
    // All variables that still wait are in a dependency cycle, or depend on one. To break a cycle, one of its variables
    // is filled without waiting.
    const [name, variable] = circleIn(waiting, needs);
    circular.add(name);
    ordered.push(variable);
    waiting.delete(name);
  }
  return { ordered, circular };
}

/** Returns a variable that is part of a dependency cycle, found by following dependencies until one repeats. */
function circleIn(
  waiting: ReadonlyMap<string, Variable>,
  needs: ReadonlyMap<string, ReadonlySet<string>>,
): [string, Variable] {
  let name = [...waiting.keys()][0]!;
  const passed = new Set<string>();
  while (!passed.has(name)) {
    passed.add(name);
    name = [...needs.get(name)!].find((need) => waiting.has(need))!;
  }
  return [name, waiting.get(name)!];
}
