/** Positions of the nodes, and the size of the drawing. */
export interface GraphLayout {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly width: number;
  readonly height: number;
}

/** An edge by the positions of its nodes. */
export interface LaidEdge {
  readonly source: number;
  readonly target: number;
}

/** Distances of the centres of nodes. */
const COLUMN = 230;
const ROW = 150;
const MARGIN = 90;
/** The layout stops to improve the order after this number of passes. */
const PASSES = 8;
/** Number of steps of work between two pauses. */
const SLICE = 500;

/** Places nodes in a grid, in the order of their ids. */
export function gridLayout(count: number, aspect: number): GraphLayout {
  const columns = Math.max(1, Math.min(count, Math.ceil(Math.sqrt(count * aspect * (ROW / COLUMN)))));
  const rows = Math.ceil(count / columns);
  return {
    x: Float64Array.from({ length: count }, (_, at) => MARGIN + (at % columns) * (COLUMN * 0.7)),
    y: Float64Array.from({ length: count }, (_, at) => MARGIN + Math.floor(at / columns) * ROW),
    width: MARGIN * 2 + (columns - 1) * COLUMN * 0.7,
    height: MARGIN * 2 + Math.max(0, rows - 1) * ROW,
  };
}

/**
 * Places nodes in layers from left to right: a node is to the right of the nodes whose edges lead to it. Edges that
 * close a circle are ignored for the layers. The order in a layer follows the mean position of the neighbours. Yields
 * between parts of the work, so that the caller can pause.
 */
export function* layeredLayout(count: number, edges: readonly LaidEdge[]): Generator<void, GraphLayout> {
  const { out, into } = neighbours(count, edges);
  yield;
  const layers = yield* layerOf(count, out);
  const members: number[][] = [];
  for (let at = 0; at < count; at++) (members[layers[at]!] ??= []).push(at);
  const rank = new Float64Array(count);
  for (const layer of members) for (const [index, at] of layer.entries()) rank[at] = index;
  for (let pass = 0; pass < PASSES; pass++) {
    const isForward = pass % 2 === 0;
    for (const layer of isForward ? members : members.toReversed()) {
      sortByNeighbours(layer, isForward ? into : out, rank);
      yield;
    }
  }
  return positions(count, members);
}

/** Runs a layout in parts of at most `budgetMs`, with a pause after each. Returns undefined if it was cancelled. */
export async function runInSlices<T>(
  work: Generator<void, T>,
  pause: () => Promise<void>,
  isCancelled: () => boolean,
  now: () => number,
  budgetMs = 4,
): Promise<T | undefined> {
  for (;;) {
    const end = now() + budgetMs;
    do {
      const step = work.next();
      if (step.done === true) return step.value;
    } while (now() < end);
    await pause();
    if (isCancelled()) return undefined;
  }
}

function neighbours(count: number, edges: readonly LaidEdge[]) {
  const out: number[][] = Array.from({ length: count }, () => []);
  const into: number[][] = Array.from({ length: count }, () => []);
  for (const { source, target } of edges) {
    if (source === target) continue;
    out[source]!.push(target);
    into[target]!.push(source);
  }
  return { out, into };
}

/** Returns the layer of each node: the longest way from a node without incoming edges, without circles. */
function* layerOf(count: number, out: readonly (readonly number[])[]): Generator<void, Uint32Array> {
  const order: number[] = [];
  const state = new Uint8Array(count);
  const back = new Set<number>();
  let steps = 0;
  const incoming = new Uint32Array(count);
  for (const targets of out) for (const target of targets) incoming[target]!++;
  const starts = Array.from({ length: count }, (_, at) => at).sort((a, b) => incoming[a]! - incoming[b]! || a - b);
  for (const start of starts) {
    if (state[start] !== 0) continue;
    const stack: [node: number, next: number][] = [[start, 0]];
    state[start] = 1;
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      if (++steps % SLICE === 0) yield;
      const [node] = top;
      const target = out[node]![top[1]++];
      if (target === undefined) {
        state[node] = 2;
        order.push(node);
        stack.pop();
      } else if (state[target] === 0) {
        state[target] = 1;
        stack.push([target, 0]);
      } else if (state[target] === 1) back.add(node * count + target);
    }
  }
  yield;
  const layers = new Uint32Array(count);
  for (const node of order.toReversed())
    for (const target of out[node]!)
      if (!back.has(node * count + target)) layers[target] = Math.max(layers[target]!, layers[node]! + 1);
  return layers;
}

function sortByNeighbours(layer: number[], near: readonly (readonly number[])[], rank: Float64Array): void {
  const means = new Map(
    layer.map((at) => {
      const all = near[at]!;
      let sum = 0;
      for (const one of all) sum += rank[one]!;
      return [at, all.length === 0 ? rank[at]! : sum / all.length];
    }),
  );
  layer.sort((a, b) => means.get(a)! - means.get(b)! || a - b);
  for (const [index, at] of layer.entries()) rank[at] = index;
}

/** Places each layer in a column. A layer with many nodes takes several columns. */
function positions(count: number, members: readonly (readonly number[])[]): GraphLayout {
  const tall = Math.max(4, Math.ceil(Math.sqrt(count) * 1.2));
  const columns = members.flatMap((layer) =>
    Array.from({ length: Math.ceil(layer.length / tall) }, (_, at) => layer.slice(at * tall, (at + 1) * tall)),
  );
  const most = columns.reduce((all, { length }) => Math.max(all, length), 1);
  const [x, y] = [new Float64Array(count), new Float64Array(count)];
  for (const [column, nodes] of columns.entries())
    for (const [row, at] of nodes.entries()) {
      x[at] = MARGIN + column * COLUMN;
      y[at] = MARGIN + (row + (most - nodes.length) / 2) * ROW;
    }
  return {
    x,
    y,
    width: MARGIN * 2 + Math.max(0, columns.length - 1) * COLUMN,
    height: MARGIN * 2 + (most - 1) * ROW,
  };
}
