import { type Frame, interpolate, transformFrames } from "@narthex/dashboards";
import { useMemo } from "react";
import { useDashboardContext } from "../../../data/dashboard-context.ts";
import { usePanelEditing } from "../panel-edit-context.ts";
import { useSteady } from "../preview/use-steady.ts";

/**
 * Returns the frames at each stage: the results of the queries, then the output of each transformation step in order.
 */
export function useStages(): readonly (readonly Frame[])[] {
  const { panel, answered } = usePanelEditing();
  const { lookupFor, zone } = useDashboardContext();
  const steps = useSteady(panel.transformations);
  return useMemo(() => {
    const lookup = lookupFor();
    const context = { interpolate: (text: string) => interpolate(text, lookup), timeZone: zone };
    const stages: (readonly Frame[])[] = [answered];
    for (const step of steps) stages.push(transformFrames(stages.at(-1)!, [step], context));
    return stages;
  }, [steps, answered, lookupFor, zone]);
}
