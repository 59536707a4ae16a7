import { memo } from "react";
import { classesOf } from "../../../shell/style-sheet.ts";
import { edgePath, type EdgeEnd } from "./edge-path.ts";
import type { GraphEdge } from "./read-graph.ts";
import styles from "./EdgeShape.module.css";

const css = classesOf(styles);

interface EdgeShapeProps {
  readonly edge: GraphEdge;
  readonly at: number;
  readonly from: EdgeEnd;
  readonly to: EdgeEnd;
  readonly bend: number;
  readonly isSelected: boolean;
  readonly isDimmed: boolean;
}

/** An edge: a line with an arrow. Its numbers are shown while it is selected or under the pointer. */
export const EdgeShape = memo(
  function EdgeShape({ edge, at, from, to, bend, isSelected, isDimmed }: EdgeShapeProps) {
    const { line, arrow, label } = edgePath(from, to, bend);
    const style = edge.color === "" ? {} : { stroke: edge.color, fill: edge.color };
    const texts = [edge.mainStat, edge.secondaryStat].filter(Boolean);
    return (
      <g className={css("edge")} data-edge={at} data-dimmed={isDimmed} data-marked={isSelected || edge.isHighlighted}>
        <path d={line} className={css("wide")} />
        <path
          d={line}
          className={css("line")}
          style={{ ...style, fill: "none", strokeWidth: edge.thickness + (isSelected ? 1.5 : 0) }}
          strokeDasharray={edge.dashes === "" ? undefined : edge.dashes}
        />
        <path d={arrow} className={css("arrow")} style={style} />
        {texts.map((text, index) => (
          <text
            key={index}
            x={label[0]}
            y={label[1] + (index - (texts.length - 1) / 2) * 14 + 4}
            className={css("text")}
            data-shown={isSelected}
          >
            {text}
          </text>
        ))}
      </g>
    );
  },
  (before, after) =>
    before.edge === after.edge &&
    before.isSelected === after.isSelected &&
    before.isDimmed === after.isDimmed &&
    before.bend === after.bend &&
    isSameEnd(before.from, after.from) &&
    isSameEnd(before.to, after.to),
);

const isSameEnd = (a: EdgeEnd, b: EdgeEnd): boolean => a.x === b.x && a.y === b.y && a.radius === b.radius;
