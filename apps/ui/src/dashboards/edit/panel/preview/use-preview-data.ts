import { FieldNames, type Frame, type Lookup, type Panel, readPanelSource, withUsualFields } from "@narthex/dashboards";
import { useMemo } from "react";
import { useDashboardContext } from "../../../data/dashboard-context.ts";
import { configuredFrames } from "../../../data/panel/configured-frames.ts";
import { noScope } from "../../../data/panel/panel-request.ts";
import { transformPanel } from "../../../data/panel/transform-panel.ts";
import { usePanelData } from "../../../data/panel/use-panel-data.ts";
import type { PanelData } from "../../../data/panel-data.ts";
import { errorSentence } from "../../../../shell/StatusMessage.tsx";
import { useSteady } from "./use-steady.ts";

/** Data of the edited panel: the results of its queries, and the frames that its preview shows. */
export interface PreviewData {
  readonly answered: readonly Frame[];
  readonly transformed: readonly Frame[];
  readonly shown: PanelData;
}

/** Keys of a panel's JSON that determine its queries. A change of other keys sends no requests. */
const ASKED = ["id", "datasource", "targets", "interval", "maxDataPoints", "timeFrom", "timeShift"];

const queriesOf = ({ source }: Panel): object =>
  Object.fromEntries(ASKED.flatMap((key) => (Object.hasOwn(source, key) ? [[key, source[key]]] : [])));

/**
 * Returns the data of the edited panel. If the queries change, they are sent again. After other changes, only the
 * transformations run again.
 */
export function usePreviewData(panel: Panel, lookup: Lookup, width: number, isEnabled: boolean): PreviewData {
  const { zone } = useDashboardContext();
  const queries = useSteady(queriesOf(panel));
  const fieldConfig = useSteady(withUsualFields(panel));
  const steps = useSteady(panel.transformations);
  const source = useMemo(() => readPanelSource({ ...queries }), [queries]);
  const data = usePanelData({
    panel: source,
    feedKey: `edited ${source.id}`,
    scoped: noScope,
    width,
    isEnabled,
  });
  const { frames: transformed, failure: ofSteps } = useMemo(
    () => framesOf("The transformations", () => transformPanel({ transformations: steps }, data.frames, lookup, zone)),
    [steps, data.frames, lookup, zone],
  );
  const { frames, failure: ofFields } = useMemo(
    () => framesOf("The settings of the fields", () => configuredFrames(transformed, fieldConfig, lookup, zone)),
    [transformed, fieldConfig, lookup, zone],
  );
  const error = ofSteps ?? ofFields ?? data.error;
  const shown = useMemo(() => {
    const notices = frames.flatMap(({ meta }) => meta?.notices ?? []);
    return { ...data, frames, notices, error };
  }, [data, frames, error]);
  return { answered: data.frames, transformed, shown };
}

/** Calls a function that computes frames. If the function throws, returns no frames and the error message. */
function framesOf(
  what: string,
  make: () => readonly Frame[],
): { readonly frames: readonly Frame[]; readonly failure?: string } {
  try {
    return { frames: make() };
  } catch (error) {
    return { frames: [], failure: `${what} failed: ${errorSentence(error)}` };
  }
}

/** Returns the distinct display names of all fields. */
export function shownNames(frames: readonly Frame[]): readonly string[] {
  const names = new FieldNames(frames);
  return [...new Set(frames.flatMap((frame) => frame.fields.map((field) => names.nameOf(field, frame))))];
}
