import { useMemo } from "react";
import { readOptions } from "../../contracts/option-table.ts";
import type { PanelProps } from "../../contracts/panel-kind.ts";
import { Timeline } from "../timeline/Timeline.tsx";
import { statusHistoryOptions } from "./options.ts";

/** Draws a coloured box for each sample of a series. */
export function StatusHistoryPanel(props: PanelProps) {
  const { options } = props.panel;
  const read = useMemo(() => readOptions(statusHistoryOptions, options), [options]);
  return <Timeline {...props} settings={{ ...read, alignValue: "center" }} shape="samples" mergesValues={false} />;
}
