import type { JsonObject } from "@narthex/dashboards";
import type { Steps } from "@narthex/runtime";
import { numberAt, objectAt, objectsAt, textAt, textsAt } from "../json-values.ts";
import { checkSpanCount, MAX_ATTRIBUTES, MAX_EVENTS } from "../traces/span-limits.ts";
import type { KeyValue, Span, SpanService } from "../traces/span.ts";

/**
 * Reads the spans of a trace from Jaeger's JSON. Values of a wrong type are treated as absent. Throws QueryFailure if
 * there are too many spans.
 */
export function* jaegerSpans(trace: JsonObject): Steps<readonly Span[]> {
  const spans: Span[] = [];
  const serviceOf = services(objectAt(trace, "processes") ?? {});
  for (const span of objectsAt(trace, "spans")) {
    checkSpanCount(spans.length + 1);
    spans.push(spanOf(span, serviceOf));
    yield;
  }
  return spans;
}

/** Returns a function that reads a process of a trace once. */
function services(processes: JsonObject): (id: string) => SpanService {
  const read = new Map<string, SpanService>();
  return (id) => {
    let service = read.get(id);
    if (service === undefined) {
      const process = objectAt(processes, id) ?? {};
      service = { name: textAt(process, "serviceName"), tags: tagsOf(process, "tags") };
      read.set(id, service);
    }
    return service;
  };
}

function spanOf(json: JsonObject, serviceOf: (id: string) => SpanService): Span {
  const stackTraces = textsAt(json, "stackTraces").slice(0, MAX_EVENTS);
  const own = objectAt(json, "process");
  const references = objectsAt(json, "references").slice(0, MAX_EVENTS);
  const parent = references.find((one) => textAt(one, "refType") === "CHILD_OF");
  return {
    traceID: textAt(json, "traceID"),
    spanID: textAt(json, "spanID"),
    parentSpanID: parent === undefined ? textAt(json, "parentSpanID") : textAt(parent, "spanID"),
    operationName: textAt(json, "operationName"),
    service: own === undefined ? serviceOf(textAt(json, "processID")) : services({ own })("own"),
    startTime: (numberAt(json, "startTime") ?? 0) / 1000,
    duration: (numberAt(json, "duration") ?? 0) / 1000,
    tags: tagsOf(json, "tags"),
    logs: objectsAt(json, "logs")
      .slice(0, MAX_EVENTS)
      .map((log) => ({ timestamp: (numberAt(log, "timestamp") ?? 0) / 1000, fields: tagsOf(log, "fields") })),
    references: references
      .filter((one) => one !== parent)
      .map((one) => ({ traceID: textAt(one, "traceID"), spanID: textAt(one, "spanID"), tags: [] })),
    warnings: textsAt(json, "warnings").slice(0, MAX_EVENTS),
    ...(stackTraces.length > 0 && { stackTraces }),
  };
}

const tagsOf = (owner: JsonObject, key: string): readonly KeyValue[] =>
  objectsAt(owner, key)
    .slice(0, MAX_ATTRIBUTES)
    .map((tag) => ({ key: textAt(tag, "key"), value: plain(tag["value"]) }));

/** Returns a value of a tag. Jaeger has only texts, numbers and booleans. */
const plain = (value: unknown): unknown =>
  typeof value === "object" && value !== null ? JSON.stringify(value) : (value ?? null);
