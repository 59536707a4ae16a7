import { choice } from "../../contracts/option-table.ts";
import { areValuesMerged, timelineOptions } from "../timeline/options.ts";

export const stateTimelineOptions = {
  ...timelineOptions,
  areValuesMerged,
  alignValue: choice("alignValue", "Align values", { left: "Left", center: "Centre", right: "Right" }, "left"),
};
