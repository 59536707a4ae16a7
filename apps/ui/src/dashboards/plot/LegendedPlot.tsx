import type { ReactNode } from "react";
import { Legend, type LegendItem } from "./Legend.tsx";
import { type LegendChoices, legendSettings } from "./legend-items.ts";
import { LegendLayout } from "./LegendLayout.tsx";

interface LegendedPlotProps {
  /** Of the panel, CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly options: LegendChoices;
  /** What the column of a value is called; absent: as the calculation. */
  readonly columnName?: (value: string) => string;
  readonly items: readonly LegendItem[];
  readonly hidden: ReadonlySet<string>;
  readonly onHide: (hidden: ReadonlySet<string>) => void;
  /** The one that the pointer is on, or none. */
  readonly onPoint?: (key: string | null) => void;
  /** What is drawn in the room that the legend leaves. */
  readonly children: (width: number, height: number) => ReactNode;
}

/** A plot with the legend that the panel's options ask for. */
export function LegendedPlot(props: LegendedPlotProps) {
  const { width, height, options, items, columnName, children, ...legendProps } = props;
  const { isLegendShown, legendMode, legendPlacement, legendWidth } = options;
  const isShown = isLegendShown && legendMode !== "hidden" && items.length > 0;
  return (
    <LegendLayout
      width={width}
      height={height}
      placement={legendPlacement}
      legendWidth={legendWidth}
      legend={isShown ? <Legend {...legendProps} items={items} settings={legendSettings(options, columnName)} /> : null}
    >
      {children}
    </LegendLayout>
  );
}
