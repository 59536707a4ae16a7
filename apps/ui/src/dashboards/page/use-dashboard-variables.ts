import {
  type Dashboard,
  dependentsOf,
  interpolateJson,
  loadVariables,
  type Lookup,
  type ResolvedTimeRange,
  selectionFromUrl,
  type Variable,
  type VariableOption,
  type VariableState,
} from "@narthex/dashboards";
import { useEffect, useEffectEvent, useState } from "react";
import { findSource, type SourceListing } from "../query/ask-panel.ts";
import { fetchVariableValues } from "./dashboard-api.ts";
import type { VariableStates } from "./dashboard-scope.ts";

interface VariableInput {
  readonly dashboard: Dashboard;
  readonly params: URLSearchParams;
  readonly sources: readonly SourceListing[];
  readonly range: ResolvedTimeRange;
  readonly builtIns: Lookup;
}

const none: VariableStates = new Map();

/** The part of an address that says what variables are. */
const variableText = (params: URLSearchParams): string =>
  [...params]
    .filter(([name]) => name.startsWith("var-"))
    .map(([name, value]) => `${name}=${value}`)
    .join("\n");

const isSame = (left: readonly VariableOption[], right: readonly VariableOption[]): boolean =>
  left.length === right.length && left.every(({ value }, at) => value === right[at]!.value);

/** What need not be asked again: variables whose choice stands and who depend on none whose choice changed. */
function keptStates(
  states: VariableStates,
  variables: Dashboard["variables"],
  params: URLSearchParams,
): Map<string, VariableState> {
  const kept = new Map<string, VariableState>();
  const changed = new Map<string, readonly VariableOption[]>();
  for (const [name, { variable, current }] of states) {
    const wanted = selectionFromUrl(variable, params);
    if (wanted !== undefined && !isSame(wanted, current)) changed.set(name, wanted);
  }
  const affected = new Set([...changed.keys()].flatMap((name) => [...dependentsOf(name, variables)]));
  for (const [name, state] of states) {
    const wanted = changed.get(name);
    if (wanted === undefined && !affected.has(name)) kept.set(name, state);
    else if (wanted !== undefined && !affected.has(name)) kept.set(name, { ...state, current: named(wanted, state) });
  }
  return kept;
}

/** A choice of an address has values alone; the options know what they are called. */
const named = (chosen: readonly VariableOption[], { options }: VariableState): readonly VariableOption[] =>
  chosen.map((option) => options.find(({ value }) => value === option.value) ?? option);

/** A dashboard's variables, filled from their sources and the address; `undefined` until they first are. */
export function useDashboardVariables(input: VariableInput): VariableStates | undefined {
  const { params, sources } = input;
  const { variables } = input.dashboard;
  const [loaded, setLoaded] = useState<{ variables: Dashboard["variables"]; states: VariableStates }>();
  const text = variableText(params);
  const fill = useEffectEvent(
    (variables: Dashboard["variables"], from: readonly SourceListing[], _text: string, signal: AbortSignal) => {
      const before = loaded?.variables === variables ? loaded.states : none;
      const ask = (variable: Variable, lookup: Lookup): Promise<readonly VariableOption[]> => {
        const source = findSource(variable.datasource, from, lookup);
        if (source === undefined) return Promise.reject(new Error("There is no such data source."));
        const query = interpolateJson(variable.query, lookup, source.type === "prometheus" ? "promql" : "glob");
        return fetchVariableValues({ uid: source.uid }, query, input.range, signal);
      };
      loadVariables(
        variables,
        { params, kept: keptStates(before, variables, params) },
        { sources: from, builtIns: input.builtIns, ask, signal },
      ).then(
        (states) => {
          if (!signal.aborted) setLoaded({ variables, states });
        },
        () => undefined,
      );
    },
  );
  useEffect(() => {
    const control = new AbortController();
    fill(variables, sources, text, control.signal);
    return () => control.abort();
  }, [variables, sources, text]);
  return loaded?.variables === variables ? loaded.states : undefined;
}
