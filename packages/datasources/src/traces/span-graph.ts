import type { Frame } from "@narthex/dashboards";
import type { Steps } from "@narthex/runtime";
import type { ValueBudget } from "../value-budget.ts";
import { type GraphNode, graphFrames } from "./graph-frames.ts";
import type { Span } from "./span.ts";

/** The time of a span, ms. */
type Interval = readonly [start: number, end: number];

/**
 * Returns the node graph of a trace: a node for each span, and an edge from each parent to its child. Spans refer to
 * each other only by id, so that deep traces need no recursion, and cycles of parents are drawn as cycles.
 */
export function* spanGraph(spans: readonly Span[], refId: string, cells: ValueBudget): Steps<readonly Frame[]> {
  cells.take(spans.length * 10);
  const children = new Map<string, Interval[]>();
  const ids = new Set<string>();
  let [first, last] = [Infinity, -Infinity];
  for (const { spanID, parentSpanID, startTime, duration } of spans) {
    ids.add(spanID);
    first = Math.min(first, startTime);
    last = Math.max(last, startTime + duration);
    const interval: Interval = [startTime, startTime + duration];
    const others = children.get(parentSpanID);
    if (others === undefined) children.set(parentSpanID, [interval]);
    else others.push(interval);
    yield;
  }
  const total = last - first;
  const nodes: GraphNode[] = [];
  const seen = new Set<string>();
  for (const { spanID, service, operationName, duration } of spans) {
    yield;
    // Two spans of a call may have the same id in Zipkin. The graph has one node for both.
    if (seen.has(spanID)) continue;
    seen.add(spanID);
    const own = Math.max(0, duration - covered(children.get(spanID) ?? []));
    nodes.push({
      id: spanID,
      title: service.name,
      subtitle: operationName,
      mainstat: `total: ${short(duration)}ms (${percent(duration, total)}%)`,
      secondarystat: `self: ${short(own)}ms (${percent(own, duration)}%)`,
      color: total > 0 ? own / total : 0,
    });
  }
  const edges = spans
    .filter(({ spanID, parentSpanID }) => parentSpanID !== "" && parentSpanID !== spanID && ids.has(parentSpanID))
    .map(({ spanID, parentSpanID }) => ({
      id: `${parentSpanID}--${spanID}`,
      target: spanID,
      source: parentSpanID,
    }));
  return graphFrames(nodes, edges, refId);
}

/** Returns the time that intervals cover together. */
function covered(intervals: readonly Interval[]): number {
  let [sum, end] = [0, -Infinity];
  for (const [from, to] of intervals.toSorted((a, b) => a[0] - b[0])) {
    if (to <= end) continue;
    sum += to - Math.max(from, end);
    end = to;
  }
  return sum;
}

/** Rounds a number to two digits after the point. */
const short = (value: number): number => Math.round(value * 100) / 100;

const percent = (part: number, whole: number): number => (whole > 0 ? short((part / whole) * 100) : 0);
