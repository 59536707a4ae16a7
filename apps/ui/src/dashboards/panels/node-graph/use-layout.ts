import { useEffect, useMemo, useState } from "react";
import { type GraphLayout, gridLayout, type LaidEdge, layeredLayout, runInSlices } from "./graph-layout.ts";
import type { Graph } from "./read-graph.ts";

const nextTurn = async (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/** Nodes and edges without their values. New values of the same graph keep the positions. */
interface Shape {
  readonly ids: readonly string[];
  readonly edges: readonly LaidEdge[];
}

/**
 * Returns the positions of a graph's nodes; undefined while they are computed. The work of a large graph is divided
 * into parts of a few milliseconds.
 */
export function useLayout({ nodes, edges }: Graph, isGrid: boolean, aspect: number): GraphLayout | undefined {
  const count = nodes.length;
  const grid = useMemo(() => (isGrid ? gridLayout(count, aspect) : undefined), [isGrid, count, aspect]);
  const shape = useMemo(
    () =>
      JSON.stringify({
        ids: nodes.map(({ id }) => id),
        edges: edges.map(({ source, target }) => ({ source, target })),
      } satisfies Shape),
    [nodes, edges],
  );
  const [made, setMade] = useState<{ shape: string; layout: GraphLayout }>();
  useEffect(() => {
    if (isGrid) return undefined;
    let isCancelled = false;
    const { ids, edges: laid } = JSON.parse(shape) as Shape;
    const work = layeredLayout(ids.length, laid);
    void (async () => {
      const layout = await runInSlices(
        work,
        nextTurn,
        () => isCancelled,
        () => performance.now(),
      );
      if (layout !== undefined && !isCancelled) setMade({ shape, layout });
    })();
    return () => void (isCancelled = true);
  }, [shape, isGrid]);
  return useMemo(
    () => grid ?? (made?.shape === shape ? turned(made.layout, aspect) : undefined),
    [grid, made, shape, aspect],
  );
}

/** Places the layers from top to bottom if the panel is taller than wide and the graph is wider than tall. */
const turned = ({ x, y, width, height }: GraphLayout, aspect: number): GraphLayout =>
  aspect < 1 && width > height ? { x: y, y: x, width: height, height: width } : { x, y, width, height };
