import { type Frame, interpolate, transformFrames } from "@narthex/dashboards";
import { useMemo } from "react";
import { useDashboardContext } from "../../../data/dashboard-context.ts";
import { usePanelEditing } from "../panel-edit-context.ts";
import { useSteady } from "../preview/use-steady.ts";

/**
 * Returns the frames at each stage: the results of the queries, then the output of each transformation step in order.
 * A step that fails has no output; the preview shows its error.
 */
export function useStages(): readonly (readonly Frame[])[] {
  const { panel, answered, lookup } = usePanelEditing();
  const { zone } = useDashboardContext();
  const steps = useSteady(panel.transformations);
  return useMemo(() => {
    const context = { interpolate: (text: string) => interpolate(text, lookup), timeZone: zone };
    const stages: (readonly Frame[])[] = [answered];
    for (const step of steps) {
      try {
        stages.push(transformFrames(stages.at(-1)!, [step], context));
      } catch {
        stages.push([]);
      }
    }
    return stages;
  }, [steps, answered, lookup, zone]);
}
