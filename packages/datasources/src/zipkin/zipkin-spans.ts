import type { JsonObject } from "@narthex/dashboards";
import type { Steps } from "@narthex/runtime";
import { asObject, flagAt, numberAt, objectAt, objectsAt, textAt } from "../json-values.ts";
import { checkSpanCount, MAX_ATTRIBUTES, MAX_EVENTS } from "../traces/span-limits.ts";
import type { KeyValue, Span, SpanService } from "../traces/span.ts";

/**
 * Reads the spans of a trace from Zipkin's JSON, version 2. Values of a wrong type are treated as absent. Throws
 * QueryFailure if there are too many spans.
 */
export function* zipkinSpans(trace: readonly unknown[]): Steps<readonly Span[]> {
  const spans: Span[] = [];
  for (const one of trace) {
    const span = asObject(one);
    if (span === undefined) continue;
    checkSpanCount(spans.length + 1);
    spans.push(spanOf(span));
    yield;
  }
  return spans;
}

const spanOf = (json: JsonObject): Span => ({
  traceID: textAt(json, "traceId"),
  spanID: textAt(json, "id"),
  parentSpanID: textAt(json, "parentId"),
  operationName: textAt(json, "name"),
  service: serviceOf(json),
  startTime: (numberAt(json, "timestamp") ?? 0) / 1000,
  duration: (numberAt(json, "duration") ?? 0) / 1000,
  tags: tagsOf(json),
  logs: objectsAt(json, "annotations")
    .slice(0, MAX_EVENTS)
    .map((annotation) => ({
      timestamp: (numberAt(annotation, "timestamp") ?? 0) / 1000,
      fields: [{ key: "annotation", value: textAt(annotation, "value") }],
    })),
});

function serviceOf(json: JsonObject): SpanService {
  const local = objectAt(json, "localEndpoint");
  const remote = objectAt(json, "remoteEndpoint");
  const endpoint = local ?? remote ?? {};
  const name = textAt(local ?? {}, "serviceName") || textAt(remote ?? {}, "serviceName") || "unknown";
  const addresses = ["ipv4", "ipv6", "port"].map((key) => ({ key, value: addressOf(endpoint, key) }));
  const known = addresses.filter(({ value }) => value !== "" && value !== 0);
  if (local === undefined && remote === undefined) return { name, tags: [] };
  return { name, tags: [...known, { key: "endpointType", value: local === undefined ? "remote" : "local" }] };
}

const addressOf = (endpoint: JsonObject, key: string): string | number =>
  key === "port" ? (numberAt(endpoint, key) ?? 0) : textAt(endpoint, key);

/** Returns the tags of a span. A tag `error` becomes true, so that the trace marks the span, and its text follows. */
function tagsOf(json: JsonObject): readonly KeyValue[] {
  const tags: KeyValue[] = [];
  if (flagAt(json, "shared") === true) tags.push({ key: "shared", value: true });
  const kind = textAt(json, "kind");
  if (kind !== "") tags.push({ key: "kind", value: kind });
  const given = objectAt(json, "tags") ?? {};
  for (const key of Object.keys(given).slice(0, MAX_ATTRIBUTES)) {
    const value = textAt(given, key);
    if (key === "error") tags.push({ key, value: true }, { key: "errorValue", value });
    else tags.push({ key, value });
  }
  return tags;
}
