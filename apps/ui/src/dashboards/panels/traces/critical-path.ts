import type { TraceSpan } from "./read-trace.ts";

/** A part of a span on the critical path: start and end, epoch ms. */
export type PathPart = readonly [from: number, to: number];

interface Step {
  readonly at: number;
  /** Time up to which the path of this span is still unknown. The path is followed backwards. */
  cursor: number;
  /** Children, sorted by their end, latest last. */
  readonly waiting: number[];
}

/**
 * Returns the critical path of a trace: by the position of a span, the parts of the span that determine when the trace
 * ends. The path follows, from the end of the first root backwards, the child that ended last before each point.
 */
export function criticalPath(spans: readonly TraceSpan[]): ReadonlyMap<number, readonly PathPart[]> {
  const parts = new Map<number, PathPart[]>();
  if (spans.length === 0) return parts;
  const children = new Map<number, number[]>();
  for (const [at, { parent }] of spans.entries()) {
    if (children.has(parent)) children.get(parent)!.push(at);
    else children.set(parent, [at]);
  }
  const endOf = (at: number): number => spans[at]!.start + spans[at]!.duration;
  const stepOf = (at: number, cursor: number): Step => ({
    at,
    cursor,
    waiting: (children.get(at) ?? []).sort((a, b) => endOf(a) - endOf(b)),
  });
  const add = (at: number, from: number, to: number): void => {
    if (to <= from) return;
    if (parts.has(at)) parts.get(at)!.push([from, to]);
    else parts.set(at, [[from, to]]);
  };
  const steps: Step[] = [stepOf(0, endOf(0))];
  for (let step = steps.at(-1); step !== undefined; step = steps.at(-1)) {
    const child = step.waiting.pop();
    const { start, duration } = spans[step.at]!;
    if (child === undefined) {
      add(step.at, start, step.cursor);
      steps.pop();
      continue;
    }
    // A child that runs longer than its parent is cut at the parent's end.
    const end = Math.min(endOf(child), start + duration);
    // A child that is still running at the point is not on the path: a later child already covers this time.
    if (end > step.cursor || end <= start || spans[child]!.start >= end) continue;
    add(step.at, end, step.cursor);
    step.cursor = Math.max(start, spans[child]!.start);
    steps.push(stepOf(child, end));
  }
  return parts;
}
