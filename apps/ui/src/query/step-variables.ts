import { rateInterval } from "@narthex/dashboards";
import { formatDuration } from "../format/duration.ts";
import { type Panel, stepSeconds } from "../query-link/panel.ts";

const VARIABLE = /\$(?:(__\w{1,30})|\{(__\w{1,30})\})/g;

/**
 * Replaces variables such as `$__rate_interval` in the expression of a panel by values for the panel's step and range.
 * Other variables stay, so that the server reports them.
 */
export function runnableExpr({ expr, resolution, rangeMs, scrapeMs }: Panel): string {
  if (!expr.includes("$__") && !expr.includes("${__")) return expr;
  const stepMs = Math.max(1, Math.round(stepSeconds(resolution, rangeMs) * 1000));
  const rateMs = rateInterval(stepMs, scrapeMs);
  const values: Readonly<Record<string, string>> = {
    __interval: formatDuration(stepMs),
    __interval_ms: String(stepMs),
    __rate_interval: formatDuration(rateMs),
    __rate_interval_ms: String(rateMs),
    __range: `${Math.round(rangeMs / 1000)}s`,
    __range_s: String(Math.round(rangeMs / 1000)),
    __range_ms: String(rangeMs),
  };
  return expr.replaceAll(VARIABLE, (text, plain?: string, braced?: string) => {
    const name = plain ?? braced ?? "";
    return Object.hasOwn(values, name) ? values[name]! : text;
  });
}
