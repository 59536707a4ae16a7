import type { DataLink, Field, FieldConfig, Frame, JsonObject } from "@narthex/dashboards";
import type { Steps } from "@narthex/runtime";
import { numberAt, objectAt, objectsAt, textAt } from "../json-values.ts";
import { QueryFailure } from "../query-failure.ts";
import { millisecondsOf } from "./nanoseconds.ts";
import { type AttributeValue, attributeValue } from "./otlp-values.ts";
import type { ValueBudget } from "../value-budget.ts";

/** Largest number of columns for attributes in a table. */
const MAX_COLUMNS = 1000;

interface SearchSettings {
  readonly refId: string;
  /** The source, to which the ids of traces and spans lead. */
  readonly source: { readonly uid: string; readonly name: string };
  readonly cells: ValueBudget;
}

/** A span in the answer to a search. */
interface FoundSpan {
  readonly traceID: string;
  readonly traceService: string;
  readonly traceName: string;
  readonly spanID: string;
  readonly name: string;
  readonly time: number;
  readonly durationNs: number;
  readonly attributes: Attributes;
  /** Attributes of the set to which the span belongs. All spans of the set share this map. */
  readonly shared: Attributes;
}

type Attributes = ReadonlyMap<string, AttributeValue>;

/** Returns the frame with the traces of a search, the newest first. Each row contains a table of its spans. */
export function* traceTable(answer: JsonObject, settings: SearchSettings): Steps<Frame> {
  const { refId, cells } = settings;
  const traces = tracesOf(answer);
  cells.take(traces.length * 6);
  const nested: (Frame | null)[] = [];
  for (const trace of traces) {
    const spans = spansOf(trace);
    nested.push(spans.length === 0 ? null : yield* spanFrame(spans, settings, NESTED));
    yield;
  }
  const durations = Float64Array.from(traces, (trace) => numberAt(trace, "durationMs") ?? 0);
  const texts = (name: string, key: string, config: FieldConfig): Field => ({
    name,
    type: "string",
    values: traces.map((trace) => textAt(trace, key)),
    config,
  });
  return {
    refId,
    name: "Traces",
    length: traces.length,
    meta: { preferredVisualisationType: "table" },
    fields: [
      texts("traceID", "traceID", { displayNameFromDS: "Trace ID", links: [traceLink(settings, "${__value.raw}")] }),
      {
        name: "startTime",
        type: "time",
        values: Float64Array.from(traces, (trace) => Math.floor(millisecondsOf(trace["startTimeUnixNano"]))),
        config: { displayNameFromDS: "Start time" },
      },
      texts("traceService", "rootServiceName", { displayNameFromDS: "Service" }),
      texts("traceName", "rootTraceName", { displayNameFromDS: "Name" }),
      {
        name: "traceDuration",
        type: "number",
        values: durations,
        nulls: Uint8Array.from(durations, (duration) => Number(duration < 1)),
        config: { displayNameFromDS: "Duration", unit: "ms", noValue: "<1 ms" },
      },
      { name: "nested", type: "frame", values: nested, config: { custom: { hidden: true } } },
    ],
  };
}

/** Returns the frame with the spans of all traces of a search, the newest first. */
export function* spanTable(answer: JsonObject, settings: SearchSettings): Steps<Frame> {
  const spans: FoundSpan[] = [];
  for (const trace of tracesOf(answer)) {
    for (const span of spansOf(trace)) spans.push(span);
    yield;
  }
  return yield* spanFrame(
    spans.sort((a, b) => b.time - a.time),
    settings,
    WHOLE,
  );
}

/** Returns the traces, the newest first. Texts of nanoseconds are compared as numbers. */
const tracesOf = (answer: JsonObject): readonly JsonObject[] =>
  objectsAt(answer, "traces")
    .map((trace) => ({ trace, time: millisecondsOf(trace["startTimeUnixNano"]) }))
    .sort((a, b) => b.time - a.time)
    .map(({ trace }) => trace);

