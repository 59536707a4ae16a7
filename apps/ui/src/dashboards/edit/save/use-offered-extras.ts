import { useMemo } from "react";
import { useSearchParams } from "react-router";
import { useDashboardContext } from "../../data/dashboard-context.ts";
import { useDashboardEdit } from "../../draft/edit-context.ts";
import { isOtherTime, type OtherChoices, otherChoices } from "./saved-values.ts";

/** The current values (time range, variables) that are saved in addition to the changes. */
export interface SaveExtras {
  readonly time: boolean;
  readonly variables: boolean;
}

/**
 * Returns which current values differ from the values in the dashboard's JSON: the time range with the time zone, and
 * the selected values of variables. A save can include these values.
 */
export function useOfferedExtras(): SaveExtras & { readonly choices: OtherChoices } {
  const { dashboard } = useDashboardEdit();
  const { raw, lookupFor } = useDashboardContext();
  const [params] = useSearchParams();
  const choices = useMemo(
    () => otherChoices(dashboard.variables, params, lookupFor()),
    [dashboard.variables, params, lookupFor],
  );
  return { time: isOtherTime(dashboard, raw, params.get("timezone")), variables: choices.size > 0, choices };
}
