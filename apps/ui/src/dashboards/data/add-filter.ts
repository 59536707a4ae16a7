import {
  adHocFilters,
  adHocOption,
  findSource,
  isAppliedByHand,
  type Lookup,
  type Panel,
  queriedSource,
  type SourceListing,
  type VariableOption,
  type VariableState,
} from "@narthex/dashboards";

/** Adds an ad hoc filter `label = value` to the dashboard. */
export type AddFilter = (label: string, value: string) => void;

interface FilteredDashboard {
  readonly states: ReadonlyMap<string, VariableState>;
  readonly sources: readonly SourceListing[];
  readonly lookup: Lookup;
  readonly choose: (name: string, options: readonly VariableOption[]) => void;
}

/**
 * Returns the function that adds a filter to the ad hoc variable of a panel's data source. Undefined if the dashboard has
 * no such variable.
 */
export function filterAdder(
  panel: Panel,
  { states, sources, lookup, choose }: FilteredDashboard,
): AddFilter | undefined {
  const queried = new Set(panel.targets.map((target) => queriedSource(target, panel, sources, lookup)?.uid));
  const state = [...states.values()].find(
    ({ variable }) =>
      variable.type === "adhoc" &&
      !isAppliedByHand(variable) &&
      queried.has(findSource(variable.datasource, sources, lookup)?.uid),
  );
  if (state === undefined) return undefined;
  return (key, value) => {
    const added = { key, operator: "=", value };
    const others = adHocFilters(state).filter((one) => adHocOption(one).value !== adHocOption(added).value);
    choose(state.variable.name, [...others, added].map(adHocOption));
  };
}
