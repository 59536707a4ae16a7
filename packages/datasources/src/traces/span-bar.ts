import type { JsonObject } from "@narthex/dashboards";
import { objectAt, textAt } from "../json-values.ts";

/** The text next to the bar of a span: nothing, or the value of an attribute. Without it, the duration. */
export interface SpanBar {
  readonly type: "None" | "Tag";
  readonly tag: string;
}

/** Reads `spanBar` of the settings. Returns undefined if bars show the duration, as they do without a setting. */
export function spanBarOf(jsonData: JsonObject): SpanBar | undefined {
  const bar = objectAt(jsonData, "spanBar") ?? {};
  const type = textAt(bar, "type");
  return type === "None" || type === "Tag" ? { type, tag: textAt(bar, "tag") } : undefined;
}
