import { reduceField } from "@narthex/dashboards";
import { useMemo } from "react";
import { useHiddenSeries } from "../../../plot/hidden-series.ts";
import type { LegendItem } from "../../../plot/Legend.tsx";
import { LegendedPlot } from "../../plot/LegendedPlot.tsx";
import { readOptions } from "../../contracts/option-table.ts";
import type { PanelProps } from "../../contracts/panel-kind.ts";
import { hasGivenName, type ReducedValue, reducedValues, textOfNothing } from "../values/reduced-values.ts";
import { widestText, widestValue } from "../values/value-size.ts";
import { layoutValues } from "../values/values-layout.ts";
import { NoValues, ValuesGrid } from "../values/ValuesGrid.tsx";
import { layoutBar } from "./bar-layout.ts";
import { BarValue } from "./BarValue.tsx";
import { barGaugeOptions, type BarGaugeOptions } from "./options.ts";

function legendItem({ key, name, display, field, textOf }: ReducedValue, calcs: readonly string[]): LegendItem {
  const results = calcs.length === 0 ? undefined : reduceField(field, calcs);
  return {
    key,
    name,
    color: display.color,
    values: calcs.map((calc) => {
      const value = results?.get(calc);
      const numeric = typeof value === "number" ? value : null;
      return { text: numeric === null ? "" : textOf(numeric), numeric };
    }),
  };
}

export function BarGaugePanel(props: PanelProps) {
  const { panel, frames, width, height, context } = props;
  const options = useMemo(() => readOptions(barGaugeOptions, panel.options), [panel.options]);
  const { zone, viewOf, earlier } = context;
  const { scheme } = context.theme;
  const reduced = useMemo(
    () => reducedValues(frames, options, { viewOf, scheme, zone, earlier }),
    [frames, options, viewOf, scheme, zone, earlier],
  );
  const [hidden, hide] = useHiddenSeries(reduced.values);
  if (reduced.values.length === 0) return <NoValues text={textOfNothing(panel)} width={width} height={height} />;
  const isLegendShown = options.isLegendShown && options.legendMode !== "hidden";
  if (!isLegendShown) return <Bars {...props} options={options} values={reduced.values} left={reduced.left} />;
  return (
    <LegendedPlot
      width={width}
      height={height}
      options={options}
      items={reduced.values.map((value) => legendItem(value, options.legendValues))}
      hidden={hidden}
      onHide={hide}
    >
      {(barsWidth, barsHeight) => (
        <Bars
          {...props}
          width={barsWidth}
          height={barsHeight}
          options={options}
          values={reduced.values.filter(({ key }) => !hidden.has(key))}
          left={reduced.left}
        />
      )}
    </LegendedPlot>
  );
}

interface BarsProps extends PanelProps {
  readonly options: BarGaugeOptions;
  readonly values: readonly ReducedValue[];
  readonly left: number;
}

function Bars(props: BarsProps) {
  const { width, height, context, options, values, left } = props;
  const { orientation } = options;
  const isVertical = orientation === "vertical" || (orientation === "auto" && width > height);
  const isManual = options.sizing === "manual";
  const layout = layoutValues(
    values.length,
    { width, height },
    {
      orientation: isVertical ? "vertical" : "horizontal",
      isGrid: false,
      minWidth: options.minWidth ?? 8,
      minHeight: isVertical ? 1 : (options.minHeight ?? 16),
      ...(isVertical || !isManual ? {} : { maxHeight: options.maxHeight ?? 300 }),
    },
  );
  const isNamed = values.length > 1 || values.some(hasGivenName);
  const bar = layoutBar(
    layout,
    {
      title: isNamed ? widestText(values.map(({ name }) => name)) : "",
      value:
        options.valueMode === "hidden"
          ? { prefix: "", text: "", suffix: "" }
          : widestValue(values.map(({ display }) => display)),
    },
    { ...options, isVertical },
  );
  return (
    <ValuesGrid {...props} reduced={{ values, left }} layout={layout}>
      {(value) => (
        <BarValue
          value={value}
          layout={bar}
          width={layout.width}
          height={layout.height}
          isVertical={isVertical}
          options={options}
          cssColor={context.cssColor}
          surface={context.theme.surface}
        />
      )}
    </ValuesGrid>
  );
}
