import type { Labels } from "@narthex/dashboards";
import { seriesName } from "./series.ts";

/** A legend or a title with `{{label}}` filled in; a label that is not there is empty. */
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

/** The name that the source gives a series; "" leaves it to the panel, which knows what tells series apart. */
export function legendOf(format: string, labels: Labels, expr: string): string {
  let legend = seriesName(labels);
  if (format === "__auto") {
    if (Object.keys(labels).length > 0) legend = "";
  } else if (format !== "") legend = fillLegend(format, labels);
  return legend === "{}" ? expr : legend;
}
