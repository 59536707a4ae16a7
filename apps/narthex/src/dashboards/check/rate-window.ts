import { formatDuration } from "@narthex/model";
import { walk } from "@narthex/promql";
import type { Problem } from "./finding.ts";
import type { PanelQuery } from "./panel-queries.ts";

/**
 * Minimum number of scrapes that the range of a function must contain, by function. With this number, one failed or
 * late scrape leaves no gap.
 */
const SCRAPES: Readonly<Record<string, number>> = { rate: 4, increase: 4, delta: 4, deriv: 4, irate: 2, idelta: 2 };

/** Reports ranges of rate functions that contain too few scrapes. */
export function checkRateWindow(query: PanelQuery, scrapeMs: number, report: (problem: Problem) => void): void {
  walk(query.expr, (expr) => {
    if (expr.kind !== "call" || !Object.hasOwn(SCRAPES, expr.func)) return;
    const window = expr.args[0];
    if (window?.kind !== "matrixSelector" || window.rangeExpr !== null) return;
    const least = SCRAPES[expr.func]! * scrapeMs;
    if (window.rangeMs <= 0 || window.rangeMs >= least) return;
    const ofInterval = /\$\{?__interval\b/.test(query.text);
    const message = ofInterval
      ? `${expr.func}() over $__interval may contain fewer than ${SCRAPES[expr.func]} scrapes if the dashboard's range is short; use $__rate_interval`
      : `${expr.func}() over ${formatDuration(window.rangeMs)} contains fewer than ${SCRAPES[expr.func]} scrapes at intervals of ${formatDuration(scrapeMs)}; use $__rate_interval or ${formatDuration(least)}`;
    report({ severity: "warning", check: "rate-window", message, panel: query.panel, path: query.path });
  });
}
