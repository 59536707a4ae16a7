import { useElementSize } from "@mantine/hooks";
import type { ReactNode } from "react";
import { classesOf } from "../../shell/style-sheet.ts";
import styles from "./LegendLayout.module.css";

const css = classesOf(styles);

interface LegendLayoutProps {
  /** Of the panel, CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly placement: "bottom" | "right";
  /** Of a legend on the right; absent: as wide as it needs. */
  readonly legendWidth?: number | undefined;
  /** Null: the panel has none. */
  readonly legend: ReactNode;
  /** What is drawn in the room that the legend leaves. */
  readonly children: (width: number, height: number) => ReactNode;
}

/** A drawing with its legend below it or beside it, which scrolls where it is long. */
export function LegendLayout({ width, height, placement, legendWidth, legend, children }: LegendLayoutProps) {
  const { ref, width: drawnWidth, height: drawnHeight } = useElementSize<HTMLDivElement>();
  const style =
    placement === "right"
      ? { width: legendWidth, maxWidth: Math.max(120, width * 0.5) }
      : { maxHeight: Math.max(24, height * 0.35) };
  return (
    <div className={placement === "right" ? css("panel", "right") : css("panel", "bottom")} style={{ width, height }}>
      <div ref={ref} className={css("drawing")}>
        {children(drawnWidth, drawnHeight)}
      </div>
      {legend !== null && (
        <div className={css("legend")} style={style}>
          {legend}
        </div>
      )}
    </div>
  );
}
