import { joinFormatted } from "@narthex/dashboards";
import { classesOf } from "../../../shell/style-sheet.ts";
import { withOpacity } from "../../../plot/plot-theme.ts";
import { type ReducedValue, shareOf } from "../values/reduced-values.ts";
import { ValueText } from "../values/ValueText.tsx";
import { cellColor, gradientOf } from "./bar-fill.ts";
import { type BarLayout, cellCount } from "./bar-layout.ts";
import styles from "./BarValue.module.css";
import type { BarGaugeOptions } from "./options.ts";

const css = classesOf(styles);

interface BarValueProps {
  readonly value: ReducedValue;
  readonly layout: BarLayout;
  readonly width: number;
  readonly height: number;
  readonly isVertical: boolean;
  readonly options: BarGaugeOptions;
  readonly cssColor: (color: string) => string;
  /** CSS background colour of the panel. */
  readonly surface: string;
}

const NAMED = {
  above: css("named-above"),
  left: css("named-left"),
  below: css("named-below"),
  none: css("unnamed"),
} as const;

/** Draws a value as a bar with its name and its text. The bar starts at the minimum of the value's range. */
export function BarValue({ value, layout, width, height, isVertical, options, cssColor, surface }: BarValueProps) {
  const { display, range, name, earlier } = value;
  const text = joinFormatted(display);
  const accessibleText = earlier === undefined ? text : `${text} (${earlier.difference}; ${earlier.text})`;
  const { titlePlacement } = layout;
  const titleStyle = {
    fontSize: layout.titleSize,
    ...(titlePlacement === "left" ? { width: layout.titleWidth } : { height: layout.titleHeight }),
  };
  const orientationClass = isVertical ? css("vertical") : css("horizontal");
  return (
    <div
      className={`${css("item")} ${NAMED[titlePlacement]}`}
      style={{ width, height }}
      role="meter"
      aria-label={name}
      aria-valuemin={range.min}
      aria-valuemax={range.max}
      aria-valuenow={Number.isNaN(display.numeric) ? range.min : display.numeric}
      aria-valuetext={accessibleText}
      {...(earlier === undefined ? {} : { title: accessibleText })}
    >
      {titlePlacement !== "none" && (
        <span className={css("title")} style={titleStyle} title={name}>
          {name}
        </span>
      )}
      <span className={`${css("body")} ${orientationClass}`}>
        {options.displayMode === "lcd" ? (
          <Cells value={value} layout={layout} isVertical={isVertical} />
        ) : (
          <Bar value={value} layout={layout} isVertical={isVertical} options={options} cssColor={cssColor} />
        )}
        {layout.valueSize > 0 && (
          <span
            className={`${css("value")} ${orientationClass}`}
            style={isVertical ? { height: layout.valueHeight, width: layout.valueWidth } : { width: layout.valueWidth }}
          >
            <ValueText
              parts={display}
              size={layout.valueSize}
              surface={surface}
              {...(options.valueMode === "text" ? {} : { color: display.color })}
            />
          </span>
        )}
      </span>
    </div>
  );
}

type PartProps = Pick<BarValueProps, "value" | "layout" | "isVertical" | "options" | "cssColor">;

function Bar({ value, layout, isVertical, options, cssColor }: PartProps) {
  const { color, numeric } = value.display;
  const length = isVertical ? layout.barHeight : layout.barWidth;
  const share = Number.isNaN(numeric) ? 0 : shareOf(numeric, value.range);
  // The filled part is at least one pixel long, so that a bar at the minimum is visible.
  const filled = Math.max(1, share * length);
  const fill =
    options.displayMode === "basic"
      ? { background: withOpacity(color, 0.25), [isVertical ? "borderTop" : "borderRight"]: `2px solid ${color}` }
      : { background: gradientOf(value, isVertical, length, cssColor) };
  return (
    <span
      className={css("track", isVertical ? "vertical" : "horizontal", options.showsUnfilled ? "unfilled" : "")}
      style={{ width: layout.barWidth, height: layout.barHeight }}
    >
      <span
        className={css("bar")}
        data-testid="bar"
        data-share={share}
        style={{ ...fill, ...(isVertical ? { width: "100%", height: filled } : { width: filled, height: "100%" }) }}
      />
      {value.earlier !== undefined && (
        <span
          className={css("earlier")}
          data-testid="earlier-mark"
          style={{
            [isVertical ? "bottom" : "left"]: Math.max(0, shareOf(value.earlier.numeric, value.range) * length - 1),
          }}
        />
      )}
    </span>
  );
}

function Cells({ value, layout, isVertical }: Pick<PartProps, "value" | "layout" | "isVertical">) {
  const count = cellCount(isVertical ? layout.barHeight : layout.barWidth);
  return (
    <span
      className={css("cells", isVertical ? "vertical" : "horizontal")}
      style={{ width: layout.barWidth, height: layout.barHeight }}
    >
      {Array.from({ length: count }, (_, at) => {
        const { color, isLit } = cellColor(value, at, count);
        const background = isLit ? `radial-gradient(${color} 10%, ${withOpacity(color, 0.6)})` : color;
        return <span key={at} className={css("cell")} data-lit={isLit} style={{ background }} />;
      })}
    </span>
  );
}
