import type { DataLink, Field, Frame } from "@narthex/dashboards";
import type { Steps } from "@narthex/runtime";
import { QueryFailure } from "../query-failure.ts";
import type { SpanBar } from "./span-bar.ts";
import type { ValueBudget } from "../value-budget.ts";
import type { KeyValue, Span, SpanService } from "./span.ts";

/** The format of the server that answered. It determines the columns of the frame, as in Grafana. */
type TraceFormat = "otlp" | "jaeger" | "zipkin";

/** Largest number of characters of all texts in a trace. Spans repeat the attributes of their service. */
const MAX_CHARS = 64 * 1024 * 1024;

/** A column of the frame, with the function that returns the value of a span. */
type Column = readonly [name: string, type: "string" | "number" | "json", valueOf: (span: Span) => unknown];

const IDS: readonly Column[] = [
  ["traceID", "string", ({ traceID }) => traceID],
  ["spanID", "string", ({ spanID }) => spanID],
  ["parentSpanID", "string", ({ parentSpanID }) => parentSpanID],
  ["operationName", "string", ({ operationName }) => operationName],
  ["serviceName", "string", ({ service }) => service.name],
];
const SERVICE: Column = ["serviceTags", "json", ({ service }) => service.tags];
const TIMES: readonly Column[] = [
  ["startTime", "number", ({ startTime }) => startTime],
  ["duration", "number", ({ duration }) => duration],
  ["logs", "json", ({ logs }) => logs],
];
const TAGS: Column = ["tags", "json", ({ tags }) => tags];
const REFERENCES: Column = ["references", "json", ({ references }) => references ?? []];

const COLUMNS: Readonly<Record<TraceFormat, readonly Column[]>> = {
  otlp: [
    ...IDS,
    ["kind", "string", ({ kind }) => kind ?? ""],
    ["statusCode", "number", ({ statusCode }) => statusCode ?? 0],
    ["statusMessage", "string", ({ statusMessage }) => statusMessage ?? ""],
    ["instrumentationLibraryName", "string", ({ libraryName }) => libraryName ?? ""],
    ["instrumentationLibraryVersion", "string", ({ libraryVersion }) => libraryVersion ?? ""],
    ["traceState", "string", ({ traceState }) => traceState ?? ""],
    SERVICE,
    ...TIMES,
    REFERENCES,
    TAGS,
  ],
  jaeger: [
    ...IDS,
    SERVICE,
    ...TIMES,
    REFERENCES,
    TAGS,
    ["warnings", "json", ({ warnings }) => warnings ?? []],
    ["stackTraces", "json", ({ stackTraces }) => stackTraces ?? []],
  ],
  zipkin: [...IDS, SERVICE, ...TIMES, TAGS],
};

export interface TraceSettings {
  readonly refId: string;
  readonly format: TraceFormat;
  readonly cells: ValueBudget;
  /** The text next to the bars of spans, if the settings of the source name one. */
  readonly bar?: SpanBar | undefined;
  /** Links of each span, to its log lines and metrics. */
  readonly links?: readonly DataLink[];
}

/**
 * Returns the frame of a trace, with a row for each span. Throws QueryFailure if the budget has too few cells left, or
 * the texts of the trace are too long.
 */
export function* traceFrame(
  spans: readonly Span[],
  { refId, format, cells, bar, links = [] }: TraceSettings,
): Steps<Frame> {
  const columns = COLUMNS[format];
  yield* takeSize(spans, columns.length, cells);
  const fields: Field[] = [];
  for (const [name, type, valueOf] of columns) {
    yield;
    if (type === "number") {
      const values = Float64Array.from(spans, (span) => valueOf(span) as number);
      fields.push({ name, type, values, config: {} });
    } else if (type === "json") fields.push({ name, type, values: spans.map(valueOf), config: {} });
    else {
      const config = name === "spanID" && links.length > 0 ? { links } : {};
      fields.push({ name, type, values: spans.map((span) => valueOf(span) as string), config });
    }
  }
  const meta = {
    preferredVisualisationType: "trace",
    custom: { traceFormat: format, ...(bar !== undefined && { narthexSpanBar: { ...bar } }) },
  };
  return { refId, name: "Trace", length: spans.length, fields, meta };
}

/** Takes the cells of a trace from a budget. Each attribute counts as a cell. */
function* takeSize(spans: readonly Span[], columns: number, cells: ValueBudget): Steps<void> {
  const services = new Map<SpanService, number>();
  let chars = 0;
  for (const span of spans) {
    yield;
    const { service, tags, logs, references = [] } = span;
    let size = services.get(service);
    if (size === undefined) services.set(service, (size = charsOf(service.tags) + service.name.length));
    let count = columns + service.tags.length + tags.length;
    chars += size + charsOf(tags) + span.operationName.length + (span.statusMessage?.length ?? 0);
    for (const { fields } of logs) {
      count += 1 + fields.length;
      chars += charsOf(fields);
    }
    for (const reference of references) {
      count += 1 + reference.tags.length;
      chars += charsOf(reference.tags);
    }
    cells.take(count);
    if (chars > MAX_CHARS)
      throw new QueryFailure(
        422,
        `the texts of the trace take more than ${MAX_CHARS / 1024 ** 2} MiB; open it in the server's own page`,
      );
  }
}

function charsOf(tags: readonly KeyValue[]): number {
  let chars = 0;
  for (const { key, value } of tags) chars += key.length + (typeof value === "string" ? value.length : 8);
  return chars;
}
