import { joinFormatted } from "@narthex/dashboards";
import { classesOf } from "../../../shell/style-sheet.ts";
import { fittingSize, measureText } from "../../plot/fitting-text.ts";
import { withOpacity } from "../../../plot/plot-theme.ts";
import { Sparkline } from "../../plot/Sparkline.tsx";
import type { ReducedValue } from "../values/reduced-values.ts";
import { ValueText } from "../values/ValueText.tsx";
import { fittingValueSize, type ValueParts } from "../values/value-size.ts";
import {
  arcPath,
  filledPart,
  type GaugeGeometry,
  gaugeGeometry,
  partOf,
  pointAt,
  segmentsOf,
} from "./gauge-geometry.ts";
import styles from "./GaugeValue.module.css";
import type { GaugeOptions } from "./options.ts";
import { type BandPart, bandOf, labelsOf, type ThresholdLabel } from "./threshold-band.ts";

const css = classesOf(styles);

interface GaugeTexts {
  /** Text below the gauge; empty for none. */
  readonly title: string;
  readonly center: ValueParts;
  /**
   * Widest title and widest centre text of all gauges in the panel. All gauges use the font size at which these texts
   * fit.
   */
  readonly widestTitle: string;
  readonly widestCenter: ValueParts;
}

interface GaugeValueProps {
  readonly value: ReducedValue;
  readonly texts: GaugeTexts;
  readonly width: number;
  readonly height: number;
  readonly options: GaugeOptions;
  readonly cssColor: (color: string) => string;
  /** CSS background colour of the panel. */
  readonly surface: string;
}

const LABEL_SIZE = 11;
const TITLE_LINE = 1.3;

/** Draws a value as an arc-shaped bar. The arc covers the value range from minimum to maximum. */
export function GaugeValue({ value, texts, width, height, options, cssColor, surface }: GaugeValueProps) {
  const titleRoom = { width: width - 4, height: Math.max(14, height * 0.16), lineHeight: TITLE_LINE, max: 20 };
  const titleSize = texts.title === "" ? 0 : (options.titleSize ?? fittingSize(texts.widestTitle, titleRoom));
  const titleHeight = titleSize * TITLE_LINE;
  const labels = options.showsLabels ? labelsOf(value) : [];
  const band = options.showsThresholds ? bandOf(value, cssColor) : [];
  const labelWidth = labels
    .map(({ text }) => measureText(text, LABEL_SIZE, 400) + 4)
    .reduce((a, b) => Math.max(a, b), 0);
  const geometry = gaugeGeometry(width, height - titleHeight, {
    shape: options.shape,
    barWidth: options.barWidth,
    hasBand: band.length > 0,
    labelWidth: Math.min(labelWidth, width * 0.25),
    labelHeight: labels.length > 0 ? LABEL_SIZE + 4 : 0,
  });
  const { display, range, name } = value;
  return (
    <div
      className={css("gauge")}
      role="meter"
      aria-label={name}
      aria-valuemin={range.min}
      aria-valuemax={range.max}
      aria-valuenow={Number.isNaN(display.numeric) ? range.min : display.numeric}
      aria-valuetext={joinFormatted(display)}
      style={{ width, height }}
    >
      <svg width={width} height={height - titleHeight} aria-hidden="true" className={css("drawing")}>
        <Bar value={value} geometry={geometry} options={options} />
        <Band parts={band} geometry={geometry} />
        <Labels labels={labels} geometry={geometry} />
      </svg>
      <Center value={value} texts={texts} geometry={geometry} options={options} surface={surface} />
      {texts.title !== "" && (
        <span
          className={css("title")}
          style={{ fontSize: titleSize, lineHeight: TITLE_LINE, top: Math.min(geometry.bottom, height - titleHeight) }}
          title={texts.title}
        >
          {texts.title}
        </span>
      )}
    </div>
  );
}

interface PartProps {
  readonly value: ReducedValue;
  readonly geometry: GaugeGeometry;
  readonly options: GaugeOptions;
}

/** Number of slices that approximate a gradient along the bar. */
const SLICES = 36;

/**
 * Returns the colour of the bar at a share of the value range, from the field's colour scale. Without a scale, returns
 * the value's colour, paler towards the start of the bar.
 */
function gradientColor({ display, field, range, colorOf }: ReducedValue, at: number): string {
  if (field.config.color?.mode.startsWith("continuous") === true)
    return colorOf(range.min + (range.max - range.min) * at);
  return `color-mix(in srgb, ${display.color} ${Math.round(45 + 55 * at)}%, var(--surface))`;
}

