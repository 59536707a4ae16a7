import "uplot/dist/uPlot.min.css";
import { useEffectEvent, useLayoutEffect, useRef } from "react";
import uPlot from "uplot";
import { classesOf } from "../shell/style-sheet.ts";
import styles from "./Plot.module.css";

const css = classesOf(styles);

export type PlotConfig = Omit<uPlot.Options, "width" | "height">;

export interface PlotProps<Now> {
  /**
   * Key of the configuration. If the key stays the same, the existing plot gets new data; otherwise a new plot is
   * created.
   */
  readonly configKey: unknown;
  /** Returns the configuration of the plot. Its functions call `now` to get the current data. */
  readonly configure: (now: () => Now) => PlotConfig;
  readonly now: Now;
  readonly data: uPlot.AlignedData;
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
  /** Description of the plot for screen readers. */
  readonly label: string;
  /** Index in uPlot of the series whose legend item is under the pointer; null for none. */
  readonly focused?: number | null;
}

/** A uPlot chart. A new `configKey` creates a new chart; otherwise the existing chart gets new data or a new size. */
export function Plot<Now>({ configKey, configure, now, data, width, height, label, focused = null }: PlotProps<Now>) {
  const host = useRef<HTMLDivElement>(null);
  const made = useRef<{ plot: uPlot; data: uPlot.AlignedData; configKey: unknown } | null>(null);
  const latest = useRef(now);
  const isMeasured = width > 0 && height > 0;

  useLayoutEffect(() => {
    latest.current = now;
  }, [now]);

  const make = useEffectEvent((shown: unknown, parent: HTMLElement): uPlot => {
    const plot = new uPlot({ ...configure(() => latest.current), width, height }, data, parent);
    made.current = { plot, data, configKey: shown };
    return plot;
  });

  useLayoutEffect(() => {
    if (!isMeasured || host.current === null) return;
    const plot = make(configKey, host.current);
    return () => {
      made.current = null;
      plot.destroy();
    };
  }, [configKey, isMeasured]);

  useLayoutEffect(() => {
    const { plot } = made.current ?? {};
    if (plot !== undefined && width > 0 && height > 0 && (plot.width !== width || plot.height !== height))
      plot.setSize({ width, height });
  }, [width, height]);

  useLayoutEffect(() => {
    const current = made.current;
    if (current === null || current.data === data) return;
    current.data = data;
    current.plot.setData(data);
  }, [data]);

  useLayoutEffect(() => {
    made.current?.plot.setSeries(focused, { focus: true }, false);
  }, [focused]);

  return (
    <div className={css("plot")}>
      <div ref={host} role="img" aria-label={label} style={{ height }} />
    </div>
  );
}
