import { type SyntheticEvent, useMemo, useState } from "react";
import { classesOf } from "../../../shell/style-sheet.ts";
import type { PlotProblem } from "../../plot/planned-panel.tsx";
import { type PlannedProps, plannedPanel } from "../../plot/planned-panel.tsx";
import { fittedView, type View } from "../zooming/view-box.ts";
import { ZoomArea } from "../zooming/ZoomArea.tsx";
import { EdgeShape } from "./EdgeShape.tsx";
import { GraphDetails, type Selection } from "./GraphDetails.tsx";
import type { GraphLayout } from "./graph-layout.ts";
import { NodeShape } from "./NodeShape.tsx";
import { nodeGraphOptions, type NodeGraphOptions } from "./options.ts";
import { type Graph, MAX_EDGES, MAX_NODES, readGraph } from "./read-graph.ts";
import { useLayout } from "./use-layout.ts";
import styles from "./NodeGraphPanel.module.css";

const css = classesOf(styles);

const LIMITS = [0.05, 4] as const;
/** Height of the bar below the drawing, CSS pixels. */
const BAR_PX = 28;

function planGraph(
  frames: Parameters<typeof readGraph>[0],
  options: NodeGraphOptions,
  context: Parameters<typeof readGraph>[2],
): Graph | PlotProblem {
  const graph = readGraph(frames, options, context);
  if (graph.nodes.length > 0) return graph;
  return { problem: "No frame contains nodes or edges. Edges have the fields id, source and target; nodes have id." };
}

function DrawnGraph({ panel, width, height, context, plan: graph, options }: PlannedProps<Graph, NodeGraphOptions>) {
  const isLarge = graph.nodes.length > (options.gridFrom ?? 200);
  const [chosen, setGrid] = useState<boolean>();
  const isGrid = chosen ?? (options.layout === "grid" || isLarge);
  const size = useMemo(() => ({ width, height: Math.max(60, height - BAR_PX) }), [width, height]);
  const layout = useLayout(graph, isGrid, size.width / size.height);
  const [selection, select] = useState<Selection>();
  const [moved, setView] = useState<View>();
  const onLayout = (grid: boolean): void => {
    setGrid(grid);
    setView(undefined);
  };
  const view = moved ?? (layout === undefined ? undefined : fittedView(layout, size));
  return (
    <div className={css("panel")} style={{ width, height }}>
      {layout === undefined || view === undefined ? (
        <p className={css("wait")} style={{ height: size.height }} role="status">
          The positions of the nodes are computed.
        </p>
      ) : (
        <ZoomArea
          label={`${panel.title || "Node graph"}: ${graph.nodes.length} nodes, ${graph.edges.length} edges`}
          size={size}
          view={view}
          onView={setView}
          onFit={() => setView(undefined)}
          limits={LIMITS}
          wheel={options.zoomMode === "greedy" ? "always" : "with key"}
          hasButtons
        >
          <Drawing {...{ graph, layout, isGrid, view, selection, size }} onSelect={select} />
        </ZoomArea>
      )}
      {selection !== undefined && (
        <GraphDetails graph={graph} selection={selection} onSelect={select} linksOf={context.linksOf} />
      )}
      <Bar graph={graph} isGrid={isGrid} onGrid={onLayout} />
    </div>
  );
}

interface DrawingProps {
  readonly graph: Graph;
  readonly layout: GraphLayout;
  readonly isGrid: boolean;
  readonly view: View;
  readonly size: { readonly width: number; readonly height: number };
  readonly selection: Selection | undefined;
  readonly onSelect: (selection: Selection | undefined) => void;
}

function Drawing({ graph, layout, isGrid, view, size, selection, onSelect }: DrawingProps) {
  const shapes = useMemo(
    () => <Shapes {...{ graph, layout, isGrid, selection }} />,
    [graph, layout, isGrid, selection],
  );
  const selectAt = (event: SyntheticEvent): void => {
    const target = event.target instanceof Element ? event.target.closest("[data-node],[data-edge]") : null;
    const node = target?.getAttribute("data-node");
    const edge = target?.getAttribute("data-edge");
    if (node != null) onSelect({ kind: "node", at: Number(node) });
    else if (edge != null) onSelect({ kind: "edge", at: Number(edge) });
    else onSelect(undefined);
  };
  const transform = `translate(${size.width / 2 - view.x * view.scale} ${size.height / 2 - view.y * view.scale}) scale(${view.scale})`;
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the nodes are buttons, whose events are handled here
    <svg
      role="group"
      aria-label="Nodes"
      width={size.width}
      height={size.height}
      className={css("drawing")}
      onClick={selectAt}
      onKeyDown={(event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        selectAt(event);
      }}
    >
      <g transform={transform}>{shapes}</g>
    </svg>
  );
}