function Bar({ value, geometry, options }: PartProps) {
  const { span, radius, barWidth } = geometry;
  const { color, numeric } = value.display;
  const [from, to] = filledPart(numeric, options.neutral, value.range);
  const glow = options.hasBarGlow ? { filter: `drop-shadow(0 0 ${barWidth / 3}px ${withOpacity(color, 0.6)})` } : {};
  const stroke = { fill: "none", strokeWidth: barWidth };
  if (options.segments > 1) {
    const count = Math.round(options.segments);
    return (
      <g style={glow}>
        {segmentsOf(span, count, options.segmentSpacing, [from, to]).map((segment, at) => (
          <path
            key={at}
            d={arcPath(geometry, radius, segment.span)}
            {...stroke}
            stroke={
              segment.isFilled
                ? options.isGradient
                  ? gradientColor(value, segment.middle)
                  : color
                : "var(--edge-soft)"
            }
          />
        ))}
      </g>
    );
  }
  const cap = options.barShape === "rounded" ? "round" : "butt";
  const end = pointAt(geometry, radius, span.start + span.sweep * to);
  const slices = options.isGradient ? SLICES : 1;
  return (
    <>
      <path d={arcPath(geometry, radius, span)} {...stroke} stroke="var(--edge-soft)" strokeLinecap={cap} />
      <g style={glow} data-testid="gauge-bar" data-share={to - from}>
        {Array.from({ length: slices }, (_, at) => {
          const begin = from + ((to - from) * at) / slices;
          // Slices overlap to hide the gaps between them.
          const finish = Math.min(to, from + ((to - from) * (at + 1.2)) / slices);
          return (
            <path
              key={at}
              d={arcPath(geometry, radius, partOf(span, begin, slices === 1 ? to : finish))}
              {...stroke}
              stroke={slices === 1 ? color : gradientColor(value, begin)}
              strokeLinecap={at === 0 || at === slices - 1 ? cap : "butt"}
            />
          );
        })}
        {options.barShape === "rounded" && options.endpoint !== "none" && to > from && (
          <circle
            cx={end.x}
            cy={end.y}
            r={barWidth * 0.22}
            fill="#ffffff"
            style={options.endpoint === "glow" ? { filter: `drop-shadow(0 0 ${barWidth / 2}px #ffffff)` } : {}}
          />
        )}
      </g>
    </>
  );
}

function Band({ parts, geometry }: { readonly parts: readonly BandPart[]; readonly geometry: GaugeGeometry }) {
  const { span, bandRadius, bandWidth } = geometry;
  return parts.map(({ from, to, color }, at) => (
    <path
      key={at}
      d={arcPath(geometry, bandRadius, partOf(span, from, to))}
      fill="none"
      stroke={color}
      strokeWidth={bandWidth}
    />
  ));
}

function Labels({
  labels,
  geometry,
}: {
  readonly labels: readonly ThresholdLabel[];
  readonly geometry: GaugeGeometry;
}) {
  const { span, labelRadius, cx } = geometry;
  return labels.map(({ at, text }, index) => {
    // On a full circle, start and end coincide, so only the start has a label.
    if (span.sweep >= 360 && at === 1) return null;
    const { x, y } = pointAt(geometry, labelRadius, span.start + span.sweep * at);
    // The label is moved away from the arc: up at the top, down at the bottom.
    const drop = LABEL_SIZE * (0.35 - 0.5 * Math.cos(((span.start + span.sweep * at) * Math.PI) / 180));
    const anchor = Math.abs(x - cx) < 8 ? "middle" : x < cx ? "end" : "start";
    return (
      <text
        key={index}
        x={x}
        y={y + drop}
        textAnchor={anchor}
        className={css("label")}
        style={{ fontSize: LABEL_SIZE }}
      >
        {text}
      </text>
    );
  });
}

function Center({ value, texts, geometry, options, surface }: PartProps & Pick<GaugeValueProps, "texts" | "surface">) {
  const { cx, cy, innerRadius, span } = geometry;
  const spark = options.hasSparkline && innerRadius > 30 ? value.spark : undefined;
  const isArc = span.sweep < 360;
  const room = { width: innerRadius * 1.7, height: innerRadius * (spark === undefined ? 0.75 : 0.55), lineHeight: 1.2 };
  const size = options.valueSize ?? fittingValueSize(texts.widestCenter, room);
  // Top of the text. In an open arc, the text is slightly higher, because the arc has more room above its centre than
  // below.
  const top = cy - (size * 1.2) / 2 - (spark !== undefined ? innerRadius * 0.15 : isArc ? innerRadius * 0.06 : 0);
  const chart = { width: innerRadius * 1.1, height: innerRadius * (isArc ? 0.3 : 0.4) };
  return (
    <>
      {options.hasCenterGlow && (
        <span
          className={css("glow")}
          style={{
            left: cx - innerRadius,
            top: cy - innerRadius,
            width: innerRadius * 2,
            height: innerRadius * 2,
            background: `radial-gradient(closest-side, ${withOpacity(value.display.color, 0.25)}, transparent)`,
          }}
        />
      )}
      <span className={css("center")} style={{ left: cx - innerRadius, width: innerRadius * 2, top }}>
        <ValueText parts={texts.center} size={size} color={value.display.color} surface={surface} />
      </span>
      {spark !== undefined && (
        <span
          className={css("center")}
          style={{ left: cx - chart.width / 2, width: chart.width, top: top + size * 1.2 }}
        >
          <Sparkline
            field={spark.field}
            times={spark.times}
            {...chart}
            line={value.display.color}
            area={withOpacity(value.display.color, 0.2)}
          />
        </span>
      )}
    </>
  );
}
