import type { ReactNode } from "react";
import { Legend, type LegendItem } from "./Legend.tsx";
import { legendColumns } from "./legend-items.ts";
import { LegendLayout } from "./LegendLayout.tsx";

/** What a panel's options say of its legend. */
interface LegendChoices {
  readonly isLegendShown: boolean;
  readonly legendMode: "list" | "table" | "hidden";
  readonly legendPlacement: "bottom" | "right";
  readonly legendWidth: number | undefined;
  readonly legendValues: readonly string[];
  readonly legendSortBy: string;
  readonly legendSortDescending: boolean;
}

interface LegendedPlotProps {
  /** Of the panel, CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly options: LegendChoices;
  readonly items: readonly LegendItem[];
  readonly hidden: ReadonlySet<string>;
  readonly onHide: (hidden: ReadonlySet<string>) => void;
  /** The one that the pointer is on, or none. */
  readonly onPoint?: (key: string | null) => void;
  /** What is drawn in the room that the legend leaves. */
  readonly children: (width: number, height: number) => ReactNode;
}

/** A plot with the legend that the panel's options ask for. */
export function LegendedPlot({ width, height, options, items, children, ...legendProps }: LegendedPlotProps) {
  const { isLegendShown, legendMode, legendPlacement, legendWidth, legendValues } = options;
  const settings = {
    mode: legendMode === "table" ? "table" : "list",
    placement: legendPlacement,
    columns: legendColumns(legendValues),
    sortBy: options.legendSortBy,
    sortDescending: options.legendSortDescending,
  } as const;
  const isShown = isLegendShown && legendMode !== "hidden" && items.length > 0;
  return (
    <LegendLayout
      width={width}
      height={height}
      placement={legendPlacement}
      legendWidth={legendWidth}
      legend={isShown ? <Legend {...legendProps} items={items} settings={settings} /> : null}
    >
      {children}
    </LegendLayout>
  );
}
