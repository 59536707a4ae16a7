import { useMemo } from "react";
import { readOptions } from "../../contracts/option-table.ts";
import type { PanelProps } from "../../contracts/panel-kind.ts";
import { reducedValues, textOfNothing } from "../values/reduced-values.ts";
import { textsShown } from "../values/shown-texts.ts";
import { widestText, widestValue } from "../values/value-size.ts";
import { layoutValues } from "../values/values-layout.ts";
import { NoValues, ValuesGrid } from "../values/ValuesGrid.tsx";
import { GaugeValue } from "./GaugeValue.tsx";
import { gaugeOptions } from "./options.ts";

/** Draws values as gauges. */
export function GaugePanel(props: PanelProps) {
  const { panel, frames, width, height, context } = props;
  const options = useMemo(() => readOptions(gaugeOptions, panel.options), [panel.options]);
  const { zone, theme, cssColor, viewOf } = context;
  const { scheme } = theme;
  const reduced = useMemo(
    () => reducedValues(frames, options, { viewOf, scheme, zone, withSparks: options.hasSparkline }),
    [frames, options, viewOf, scheme, zone],
  );
  const { values } = reduced;
  if (values.length === 0) return <NoValues text={textOfNothing(panel)} width={width} height={height} />;
  const shown = values.map(textsShown(options.textMode, values));
  const widestTitle = widestText(shown.map(({ title }) => title));
  const widestCenter = widestValue(shown.map(({ main }) => main));
  const isManual = options.sizing === "manual";
  const layout = layoutValues(
    values.length,
    { width, height },
    {
      orientation: options.orientation,
      isGrid: true,
      minWidth: isManual ? (options.minWidth ?? 75) : Math.min(75, width),
      minHeight: isManual ? (options.minHeight ?? 75) : Math.min(75, height),
    },
  );
  const textsOf = textsShown(options.textMode, values);
  return (
    <ValuesGrid {...props} reduced={reduced} layout={layout}>
      {(value) => {
        const { title, main } = textsOf(value);
        return (
          <GaugeValue
            value={value}
            texts={{ title, center: main, widestTitle, widestCenter }}
            width={layout.width}
            height={layout.height}
            options={options}
            cssColor={cssColor}
            surface={theme.surface}
          />
        );
      }}
    </ValuesGrid>
  );
}