function spansOf(trace: JsonObject): readonly FoundSpan[] {
  const sets = objectsAt(trace, "spanSets");
  const single = objectAt(trace, "spanSet");
  return (sets.length > 0 || single === undefined ? sets : [single]).flatMap((set) => {
    const shared = attributesOf(set);
    return objectsAt(set, "spans").map((span) => ({
      traceID: textAt(trace, "traceID"),
      traceService: textAt(trace, "rootServiceName"),
      traceName: textAt(trace, "rootTraceName"),
      spanID: textAt(span, "spanID"),
      name: textAt(span, "name"),
      time: millisecondsOf(span["startTimeUnixNano"]),
      durationNs: numberAt(span, "durationNanos") ?? 0,
      attributes: attributesOf(span),
      shared,
    }));
  });
}

const attributesOf = (owner: JsonObject): Attributes =>
  new Map(
    objectsAt(owner, "attributes").map((one) => [textAt(one, "key"), attributeValue(objectAt(one, "value"))] as const),
  );

const attributeOf = ({ attributes, shared }: FoundSpan, name: string): AttributeValue | undefined =>
  attributes.has(name) ? attributes.get(name) : shared.get(name);

/** The columns of a table of spans that describe their traces. */
interface TraceColumns {
  readonly hidesTraceId: boolean;
  readonly hasTrace: boolean;
}
const NESTED: TraceColumns = { hidesTraceId: true, hasTrace: false };
const WHOLE: TraceColumns = { hidesTraceId: false, hasTrace: true };

function* spanFrame(
  spans: readonly FoundSpan[],
  settings: SearchSettings,
  { hidesTraceId, hasTrace }: TraceColumns,
): Steps<Frame> {
  const names = new Set<string>();
  const sets = new Set<Attributes>();
  for (const { attributes, shared } of spans) {
    for (const owner of sets.has(shared) ? [attributes] : [attributes, shared])
      for (const name of owner.keys()) names.add(name);
    sets.add(shared);
    if (names.size > MAX_COLUMNS)
      throw new QueryFailure(422, `the spans have more than ${MAX_COLUMNS} attributes; select fewer in the query`);
    yield;
  }
  settings.cells.take(spans.length * (names.size + 7));
  const column = (name: string, valueOf: (span: FoundSpan) => string, config: FieldConfig): Field => ({
    name,
    type: "string",
    values: spans.map(valueOf),
    config,
  });
  const hasNames = spans.some(({ name }) => name !== "");
  const link = traceLink(settings, "${__data.fields.traceIdHidden}", { trace: { spanId: "${__value.raw}" } });
  const fields: Field[] = [
    column("traceIdHidden", ({ traceID }) => traceID, { custom: { hidden: hidesTraceId } }),
    ...(hasTrace
      ? [
          column("traceService", (span) => span.traceService, wide("Trace Service", 200)),
          column("traceName", (span) => span.traceName, wide("Trace Name", 200)),
        ]
      : []),
    column("spanID", ({ spanID }) => spanID, { ...wide("Span ID", 200), unit: "string", links: [link] }),
    {
      name: "time",
      type: "time",
      values: Float64Array.from(spans, ({ time }) => time),
      config: wide("Start time", 200),
    },
    column("name", ({ name }) => name, { displayNameFromDS: "Name", custom: { hidden: !hasNames } }),
  ];
  for (const name of [...names].sort()) {
    yield;
    fields.push(column(name, (span) => textOf(attributeOf(span, name)), { displayNameFromDS: name }));
  }
  const values = Float64Array.from(spans, ({ durationNs }) => durationNs);
  fields.push({ name: "duration", type: "number", values, config: { ...wide("Duration", 120), unit: "ns" } });
  return {
    refId: settings.refId,
    name: "Spans",
    length: spans.length,
    meta: { preferredVisualisationType: "table" },
    fields,
  };
}

const wide = (displayNameFromDS: string, width: number): FieldConfig => ({ displayNameFromDS, custom: { width } });

const textOf = (value: AttributeValue | undefined): string =>
  value === undefined || value === null ? "" : String(value);

function traceLink({ source }: SearchSettings, query: string, panelsState?: JsonObject): DataLink {
  const kind = panelsState === undefined ? "Trace" : "Span";
  return {
    title: `${kind}: \${__value.raw}`,
    url: "",
    targetBlank: false,
    oneClick: false,
    internal: {
      datasourceUid: source.uid,
      datasourceName: source.name,
      query: { query, queryType: "traceql" },
      ...(panelsState !== undefined && { panelsState }),
    },
  };
}
