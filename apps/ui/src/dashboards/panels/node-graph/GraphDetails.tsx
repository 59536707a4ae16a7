import { addressOf } from "../../../shell/link-anchor.ts";
import { classesOf } from "../../../shell/style-sheet.ts";
import type { PanelContext } from "../../contracts/panel-kind.ts";
import type { Graph, GraphEdge, GraphNode } from "./read-graph.ts";
import styles from "./GraphDetails.module.css";

const css = classesOf(styles);

/** The selected node or edge, by its position. */
export interface Selection {
  readonly kind: "node" | "edge";
  readonly at: number;
}

interface GraphDetailsProps {
  readonly graph: Graph;
  readonly selection: Selection;
  readonly onSelect: (selection: Selection | undefined) => void;
  readonly linksOf: PanelContext["linksOf"];
}

/** The largest number of edges in the details of a node. */
const MAX_LISTED = 50;

/** The details of the selected node or edge: its numbers, its links, and the edges of a node. */
export function GraphDetails({ graph, selection, onSelect, linksOf }: GraphDetailsProps) {
  const { nodes, edges } = graph;
  const node = selection.kind === "node" ? nodes[selection.at] : undefined;
  const edge = selection.kind === "edge" ? edges[selection.at] : undefined;
  const item = node ?? edge;
  if (item === undefined) return null;
  const title = node?.title ?? edgeTitle(graph, edge!);
  const near = node === undefined ? [] : edges.flatMap((one, at) => (touches(one, selection.at) ? [at] : []));
  const facts: readonly (readonly [string, string])[] = [
    ...(node === undefined
      ? []
      : ([
          ["ID", node.id],
          ["Type", node.subtitle],
        ] as const)),
    ["Main stat", item.mainStat],
    ["Secondary stat", item.secondaryStat],
    ...(node?.arcs.map(({ name, share }) => [name, `${(share * 100).toFixed(1)} %`] as const) ?? []),
    ...item.details.map(({ name, text }) => [name, text] as const),
  ];
  return (
    <div role="region" aria-label={`Details of ${title}`} className={css("details")}>
      <div className={css("head")}>
        <strong className={css("title")}>{title}</strong>
        <button type="button" aria-label="Close details" className={css("tool")} onClick={() => onSelect(undefined)}>
          ×
        </button>
      </div>
      <Links item={item} linksOf={linksOf} />
      <dl className={css("facts")}>
        {facts
          .filter(([, text]) => text !== "")
          .map(([name, text], at) => (
            <div key={at} className={css("fact")}>
              <dt>{name}</dt>
              <dd>{text}</dd>
            </div>
          ))}
      </dl>
      {near.slice(0, MAX_LISTED).map((at) => (
        <button key={at} type="button" className={css("tool")} onClick={() => onSelect({ kind: "edge", at })}>
          {edgeTitle(graph, edges[at]!)}
        </button>
      ))}
      {near.length > MAX_LISTED && (
        <p className={css("quiet")}>{near.length - MAX_LISTED} more edges are not listed.</p>
      )}
    </div>
  );
}

const touches = ({ source, target }: GraphEdge, node: number): boolean => source === node || target === node;

const edgeTitle = ({ nodes }: Graph, { source, target }: GraphEdge): string =>
  `${nodes[source]?.title ?? ""} → ${nodes[target]?.title ?? ""}`;

function Links({ item, linksOf }: { item: GraphNode | GraphEdge; linksOf: PanelContext["linksOf"] }) {
  const { place } = item;
  if (place === undefined) return null;
  const links = place.frame.fields.flatMap((field) => linksOf({ ...place, field }));
  if (links.length === 0) return null;
  return (
    <p className={css("links")}>
      {links.map((link, at) => (
        <a key={at} {...addressOf(link)}>
          {link.title}
        </a>
      ))}
    </p>
  );
}
