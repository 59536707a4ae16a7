import type { Variable } from "../model/dashboard.ts";
import { variableNamesIn } from "./variable-syntax.ts";

/** The variables that a variable's options depend on, by name. */
export function dependenciesOf(variable: Variable): ReadonlySet<string> {
  const { query, regex, datasource, allValue } = variable;
  const names = new Set(variableNamesIn([query, regex, datasource?.uid, allValue]));
  names.delete(variable.name);
  return names;
}

export interface VariableOrder {
  /** Each after those that it depends on. */
  readonly ordered: readonly Variable[];
  /** Names that depend on each other in a circle; they stand in the order of the file. */
  readonly circular: ReadonlySet<string>;
}

/** The order in which variables are filled. Of two with one name the first counts. */
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
    // Whoever is left waits for somebody in a circle, or is in one: the circle's first goes on as it is.
    const [name, variable] = circleIn(waiting, needs);
    circular.add(name);
    ordered.push(variable);
    waiting.delete(name);
  }
  return { ordered, circular };
}

/** The first variable that is in a circle itself. */
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

/** The variables that are filled again when one has changed: those that depend on it, on these, and so on. */
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
