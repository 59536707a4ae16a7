import type { ReactNode } from "react";
import { Legend, type LegendItem } from "../../plot/Legend.tsx";
import { type LegendChoices, legendSettings } from "./legend-items.ts";
import { LegendLayout } from "./LegendLayout.tsx";

interface LegendedPlotProps {
  /** Size of the panel, CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly options: LegendChoices;
  /** Returns the header of a column in the legend; by default the name of the calculation. */
  readonly columnName?: (value: string) => string;
  readonly items: readonly LegendItem[];
  readonly hidden: ReadonlySet<string>;
  readonly onHide: (hidden: ReadonlySet<string>) => void;
  /**
   * Called with the key of the series whose legend item is under the pointer, or with null when the pointer leaves the
   * legend.
   */
  readonly onPoint?: (key: string | null) => void;
  /** Draws the plot in the space that the legend leaves. */
  readonly children: (width: number, height: number) => ReactNode;
}

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
