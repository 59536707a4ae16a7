import type { Frame, JsonObject } from "@narthex/dashboards";
import type { Steps } from "@narthex/runtime";
import { numberAt, textAt } from "../json-values.ts";
import { type GraphEdge, type GraphNode, graphFrames } from "../traces/graph-frames.ts";
import { jaegerSpans } from "./jaeger-spans.ts";
import type { Span } from "../traces/span.ts";
import type { ValueBudget } from "../value-budget.ts";

interface FoundTrace {
  readonly id: string;
  readonly name: string;
  readonly startTime: number;
  /** Duration in microseconds. */
  readonly duration: number;
}

interface TableSettings {
  readonly refId: string;
  readonly source: { readonly uid: string; readonly name: string };
  readonly cells: ValueBudget;
}

/** Returns the frame with the traces of a search, the newest first. */
export function* jaegerTable(traces: readonly JsonObject[], { refId, source, cells }: TableSettings): Steps<Frame> {
  const found: FoundTrace[] = [];
  for (const trace of traces) {
    const spans = yield* jaegerSpans(trace);
    cells.take(4);
    if (spans.length > 0) found.push(summaryOf(textAt(trace, "traceID"), spans));
  }
  found.sort((a, b) => b.startTime - a.startTime);
  const internal = { datasourceUid: source.uid, datasourceName: source.name, query: { query: "${__value.raw}" } };
  const link = { title: "Trace: ${__value.raw}", url: "", targetBlank: false, oneClick: false, internal };
  return {
    refId,
    length: found.length,
    meta: { preferredVisualisationType: "table" },
    fields: [
      {
        name: "traceID",
        type: "string",
        values: found.map(({ id }) => id),
        config: { unit: "string", displayNameFromDS: "Trace ID", links: [link] },
      },
      {
        name: "traceName",
        type: "string",
        values: found.map(({ name }) => name),
        config: { displayNameFromDS: "Trace name" },
      },
      {
        name: "startTime",
        type: "time",
        values: Float64Array.from(found, ({ startTime }) => startTime),
        config: { displayNameFromDS: "Start time" },
      },
      {
        name: "duration",
        type: "number",
        values: Float64Array.from(found, ({ duration }) => duration),
        config: { displayNameFromDS: "Duration", unit: "µs" },
      },
    ],
  };
}

/** Returns the name of a trace, which is the first span without a parent in it, and its time. */
function summaryOf(id: string, spans: readonly Span[]): FoundTrace {
  const ids = new Set(spans.map(({ spanID }) => spanID));
  let root: Span | undefined;
  let [first, last] = [Infinity, -Infinity];
  for (const span of spans) {
    first = Math.min(first, span.startTime);
    last = Math.max(last, span.startTime + span.duration);
    const isRoot = !ids.has(span.parentSpanID);
    if (isRoot && (root === undefined || span.startTime < root.startTime)) root = span;
  }
  const { service, operationName } = root ?? spans[0]!;
  return {
    id,
    name: `${service.name}: ${operationName}`,
    startTime: first,
    duration: Math.round((last - first) * 1000),
  };
}

/** Returns the node graph of the calls between services. */
export function dependencyGraph(calls: readonly JsonObject[], refId: string, cells: ValueBudget): readonly Frame[] {
  cells.take(calls.length * 6);
  const services = new Set<string>();
  const edges = calls.map((call): GraphEdge => {
    const [source, target] = [textAt(call, "parent"), textAt(call, "child")];
    services.add(source);
    services.add(target);
    return { id: `${source}--${target}`, source, target, mainstat: numberAt(call, "callCount") ?? 0 };
  });
  const nodes = Array.from(services, (name): GraphNode => ({ id: name, title: name }));
  return graphFrames(nodes, edges, refId, {
    nodes: { title: { displayName: "Service" } },
    edges: { mainstat: { displayName: "Call count" } },
  });
}
