import type { FlatSpan, TraceSpan } from "./read-trace.ts";

interface Visit {
  readonly flat: number;
  readonly parent: number;
  readonly depth: number;
  readonly position: number;
  readonly siblings: number;
}

/**
 * Sorts spans into the order of their tree. Children are sorted by their start. A span whose parent is missing is a
 * root. If parents form a circle, its earliest span is a root. The function is not recursive, so that a deep tree does
 * not overflow the stack.
 */
export function orderTree(flat: readonly FlatSpan[]): { spans: readonly TraceSpan[]; orphans: number } {
  const order = flat.map((_, at) => at).sort((a, b) => flat[a]!.start - flat[b]!.start || a - b);
  const byId = new Map<string, number>();
  for (const at of order) if (!byId.has(flat[at]!.id)) byId.set(flat[at]!.id, at);
  const children = new Map<number, number[]>();
  const roots: number[] = [];
  let orphans = 0;
  for (const at of order) {
    const { parentId } = flat[at]!;
    const parent = parentId === "" ? undefined : byId.get(parentId);
    if (parent === undefined || parent === at) {
      roots.push(at);
      if (parentId !== "") orphans++;
    } else if (children.has(parent)) children.get(parent)!.push(at);
    else children.set(parent, [at]);
  }
  const seen = new Uint8Array(flat.length);
  const spans: TraceSpan[] = [];
  const place = (firsts: readonly number[]): void => {
    for (const [index, flatAt] of firsts.entries())
      placeTree(flat, children, seen, spans, {
        flat: flatAt,
        parent: -1,
        depth: 0,
        position: index + 1,
        siblings: firsts.length,
      });
  };
  place(roots);
  // The other spans are in circles or below them.
  for (const at of order) {
    if (seen[at] === 1) continue;
    orphans++;
    place([at]);
  }
  return { spans: withEnds(spans), orphans };
}

/** Adds a span and its descendants to the list. */
function placeTree(
  flat: readonly FlatSpan[],
  children: ReadonlyMap<number, readonly number[]>,
  seen: Uint8Array,
  spans: TraceSpan[],
  root: Visit,
): void {
  const waiting: Visit[] = [root];
  for (let visit = waiting.pop(); visit !== undefined; visit = waiting.pop()) {
    if (seen[visit.flat] === 1) continue;
    seen[visit.flat] = 1;
    const index = spans.length;
    const { depth, parent, position, siblings } = visit;
    spans.push({ ...flat[visit.flat]!, depth, parent, position, siblings, end: index + 1 });
    const below = children.get(visit.flat) ?? [];
    for (let at = below.length - 1; at >= 0; at--)
      waiting.push({ flat: below[at]!, parent: index, depth: depth + 1, position: at + 1, siblings: below.length });
  }
}

/** Sets the end of each span's subtree. */
function withEnds(spans: readonly TraceSpan[]): readonly TraceSpan[] {
  const ends = spans.map(({ end }) => end);
  for (let at = spans.length - 1; at >= 0; at--) {
    const { parent } = spans[at]!;
    if (parent >= 0) ends[parent] = Math.max(ends[parent]!, ends[at]!);
  }
  return spans.map((span, at) => ({ ...span, end: ends[at]! }));
}

/** Returns the positions of the visible spans: those without a collapsed ancestor. */
export function visibleSpans(spans: readonly TraceSpan[], collapsed: ReadonlySet<string>): readonly number[] {
  const visible: number[] = [];
  for (let at = 0; at < spans.length;) {
    visible.push(at);
    const { id, end } = spans[at]!;
    at = collapsed.has(id) ? end : at + 1;
  }
  return visible;
}
