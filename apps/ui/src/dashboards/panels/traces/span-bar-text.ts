import { type Frame, isObject, valueAt, valueAtPath } from "@narthex/dashboards";
import { plainText } from "../values/plain-text.ts";
import { durationText } from "./duration-text.ts";
import type { TraceSpan } from "./read-trace.ts";

/** Fields with attributes. The first field that has the attribute is used. */
const TAG_FIELDS = ["tags", "serviceTags"];
/** Largest number of characters of an attribute that is shown next to a bar. */
const MAX_CHARS = 100;

type SpanText = (span: Pick<TraceSpan, "row" | "duration">) => string;

/** Returns the function for the text next to the bar of a span: its duration, or what the settings of the source name. */
export function spanBarText(frame: Frame): SpanText {
  const bar = valueAtPath(frame.meta?.custom, ["narthexSpanBar"]);
  if (!isObject(bar)) return ({ duration }) => durationText(duration);
  if (bar["type"] !== "Tag") return () => "";
  const fields = TAG_FIELDS.map((name) => frame.fields.find((field) => field.name === name));
  return ({ row }) => {
    for (const field of fields) {
      const tags = field === undefined ? undefined : valueAt(field, row);
      const tag = Array.isArray(tags) ? tags.find((one) => isObject(one) && one["key"] === bar["tag"]) : undefined;
      if (tag !== undefined) return plainText((tag as Record<string, unknown>)["value"]).slice(0, MAX_CHARS);
    }
    return "";
  };
}
