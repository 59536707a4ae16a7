import { useMemo } from "react";
import { readOptions } from "../../contracts/option-table.ts";
import type { PanelProps } from "../../contracts/panel-kind.ts";
import { Timeline } from "../timeline/Timeline.tsx";
import { stateTimelineOptions } from "./options.ts";

/** Draws states over time as horizontal bands. Each value lasts until the next value. */
export function StateTimelinePanel(props: PanelProps) {
  const { options } = props.panel;
  const { areValuesMerged, ...rest } = useMemo(() => readOptions(stateTimelineOptions, options), [options]);
  return <Timeline {...props} settings={{ ...rest, boxShare: 1 }} shape="spans" mergesValues={areValuesMerged} />;
}
