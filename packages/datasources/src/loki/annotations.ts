import type { JsonObject } from "@narthex/dashboards";
import type { Annotation } from "../data-source.ts";
import { objectAt, textAt } from "../json-values.ts";
import { fillLegend } from "../prometheus/legend.ts";
import { milliseconds } from "./log-frame.ts";
import type { LokiLine } from "./stream-reader.ts";

/** Returns the target of an annotation's query. Newer dashboards have it in `target`, older ones in the query itself. */
export function annotationTarget(query: JsonObject): JsonObject {
  const target = objectAt(query, "target");
  return textAt(query, "expr") === "" && target !== undefined ? target : query;
}

/** Returns an annotation for each line: the line is the text, the values of its labels are the tags. */
export function lineAnnotations(lines: readonly LokiLine[], query: JsonObject): readonly Annotation[] {
  const [title, text] = [textAt(query, "titleFormat"), textAt(query, "textFormat")];
  const keys = new Set(
    textAt(query, "tagKeys")
      .split(",")
      .map((key) => key.trim())
      .filter((key) => key !== ""),
  );
  return lines.map((line) => {
    const { labels, nanoseconds } = line;
    const tags = Object.keys(labels)
      .filter((name) => keys.size === 0 || keys.has(name))
      .map((name) => labels[name]!)
      .filter((value) => value !== "");
    return {
      time: milliseconds(nanoseconds),
      title: fillLegend(title, labels),
      text: text === "" ? line.text : fillLegend(text, labels),
      tags: [...new Set(tags)],
    };
  });
}
