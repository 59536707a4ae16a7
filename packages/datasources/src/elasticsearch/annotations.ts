import type { JsonObject } from "@narthex/dashboards";
import type { Steps } from "@narthex/runtime";
import type { Annotation, TimeRange } from "../data-source.ts";
import { listAt, objectAt, objectsAt, textAt } from "../json-values.ts";
import { flattened } from "./document-frames.ts";
import { filters } from "./search-body.ts";

const MAX_ANNOTATIONS = 10_000;

/** Returns the search for an annotation: its documents in the range, or whose time of end is in the range. */
export function annotationBody(annotation: JsonObject, range: TimeRange, timeField: string): JsonObject {
  // As in Grafana, the older place has priority. The page also writes the text there.
  const query = textAt(annotation, "query") || textAt(objectAt(annotation, "target") ?? {}, "query");
  const begin = textAt(annotation, "timeField") || timeField;
  const end = textAt(annotation, "timeEndField");
  const [inRange, ...rest] = filters(query, range, begin) as [JsonObject, ...JsonObject[]];
  const times =
    end === "" ? inRange : { bool: { should: [inRange, filters("", range, end)[0]], minimum_should_match: 1 } };
  return {
    size: MAX_ANNOTATIONS,
    query: { bool: { filter: [times, ...rest] } },
    fields: [begin, ...(end === "" ? [] : [end])].map((field) => ({ field, format: "epoch_millis" })),
  };
}

/** Returns the annotations of a search. Documents beyond the number that was asked for are not read. */
export function* annotationsOf(
  hits: JsonObject,
  annotation: JsonObject,
  timeField: string,
): Steps<readonly Annotation[]> {
  const begin = textAt(annotation, "timeField") || timeField;
  const end = textAt(annotation, "timeEndField");
  const [textField, tagsField] = [textAt(annotation, "textField"), textAt(annotation, "tagsField")];
  const found: Annotation[] = [];
  for (const hit of objectsAt(hits, "hits").slice(0, MAX_ANNOTATIONS)) {
    yield;
    const flat = flattened(objectAt(hit, "_source") ?? {});
    const time = timeOf(hit, begin, flat);
    if (time === undefined) continue;
    const timeEnd = end === "" ? undefined : timeOf(hit, end, flat);
    found.push({
      time,
      ...(timeEnd !== undefined && timeEnd > time && { timeEnd }),
      title: "",
      text: shown(flat.get(textField)),
      tags: tagsOf(flat.get(tagsField)),
    });
  }
  return found;
}

/** Returns the time of a document in epoch ms: as Elasticsearch formats it, or as it is written in the document. */
function timeOf(hit: JsonObject, field: string, flat: ReadonlyMap<string, unknown>): number | undefined {
  const formatted = listAt(objectAt(hit, "fields") ?? {}, field)[0];
  const value = formatted ?? flat.get(field);
  const ms = typeof value === "number" ? value : typeof value === "string" ? parsedTime(value) : Number.NaN;
  return Number.isFinite(ms) ? Math.floor(ms) : undefined;
}

const parsedTime = (text: string): number => (/^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : Date.parse(text));

const shown = (value: unknown): string =>
  value === undefined || value === null ? "" : typeof value === "string" ? value : JSON.stringify(value);

function tagsOf(value: unknown): readonly string[] {
  const listed = Array.isArray(value) ? value.map(shown) : shown(value).split(",");
  return listed.map((tag) => tag.trim()).filter((tag) => tag !== "");
}