function Shapes({ graph, layout, isGrid, selection }: Pick<DrawingProps, "graph" | "layout" | "isGrid" | "selection">) {
  const { nodes, edges } = graph;
  const pairs = new Set(edges.map(({ source, target }) => `${source} ${target}`));
  const near = selection?.kind === "node" && !isGrid ? nearNodes(graph, selection.at) : undefined;
  const endOf = (at: number) => ({ x: layout.x[at]!, y: layout.y[at]!, radius: nodes[at]!.radius });
  const counts = new Map<string, number>();
  return (
    <>
      {!isGrid &&
        edges.map((edge, at) => {
          const key = `${edge.source} ${edge.target}`;
          const earlier = counts.get(key) ?? 0;
          counts.set(key, earlier + 1);
          const isPaired = pairs.has(`${edge.target} ${edge.source}`);
          return (
            <EdgeShape
              key={at}
              edge={edge}
              at={at}
              from={endOf(edge.source)}
              to={endOf(edge.target)}
              bend={bendOf(layout, edge, isPaired, earlier)}
              isSelected={selection?.kind === "edge" && selection.at === at}
              isDimmed={near !== undefined && edge.source !== selection?.at && edge.target !== selection?.at}
            />
          );
        })}
      {nodes.map((node, at) => (
        <NodeShape
          key={node.id}
          node={node}
          at={at}
          x={layout.x[at]!}
          y={layout.y[at]!}
          isSelected={selection?.kind === "node" && selection.at === at}
          isDimmed={near !== undefined && !near.has(at)}
        />
      ))}
    </>
  );
}

/** Distance from which an edge may cross other nodes, so that it is bent around them. */
const LONG_PX = 300;

function bendOf(
  { x, y }: GraphLayout,
  { source, target }: { readonly source: number; readonly target: number },
  isPaired: boolean,
  earlier: number,
): number {
  const length = Math.hypot(x[target]! - x[source]!, y[target]! - y[source]!);
  return (isPaired ? 22 : 0) + earlier * 26 + (length > LONG_PX ? Math.min(160, length / 4) : 0);
}

function nearNodes({ edges }: Graph, at: number): ReadonlySet<number> {
  const near = new Set([at]);
  for (const { source, target } of edges) {
    if (source === at) near.add(target);
    if (target === at) near.add(source);
  }
  return near;
}

interface BarProps {
  readonly graph: Graph;
  readonly isGrid: boolean;
  readonly onGrid: (isGrid: boolean) => void;
}

/** The legend of the sections, the choice of the layout, and the sentence about a graph that is too large. */
function Bar({ graph: { arcs, hiddenNodes, hiddenEdges }, isGrid, onGrid }: BarProps) {
  return (
    <div className={css("bar")}>
      <button type="button" className={css("layout")} aria-pressed={isGrid} onClick={() => onGrid(!isGrid)}>
        {isGrid ? "Show as graph" : "Show as grid"}
      </button>
      {arcs.length > 0 && (
        <ul className={css("legend")} aria-label="Legend">
          {arcs.map(({ name, color }) => (
            <li key={name} className={css("item")}>
              <span className={css("sample")} style={{ background: color }} /> {name}
            </li>
          ))}
        </ul>
      )}
      {(hiddenNodes > 0 || hiddenEdges > 0) && (
        <span role="status" className={css("remark")}>
          {hiddenNodes} nodes and {hiddenEdges} edges are not shown: the panel shows at most {MAX_NODES} nodes and{" "}
          {MAX_EDGES} edges. Limit the query.
        </span>
      )}
    </div>
  );
}

/** Shows nodes and edges as a graph in layers, or as a grid. */
export const NodeGraphPanel = plannedPanel(nodeGraphOptions, planGraph, DrawnGraph);
