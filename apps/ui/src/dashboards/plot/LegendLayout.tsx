import { useElementSize } from "@mantine/hooks";
import type { ReactNode } from "react";
import { classesOf } from "../../shell/style-sheet.ts";
import styles from "./LegendLayout.module.css";

const css = classesOf(styles);

interface LegendLayoutProps {
  /** Size of the panel, CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly placement: "bottom" | "right";
  /** Width of a legend to the right of the plot. Default: the width of its content. */
  readonly legendWidth?: number | undefined;
  /** The legend; null if the panel has none. */
  readonly legend: ReactNode;
  /** Draws the plot in the space that the legend leaves. */
  readonly children: (width: number, height: number) => ReactNode;
}

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
