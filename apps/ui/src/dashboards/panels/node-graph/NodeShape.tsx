import { memo } from "react";
import { classesOf } from "../../../shell/style-sheet.ts";
import type { GraphNode } from "./read-graph.ts";
import styles from "./NodeShape.module.css";

const css = classesOf(styles);

interface NodeShapeProps {
  readonly node: GraphNode;
  readonly at: number;
  readonly x: number;
  readonly y: number;
  readonly isSelected: boolean;
  readonly isDimmed: boolean;
}

const cut = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/** A node: a circle with its sections and numbers, and its title below. */
export const NodeShape = memo(function NodeShape({ node, at, x, y, isSelected, isDimmed }: NodeShapeProps) {
  const { radius, title, subtitle, mainStat, secondaryStat, color, isHighlighted } = node;
  const stats = [mainStat, secondaryStat].filter(Boolean);
  return (
    <g
      role="button"
      tabIndex={0}
      data-node={at}
      data-dimmed={isDimmed}
      aria-label={[title, subtitle, ...stats].filter(Boolean).join(", ")}
      aria-pressed={isSelected}
      className={css("node")}
      transform={`translate(${x} ${y})`}
    >
      <circle r={radius} className={css("face")} />
      <Circle node={node} />
      {(isHighlighted || isSelected) && <circle r={radius + 6} className={css("halo")} />}
      {stats.map((stat, index) => (
        <text key={index} y={(index - (stats.length - 1) / 2) * 15 + 4} className={css("stat")}>
          {cut(stat, Math.max(4, Math.floor(radius / 3.2)))}
        </text>
      ))}
      {stats.length === 0 && color === undefined && node.icon !== "" && (
        <text y={4} className={css("stat")}>
          {cut(node.icon, 10)}
        </text>
      )}
      <text y={radius + 18} className={css("title")}>
        {cut(title, 24)}
      </text>
      <text y={radius + 33} className={css("subtitle")}>
        {cut(subtitle, 28)}
      </text>
      <title>{[title, subtitle, ...stats].filter(Boolean).join("\n")}</title>
    </g>
  );
});

/** The coloured border of a node: one colour, or a section for each share. */
function Circle({ node: { radius, arcs, color } }: { readonly node: GraphNode }) {
  if (color !== undefined || arcs.length === 0)
    return <circle r={radius} className={css("border")} style={color === undefined ? {} : { stroke: color }} />;
  const length = 2 * Math.PI * radius;
  return (
    <>
      <circle r={radius} className={css("border")} />
      {arcs.map(({ name, from, share, color: arcColor }) => (
        <circle
          key={name}
          r={radius}
          className={css("border")}
          data-arc={name}
          transform="rotate(-90)"
          style={{ stroke: arcColor }}
          strokeDasharray={`${share * length} ${length}`}
          strokeDashoffset={-from * length}
        />
      ))}
    </>
  );
}
