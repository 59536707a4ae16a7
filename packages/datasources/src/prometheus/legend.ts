import type { Labels } from "@narthex/dashboards";
import { seriesName } from "./series.ts";

/** Replaces `{{label}}` in a legend or title. A missing label becomes an empty text. */
export function fillLegend(format: string, labels: Labels): string {
  let out = "";
  let from = 0;
  for (;;) {
    const open = format.indexOf("{{", from);
    const close = open < 0 ? -1 : format.indexOf("}}", open + 2);
    if (close < 0) return out + format.slice(from);
    const name = format.slice(open + 2, close).trim();
    out += format.slice(from, open) + (Object.hasOwn(labels, name) ? labels[name]! : "");
    from = close + 2;
  }
}

/**
 * Returns the name of a series according to the legend format. If the name is empty, the panel chooses a name that
 * distinguishes the series.
 */
export function legendOf(format: string, labels: Labels, expr: string): string {
  let legend = seriesName(labels);
  if (format === "__auto") {
    if (Object.keys(labels).length > 0) legend = "";
  } else if (format !== "") legend = fillLegend(format, labels);
  return legend === "{}" ? expr : legend;
}
