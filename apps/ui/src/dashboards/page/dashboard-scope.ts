import {
  type BoundVariable,
  type Dashboard,
  type Lookup,
  lookupIn,
  type ResolvedTimeRange,
  selectionToUrl,
  type VariableState,
} from "@narthex/dashboards";
import { verbatim } from "../query/ask-panel.ts";

export type VariableStates = ReadonlyMap<string, VariableState>;

/** The names that every text of a dashboard may hold: times, the dashboard, who looks at it. */
export function builtInLookup(
  dashboard: Pick<Dashboard, "uid" | "title">,
  range: ResolvedTimeRange,
  zone: string,
): Lookup {
  const spanMs = range.to - range.from;
  const values: Readonly<Record<string, string>> = {
    __from: String(range.from),
    __to: String(range.to),
    __range: `${Math.round(spanMs / 1000)}s`,
    __range_s: String(Math.round(spanMs / 1000)),
    __range_ms: String(spanMs),
    __dashboard: dashboard.title,
    __timezone: zone,
    __name: "",
  };
  const parts: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    __dashboard: { uid: dashboard.uid, name: dashboard.title, title: dashboard.title },
    __org: { id: "1", name: "Main Org." },
    __url: { params: "", path: location.pathname },
  };
  return (name): BoundVariable | undefined => {
    if (!Object.hasOwn(values, name) && !Object.hasOwn(parts, name)) return undefined;
    return { ...verbatim(name, values[name] ?? ""), ...(parts[name] === undefined ? {} : { parts: parts[name] }) };
  };
}

/** What the texts of a dashboard may name. A repeated panel's own choice stands before the dashboard's. */
export function dashboardLookup(
  states: VariableStates,
  builtIns: Lookup,
  scoped: ReadonlyMap<string, BoundVariable> = new Map(),
): Lookup {
  const own = lookupIn(states, builtIns);
  return (name, part) => scoped.get(name) ?? own(name, part);
}

/** The address's parameters for the variables, others left alone. */
export function withVariables(params: URLSearchParams, states: VariableStates): URLSearchParams {
  const next = new URLSearchParams(params);
  for (const [name, state] of states) {
    next.delete(`var-${name}`);
    for (const value of selectionToUrl(state)) next.append(`var-${name}`, value);
  }
  return next;
}
