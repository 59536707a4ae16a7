import { useEffect, useState } from "react";
import type { PointerEvent } from "react";
import { classesOf } from "../../../shell/style-sheet.ts";
import { textWidth } from "../../../plot/plot-theme.ts";
import { readableOn } from "../../plot/readable-text.ts";
import { TooltipBox, tooltipLine, tooltipLines } from "../../../plot/tooltip-box.ts";
import { addressOf } from "../../../shell/link-anchor.ts";
import type { PanelContext } from "../../contracts/panel-kind.ts";
import { linkValueOf } from "../values/reduced-values.ts";
import type { PieChartOptions } from "./options.ts";
import styles from "./Pie.module.css";
import { labelPoint, type PieSlice, slicePath } from "./pie-slices.ts";

const css = classesOf(styles);

const MARGIN = 6;
/** Inner radius of a donut as a share of its outer radius. */
const HOLE = 0.62;
const MIN_TEXT_PX = 9;
const GREATEST_TEXT_PX = 18;
const LINE = 1.15;

interface PieProps {
  readonly slices: readonly PieSlice[];
  readonly options: PieChartOptions;
  /** Size of the drawing, CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly label: string;
  /** CSS background colour of the panel. */
  readonly surface: string;
  readonly linksOf: PanelContext["linksOf"];
  /** Key of the slice whose legend item is under the pointer. */
  readonly pointed: string | null;
}

/** Draws slices of a pie or a donut, with their labels. */
export function Pie({ slices, options, width, height, label, surface, linksOf, pointed }: PieProps) {
  const [tooltip] = useState(() => new TooltipBox());
  const [hovered, setHovered] = useState<string | null>(null);
  useEffect(() => {
    tooltip.attach();
    return () => tooltip.remove();
  }, [tooltip]);
  const outer = Math.max(0, Math.min(width, height) / 2 - MARGIN);
  const inner = options.shape === "donut" ? outer * HOLE : 0;
  const shown = slices.filter(({ share }) => share > 0);
  const focus = pointed ?? hovered;
  const leave = (): void => {
    setHovered(null);
    tooltip.hide();
  };
  const move = (slice: PieSlice) => (event: PointerEvent) => {
    setHovered(slice.value.key);
    if (options.tooltipMode !== "none")
      tooltip.showAt(event.clientX, event.clientY, [tooltipContent(slices, slice, options)]);
  };
  if (outer <= 0) return null;
  return (
    <svg
      width={width}
      height={height}
      viewBox={`${-width / 2} ${-height / 2} ${width} ${height}`}
      role="img"
      aria-label={label}
    >
      {shown.map((slice) => {
        const [link] = linksOf(linkValueOf(slice.value));
        const path = (
          <path
            d={slicePath(slice, outer, inner)}
            fill={slice.value.display.color}
            className={focus === null || focus === slice.value.key ? css("slice") : css("slice", "faint")}
            data-testid="slice"
            onPointerMove={move(slice)}
            onPointerLeave={leave}
          />
        );
        if (link === undefined) return <g key={slice.value.key}>{path}</g>;
        return (
          <a key={slice.value.key} aria-label={`${slice.value.name}: ${link.title}`} {...addressOf(link)}>
            {path}
          </a>
        );
      })}
      {options.labels.length > 0 &&
        shown.map((slice) => (
          <SliceLabel
            key={slice.value.key}
            slice={slice}
            options={options}
            outer={outer}
            inner={inner}
            surface={surface}
          />
        ))}
    </svg>
  );
}

interface LabelProps {
  readonly slice: PieSlice;
  readonly options: PieChartOptions;
  readonly outer: number;
  readonly inner: number;
  readonly surface: string;
}

/** Label of a slice. The label is hidden if it does not fit into the slice. */
function SliceLabel({ slice, options, outer, inner, surface }: LabelProps) {
  const texts = { name: slice.value.name, value: slice.text, percent: slice.percent };
  const lines = options.labels.map((part) => texts[part]);
  const middle = inner > 0 ? (inner + outer) / 2 : outer * 0.64;
  const size = Math.min(GREATEST_TEXT_PX, Math.max(MIN_TEXT_PX, outer / 9));
  const widest = lines.map((line) => textWidth(line)).reduce((a, b) => Math.max(a, b), -Infinity) * (size / 12);
  const room = inner > 0 ? outer - inner : outer * 0.7;
  const arc = slice.share >= 1 ? Infinity : (slice.to - slice.from) * middle;
  if (Math.min(widest, lines.length * size * LINE) > arc || Math.min(widest, arc) > room * 1.6) return null;
  if (lines.length * size * LINE > Math.max(arc, room)) return null;
  const { x, y } = labelPoint(slice, slice.share >= 1 && inner === 0 ? 0 : middle);
  const top = y - ((lines.length - 1) * size * LINE) / 2;
  return (
    <text
      className={css("label")}
      fill={readableOn(slice.value.display.color, surface)}
      fontSize={size}
      aria-hidden="true"
    >
      {lines.map((line, at) => (
        <tspan key={at} x={x} y={top + at * size * LINE} dominantBaseline="central">
          {line}
        </tspan>
      ))}
    </text>
  );
}

/** Returns the tooltip for a slice. It lists only this slice, or all slices with this slice highlighted. */
function tooltipContent(slices: readonly PieSlice[], slice: PieSlice, options: PieChartOptions): HTMLElement {
  const isMulti = options.tooltipMode === "multi";
  const shown = isMulti ? slices.filter(({ share }) => share > 0 || !options.tooltipHidesZeros) : [slice];
  const sorted =
    options.tooltipSort === "none"
      ? shown
      : shown.toSorted((a, b) => (options.tooltipSort === "asc" ? a.share - b.share : b.share - a.share));
  return tooltipLines(
    sorted.slice(0, 40).map(({ value, text, percent }) =>
      tooltipLine({
        name: value.name,
        text: `${text} (${percent})`,
        color: value.display.color,
        isFocused: isMulti && value.key === slice.value.key,
      }),
    ),
  );
}
