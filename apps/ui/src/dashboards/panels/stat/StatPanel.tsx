import { useMemo } from "react";
import { readOptions } from "../../contracts/option-table.ts";
import type { PanelProps } from "../../contracts/panel-kind.ts";
import { hasGivenName, reducedValues, textOfNothing } from "../values/reduced-values.ts";
import { textsShown } from "../values/shown-texts.ts";
import { widestText, widestValue } from "../values/value-size.ts";
import { layoutValues } from "../values/values-layout.ts";
import { NoValues, ValuesGrid } from "../values/ValuesGrid.tsx";
import { statOptions } from "./options.ts";
import { layoutStat } from "./stat-layout.ts";
import { StatValue } from "./StatValue.tsx";

/** Draws values as large numbers. */
export function StatPanel(props: PanelProps) {
  const { panel, frames, width, height, context } = props;
  const options = useMemo(() => readOptions(statOptions, panel.options), [panel.options]);
  const { zone, theme, viewOf, earlier } = context;
  const { scheme } = theme;
  const reduced = useMemo(
    () =>
      reducedValues(frames, options, {
        viewOf,
        scheme,
        zone,
        withSparks: options.graphMode === "area",
        withChange: options.showsChange,
        earlier,
      }),
    [frames, options, viewOf, scheme, zone, earlier],
  );
  const { values } = reduced;
  if (values.length === 0) return <NoValues text={textOfNothing(panel)} width={width} height={height} />;
  // Names of values are shown if there are several values, if the value has a display name, or if the panel has no
  // title.
  const isNamed = values.length > 1 || values.some(hasGivenName) || panel.title === "";
  const textsOf = textsShown(options.textMode, values, isNamed);
  const shown = values.map(textsOf);
  const layout = layoutValues(values.length, { width, height }, { orientation: options.orientation, isGrid: true });
  const stat = layoutStat(
    layout,
    {
      title: widestText(shown.map(({ title }) => title)),
      value: widestValue(shown.map(({ main }) => main)),
      hasChange: values.some((value) => value.change !== undefined || value.earlier !== undefined),
      hasChart: values.some(({ spark }) => spark !== undefined),
    },
    options,
  );
  return (
    <ValuesGrid {...props} reduced={reduced} layout={layout}>
      {(value) => {
        const { title, main } = textsOf(value);
        return (
          <StatValue
            value={value}
            title={title}
            text={main}
            layout={stat}
            width={layout.width}
            height={layout.height}
            options={options}
            surface={theme.surface}
          />
        );
      }}
    </ValuesGrid>
  );
}
