import {
  type Dashboard,
  filledOptionsQuery,
  type FilledVariables,
  findSource,
  type Lookup,
  type OptionsQuery,
  type ResolvedTimeRange,
  savedVariables,
  type SourceListing,
  type Variable,
  type VariableOption,
  VariableSet,
} from "@narthex/dashboards";
import { useCallback, useEffect, useMemo, useState } from "react";
import { fetchVariableValues } from "../data/dashboard-api.ts";
import { VariableReports } from "./variable-reports.ts";

interface VariableInput {
  readonly dashboard: Dashboard;
  readonly params: URLSearchParams;
  readonly sources: readonly SourceListing[];
  readonly range: ResolvedTimeRange;
  readonly builtIns: Lookup;
  /** Time of the last refresh, epoch ms. */
  readonly now: number;
}

type Chosen = ReadonlyMap<string, readonly VariableOption[]>;

const nothing: Chosen = new Map();

/**
 * Returns the dashboard's variables. The list is the same object until a definition changes, so that other edits do not
 * reload the values.
 */
function useVariableList({ variables }: Dashboard): readonly Variable[] {
  const key = useMemo(() => JSON.stringify(variables.map(({ source }) => source)), [variables]);
  const [kept, setKept] = useState({ key, variables });
  if (kept.key !== key) setKept({ key, variables });
  return kept.key === key ? kept.variables : variables;
}

/** The known values of the dashboard's variables, from data sources and the URL. */
export interface DashboardVariables extends FilledVariables {
  /** Whether the values of all variables have been loaded at least once. */
  readonly isReady: boolean;
  /** Stores selected values of a variable whose values must not be in the URL. */
  readonly keepChosen: (name: string, options: readonly VariableOption[]) => void;
}

export function useDashboardVariables(input: VariableInput): DashboardVariables {
  const { dashboard, params, sources, range, builtIns, now } = input;
  const list = useVariableList(dashboard);
  const [chosen, setChosen] = useState(nothing);
  const [reported, setReported] = useState<{ list: readonly Variable[]; filled: FilledVariables }>();
  const { set, together } = useMemo(() => {
    const one = new VariableReports((filled) => setReported({ list, filled }));
    return { set: new VariableSet(list, one.take), together: one };
  }, [list]);
  useEffect(
    () => () => {
      set.close();
      together.close();
    },
    [set, together],
  );
  useEffect(() => {
    const queryOf = (variable: Variable, lookup: Lookup): OptionsQuery =>
      optionsQuery(variable, lookup, sources, range);
    set.update({ params, chosen, sources, builtIns, range, queryOf, asOf: now });
  }, [set, params, chosen, sources, builtIns, range, now]);
  const keepChosen = useCallback((name: string, options: readonly VariableOption[]) => {
    setChosen((before) => new Map(before).set(name, options));
  }, []);
  const filled = reported?.list === list ? reported.filled : undefined;
  const [isReady, setReady] = useState(false);
  if (!isReady && filled?.pending.size === 0) setReady(true);
  return useMemo(
    () => ({ ...(filled ?? savedVariables(list, { params, chosen })), isReady, keepChosen }),
    [filled, list, params, chosen, isReady, keepChosen],
  );
}

/**
 * Returns the request for the options of a variable. Its key contains the time range only if the variable is refreshed
 * when the range changes.
 */
function optionsQuery(
  variable: Variable,
  lookup: Lookup,
  sources: readonly SourceListing[],
  range: ResolvedTimeRange,
): OptionsQuery {
  const source = findSource(variable.datasource, sources, lookup);
  if (source === undefined) throw new Error("The data source does not exist.");
  const query = filledOptionsQuery(variable.query, source.kind, lookup);
  return {
    key: JSON.stringify([source.uid, query, variable.refresh === "time" ? range : null]),
    run: (signal) => fetchVariableValues({ uid: source.uid }, query, range, signal),
  };
}
