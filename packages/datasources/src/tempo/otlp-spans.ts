import type { JsonObject } from "@narthex/dashboards";
import type { Steps } from "@narthex/runtime";
import { numberAt, objectAt, objectsAt, textAt } from "../json-values.ts";
import { attributesOf } from "./otlp-values.ts";
import { millisecondsBetween, millisecondsOf } from "./nanoseconds.ts";
import { hexId, shownTraceId } from "./span-id.ts";
import { checkSpanCount, MAX_EVENTS } from "../traces/span-limits.ts";
import type { Span, SpanLog, SpanReference, SpanService } from "../traces/span.ts";

/** Name of a service whose resource has none, as Grafana shows it. */
const NO_SERVICE = "OTLPResourceNoServiceName";
const KINDS: readonly string[] = ["unspecified", "internal", "server", "client", "producer", "consumer"];
const STATUSES: Readonly<Record<string, number>> = { STATUS_CODE_UNSET: 0, STATUS_CODE_OK: 1, STATUS_CODE_ERROR: 2 };

/**
 * Reads the spans of a trace from OTLP's JSON. Also reads the names that older versions of OTLP and of Tempo use.
 * Values of a wrong type are treated as absent. Throws QueryFailure if there are too many spans.
 */
export function* otlpSpans(answer: JsonObject): Steps<readonly Span[]> {
  const trace = objectAt(answer, "trace") ?? answer;
  const spans: Span[] = [];
  for (const resource of listIn(trace, "resourceSpans", "batches")) {
    const service = serviceOf(objectAt(resource, "resource") ?? {});
    for (const scope of listIn(resource, "scopeSpans", "instrumentationLibrarySpans")) {
      const library = objectAt(scope, "scope") ?? objectAt(scope, "instrumentationLibrary") ?? {};
      for (const span of objectsAt(scope, "spans")) {
        checkSpanCount(spans.length + 1);
        spans.push(spanOf(span, service, library));
        yield;
      }
    }
  }
  return spans;
}

/** Returns the objects in the list under a key, or under the key of an older version. */
function listIn(json: JsonObject, key: string, older: string): readonly JsonObject[] {
  const found = objectsAt(json, key);
  return found.length > 0 ? found : objectsAt(json, older);
}

function serviceOf(resource: JsonObject): SpanService {
  const tags = attributesOf(resource);
  const name = tags.find(({ key }) => key === "service.name")?.value;
  return { name: typeof name === "string" && name !== "" ? name : NO_SERVICE, tags };
}

function spanOf(json: JsonObject, service: SpanService, library: JsonObject): Span {
  const start = json["startTimeUnixNano"];
  const status = objectAt(json, "status") ?? {};
  return {
    traceID: shownTraceId(json["traceId"]),
    spanID: hexId(json["spanId"]),
    parentSpanID: hexId(json["parentSpanId"]),
    operationName: textAt(json, "name"),
    service,
    startTime: millisecondsOf(start),
    duration: millisecondsBetween(start, json["endTimeUnixNano"]),
    tags: attributesOf(json),
    logs: objectsAt(json, "events").slice(0, MAX_EVENTS).map(logOf),
    references: objectsAt(json, "links").slice(0, MAX_EVENTS).map(referenceOf),
    kind: kindOf(json["kind"]),
    statusCode: statusOf(status),
    statusMessage: textAt(status, "message"),
    libraryName: textAt(library, "name"),
    libraryVersion: textAt(library, "version"),
    traceState: textAt(json, "traceState"),
  };
}

function logOf(event: JsonObject): SpanLog {
  const name = textAt(event, "name");
  const fields = attributesOf(event);
  return { timestamp: millisecondsOf(event["timeUnixNano"]), ...(name !== "" && { name }), fields };
}

const referenceOf = (link: JsonObject): SpanReference => ({
  traceID: shownTraceId(link["traceId"]),
  spanID: hexId(link["spanId"]),
  tags: attributesOf(link),
});

/** Returns the kind of a span in lower case. JSON contains its number or its name. */
function kindOf(value: unknown): string {
  if (typeof value === "number") return value === 0 ? "" : (KINDS[value] ?? "");
  const name = typeof value === "string" ? value.replace("SPAN_KIND_", "").toLowerCase() : "";
  return name !== "unspecified" && KINDS.includes(name) ? name : "";
}

function statusOf(status: JsonObject): number {
  const name = textAt(status, "code");
  if (Object.hasOwn(STATUSES, name)) return STATUSES[name]!;
  const code = numberAt(status, "code");
  return code === 1 || code === 2 ? code : 0;
}
