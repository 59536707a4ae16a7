import { number } from "../../contracts/option-table.ts";
import { timelineOptions } from "../timeline/options.ts";

export const statusHistoryOptions = {
  ...timelineOptions,
  boxShare: number("colWidth", "Column width", 0.9, { min: 0.05, max: 1 }),
};
