import { INVALID } from "../decode/codec.ts";
import { decimal, oneOf, wholeNumber } from "../decode/plain-values.ts";
import { field, section } from "../decode/section.ts";
import type { SeriesBudgetConfig } from "./scrape-config.ts";

const ACTIONS = ["warn", "cut"] as const;

const action = oneOf(ACTIONS, (found) => `series_budget.action must be 'warn' or 'cut', got ${JSON.stringify(found)}`);

/** Section `series_budget` of a job, which Prometheus does not have. */
export const seriesBudget = section<SeriesBudgetConfig>(
  "config.SeriesBudget",
  {
    series: field("series", wholeNumber, 0),
    warnShare: field("warn_share", decimal, 0.8, true),
    action: field("action", action, "warn", true),
  },
  (value, at, report) => {
    if (value.series === 0) {
      report(
        at.series,
        "series-budget",
        "series_budget.series must be greater than 0",
        "say how many series it may have",
      );
      return INVALID;
    }
    if (!(value.warnShare > 0 && value.warnShare <= 1)) {
      const message = `series_budget.warn_share must be greater than 0 and at most 1, got ${value.warnShare}`;
      report(at.warnShare, "series-budget", message, "write 0.8 to be warned at 80 %");
      return INVALID;
    }
    return value;
  },
);
