import { type Field, type Frame, isObject, valueAt } from "@narthex/dashboards";
import { plainText } from "../values/plain-text.ts";
import { orderTree } from "./span-tree.ts";

/** A span of a trace, with its position in the tree. Attributes and events are read when the span is opened. */
export interface TraceSpan {
  readonly id: string;
  readonly traceId: string;
  readonly parentId: string;
  readonly name: string;
  readonly service: string;
  readonly kind: string;
  readonly isError: boolean;
  /** Start, epoch ms. */
  readonly start: number;
  /** Duration, ms. */
  readonly duration: number;
  /** Row of the span in the frame. */
  readonly row: number;
  /** Number of ancestors. */
  readonly depth: number;
  /** Position of the parent in the trace's spans; -1 for a root. */
  readonly parent: number;
  /** Position after the last descendant in the trace's spans. */
  readonly end: number;
  /** Position among the children of the same parent, from 1, and their number. */
  readonly position: number;
  readonly siblings: number;
}

/** A service of a trace, with the number of its spans. */
interface TraceService {
  readonly name: string;
  readonly count: number;
}

export interface Trace {
  readonly frame: Frame;
  /** The spans in the order of the tree: each span is followed by its descendants. */
  readonly spans: readonly TraceSpan[];
  readonly name: string;
  /** Start and end of all spans, epoch ms. */
  readonly start: number;
  readonly end: number;
  /** The services in the order of their first span. */
  readonly services: readonly TraceService[];
  /** Number of levels of the tree. */
  readonly depth: number;
  readonly errors: number;
  /** Number of spans whose parent is not in the trace, or is one of their own descendants. */
  readonly orphans: number;
  /** Number of spans that are not shown, because the trace is too large. */
  readonly hidden: number;
}

/** The largest number of spans that the panel shows. */
export const MAX_SPANS = 50_000;

/** A span without its position in the tree. */
export type FlatSpan = Omit<TraceSpan, "depth" | "parent" | "end" | "position" | "siblings">;

/** Returns the first frame with spans, or undefined. */
export const traceFrameOf = (frames: readonly Frame[]): Frame | undefined =>
  frames.find(
    ({ length, fields }) =>
      length > 0 && ["spanID", "startTime", "duration"].every((name) => fields.some((field) => field.name === name)),
  );

/** Reads the trace of a frame in Grafana's format of traces. */
export function readTrace(frame: Frame): Trace {
  const flat = flatSpans(frame);
  const { spans, orphans } = orderTree(flat);
  const counts = new Map<string, number>();
  let [start, end, depth, errors] = [Infinity, -Infinity, 0, 0];
  for (const span of spans) {
    counts.set(span.service, (counts.get(span.service) ?? 0) + 1);
    start = Math.min(start, span.start);
    end = Math.max(end, span.start + span.duration);
    depth = Math.max(depth, span.depth + 1);
    if (span.isError) errors++;
  }
  const root = spans.find(({ parent, parentId }) => parent === -1 && parentId === "") ?? spans[0];
  return {
    frame,
    spans,
    name: root === undefined ? "" : root.service === "" ? root.name : `${root.service}: ${root.name}`,
    start: spans.length === 0 ? 0 : start,
    end: spans.length === 0 ? 0 : end,
    services: Array.from(counts, ([name, count]) => ({ name, count })),
    depth,
    errors,
    orphans,
    hidden: frame.length - flat.length,
  };
}

function flatSpans(frame: Frame): readonly FlatSpan[] {
  const fields = new Map(frame.fields.map((field) => [field.name, field]));
  const at = (name: string, row: number): unknown => cell(fields.get(name), row);
  const number = (name: string, row: number): number => {
    const value = Number(at(name, row) ?? 0);
    return Number.isFinite(value) ? value : 0;
  };
  return Array.from({ length: Math.min(frame.length, MAX_SPANS) }, (_, row) => ({
    id: plainText(at("spanID", row)),
    traceId: plainText(at("traceID", row)),
    parentId: plainText(at("parentSpanID", row)),
    name: plainText(at("operationName", row)),
    service: plainText(at("serviceName", row)),
    kind: plainText(at("kind", row)),
    isError: number("statusCode", row) === 2 || hasErrorTag(at("tags", row)),
    start: number("startTime", row),
    duration: Math.max(0, number("duration", row)),
    row,
  }));
}

const cell = (field: Field | undefined, row: number): unknown => (field === undefined ? null : valueAt(field, row));

/** Reports whether attributes mark an error, as spans of Jaeger and Zipkin do. */
function hasErrorTag(tags: unknown): boolean {
  if (!Array.isArray(tags)) return false;
  return tags.some(
    (tag) =>
      isObject(tag) &&
      ((tag["key"] === "error" && tag["value"] !== false && tag["value"] !== "false") ||
        (tag["key"] === "otel.status_code" && tag["value"] === "ERROR")),
  );
}
