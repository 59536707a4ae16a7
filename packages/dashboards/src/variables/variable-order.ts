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
  /** The variables, each after those that it depends on. */
  readonly ordered: readonly Variable[];
  /** Names of the variables that are filled before their dependencies: one of each dependency cycle. */
  readonly circular: ReadonlySet<string>;
}

/** Returns the order in which variables are filled. If two have the same name, the first counts. */
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
    // The remaining variables are in a cycle or depend on one. The first variable of the cycle is filled without
    // waiting.
    const [name, variable] = circleIn(waiting, needs);
    circular.add(name);
    ordered.push(variable);
    waiting.delete(name);
  }
  return { ordered, circular };
}

/** Returns a variable of a cycle: follows dependencies from the first variable until one repeats. */
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

/** Returns the variables that must be filled again after a change: its direct and indirect dependents. */
export function dependentsOf(changed: string, variables: readonly Variable[]): ReadonlySet<string> {
  const affected = new Set<string>();
  const waiting = [changed];
  while (waiting.length > 0) {
    const next = waiting.pop()!;
    for (const variable of variables) {
      if (affected.has(variable.name) || variable.name === changed || !dependenciesOf(variable).has(next)) continue;
      affected.add(variable.name);
      waiting.push(variable.name);
    }
  }
  return affected;
}
