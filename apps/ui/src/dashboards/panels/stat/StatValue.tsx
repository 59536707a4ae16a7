import { classesOf } from "../../../shell/style-sheet.ts";
import { fittingSize } from "../../plot/fitting-text.ts";
import { withOpacity } from "../../../plot/plot-theme.ts";
import { legibleOn, readableOn, shadedFrom } from "../../plot/readable-text.ts";
import { Sparkline } from "../../plot/Sparkline.tsx";
import type { ReducedValue } from "../values/reduced-values.ts";
import { ValueText } from "../values/ValueText.tsx";
import type { ValueParts } from "../values/value-size.ts";
import type { StatOptions } from "./options.ts";
import type { StatLayout } from "./stat-layout.ts";
import styles from "./StatValue.module.css";

const css = classesOf(styles);

interface StatValueProps {
  readonly value: ReducedValue;
  /** Title above the value; empty for no title. */
  readonly title: string;
  readonly text: ValueParts;
  readonly layout: StatLayout;
  readonly width: number;
  readonly height: number;
  readonly options: StatOptions;
  /** CSS background colour of the panel. */
  readonly surface: string;
}

interface StatColors {
  readonly background: string | undefined;
  readonly text: string | undefined;
  readonly line: string;
  readonly area: string;
}

function colorsOf(color: string, mode: StatOptions["colorMode"], surface: string): StatColors {
  switch (mode) {
    case "none":
      return { background: undefined, text: undefined, line: "var(--quiet)", area: "var(--edge)" };
    case "value":
      return { background: undefined, text: color, line: color, area: withOpacity(color, 0.22) };
    case "background":
    case "background_solid": {
      const text = readableOn(color, surface);
      const background =
        mode === "background_solid" ? color : `linear-gradient(120deg, ${shadedFrom(text, color, 14)}, ${color})`;
      return { background, text, line: withOpacity(text, 0.65), area: withOpacity(text, 0.22) };
    }
  }
}

const percent = new Intl.NumberFormat(undefined, { style: "percent", maximumSignificantDigits: 3 });

function Change(props: ChangeProps) {
  const { change, text = percent.format(change), title, color, mode, size, isOnGround, surface } = props;
  const isGood = mode === "inverted" ? change < 0 : change > 0;
  const own = mode === "same_as_value" || change === 0 ? color : css(isGood ? "good" : "bad");
  const isClass = own !== undefined && own !== color;
  const arrow = change > 0 ? "↑" : change < 0 ? "↓" : "→";
  return (
    <span
      className={`${css("change")} ${isClass ? own : ""}`}
      style={{
        fontSize: size,
        ...(isClass || own === undefined ? {} : { color: isOnGround ? own : legibleOn(own, surface, size) }),
      }}
      title={title}
      data-testid="percent-change"
    >
      {arrow} {text}
    </span>
  );
}

interface ChangeProps {
  /** CSS background colour of the panel. */
  readonly surface: string;
  readonly change: number;
  /** Text that describes the change; by default the change in per cent. */
  readonly text?: string;
  /** Tooltip of the change. */
  readonly title?: string | undefined;
  readonly color: string | undefined;
  readonly mode: StatOptions["changeColor"];
  readonly size: number;
  /** Whether the background has the value's colour. The text then needs a contrasting colour. */
  readonly isOnGround: boolean;
}

const LINE = 1.2;

/**
 * Returns the change of a value since the compared earlier time range. Without a comparison, returns the change since
 * the first sample.
 */
function shownChange({
  display,
  change,
  earlier,
}: ReducedValue): Pick<ChangeProps, "change" | "text" | "title"> | undefined {
  if (earlier !== undefined)
    return { change: display.numeric - earlier.numeric, text: earlier.difference, title: earlier.text };
  return change === undefined ? undefined : { change };
}

/** Shows a value in the largest possible font size, above a sparkline. */
export function StatValue({ value, title, text, layout, width, height, options, surface }: StatValueProps) {
  const { padding, isWide, titleSize, valueSize, changeSize, chartHeight } = layout;
  const colors = colorsOf(value.display.color, options.colorMode, surface);
  const isCentered = options.justifyMode === "center" || title === "";
  const { spark } = value;
  const change = shownChange(value);
  const hasGround = colors.background !== undefined;
  return (
    <div
      className={css("box")}
      style={{ width, height, ...(hasGround ? { background: colors.background, color: colors.text } : {}) }}
    >
      {chartHeight > 0 && spark !== undefined && (
        <Sparkline
          className={css("chart")}
          field={spark.field}
          times={spark.times}
          width={width}
          height={chartHeight}
          line={colors.line}
          area={colors.area}
        />
      )}
      <div
        className={css("texts", isWide ? "wide" : "stacked", isCentered ? "centered" : "")}
        style={{ padding, height: isWide ? height - chartHeight : chartHeight > 0 ? undefined : height }}
      >
        {title !== "" && (
          <span className={css("title")} style={{ fontSize: titleSize }} title={title}>
            {title}
          </span>
        )}
        <span className={css("figures")}>
          <ValueText
            parts={text}
            size={valueSize}
            surface={surface}
            {...(hasGround || colors.text === undefined ? {} : { color: colors.text })}
          />
          {changeSize > 0 && change !== undefined && (
            <Change
              {...change}
              color={colors.text}
              mode={hasGround ? "same_as_value" : options.changeColor}
              size={fittingSize(`↑ ${change.text ?? ""}`, {
                width: (width - 2 * padding) * (isWide ? 0.4 : 1),
                height: changeSize * LINE,
                lineHeight: LINE,
                max: changeSize,
              })}
              isOnGround={hasGround}
              surface={surface}
            />
          )}
        </span>
      </div>
    </div>
  );
}
