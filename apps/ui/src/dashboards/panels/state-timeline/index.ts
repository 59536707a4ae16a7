import type { PanelModule } from "../../contracts/panel-kind.ts";
import { rowOptions } from "../timeline/options.ts";
import { stateTimelineOptions } from "./options.ts";
import { StateTimelinePanel } from "./StateTimelinePanel.tsx";

export const stateTimeline: PanelModule = {
  Panel: StateTimelinePanel,
  options: stateTimelineOptions,
  fieldOptions: rowOptions,
};
