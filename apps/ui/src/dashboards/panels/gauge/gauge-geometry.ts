import type { FieldRange } from "@narthex/dashboards";
import { shareOf } from "../values/reduced-values.ts";

/** A part of a circle. Angles are degrees, clockwise from the top. */
export interface ArcSpan {
  readonly start: number;
  readonly sweep: number;
}

export interface GaugeGeometry {
  readonly span: ArcSpan;
  readonly cx: number;
  readonly cy: number;
  /** Radius of the bar's centre line. */
  readonly radius: number;
  readonly barWidth: number;
  /**
   * Radius of the centre line of the threshold band, and the band's width. The width is 0 for a gauge without a band.
   */
  readonly bandRadius: number;
  readonly bandWidth: number;
  /** Radius at which threshold labels start. */
  readonly labelRadius: number;
  /** Radius of the space inside the bar. */
  readonly innerRadius: number;
  /** Bottom of the drawing, including labels. */
  readonly bottom: number;
}

const SPANS: Readonly<Record<"gauge" | "circle", ArcSpan>> = {
  gauge: { start: 250, sweep: 220 },
  circle: { start: 0, sweep: 360 },
};

export interface GaugeLook {
  readonly shape: "gauge" | "circle";
  /** Width of the bar as a share of the maximum width, 0 to 1. */
  readonly barWidth: number;
  readonly hasBand: boolean;
  /** Space for labels on each side of the gauge, and above it, CSS pixels. */
  readonly labelWidth: number;
  readonly labelHeight: number;
}

const BAR_SHARE = 0.42;
const BAND_SHARE = 0.05;
const BAND_GAP = 2;

/** Returns the sizes and positions of the largest gauge that fits into a box. */
export function gaugeGeometry(width: number, height: number, look: GaugeLook): GaugeGeometry {
  const span = SPANS[look.shape];
  // Height of the part of the arc below the centre, as a multiple of the radius.
  const below = look.shape === "circle" ? 1 : -Math.cos(toRadians(span.start));
  const room = { width: width - 2 * look.labelWidth, height: height - 2 * look.labelHeight };
  // Total height of the gauge as a multiple of the radius. An open arc needs 8 % more, because the corners of the bar's
  // ends extend below the arc.
  const reach = look.shape === "circle" ? 2 : 1 + below + 0.08;
  const outer = Math.max(4, Math.min(room.width / 2, room.height / reach));
  const bandWidth = look.hasBand ? Math.max(2, outer * BAND_SHARE) : 0;
  const barOuter = outer - (look.hasBand ? bandWidth + BAND_GAP : 0);
  const barWidth = Math.max(1, barOuter * BAR_SHARE * look.barWidth);
  const drawnHeight = outer * reach;
  const top = look.labelHeight + Math.max(0, (room.height - drawnHeight) / 2);
  return {
    span,
    cx: width / 2,
    cy: top + outer,
    radius: barOuter - barWidth / 2,
    barWidth,
    bandRadius: outer - bandWidth / 2,
    bandWidth,
    labelRadius: outer + 4,
    innerRadius: barOuter - barWidth,
    bottom: top + drawnHeight + look.labelHeight,
  };
}

const toRadians = (degrees: number): number => (degrees * Math.PI) / 180;

export interface Point {
  readonly x: number;
  readonly y: number;
}

export const pointAt = ({ cx, cy }: Pick<GaugeGeometry, "cx" | "cy">, radius: number, degrees: number): Point => ({
  x: cx + radius * Math.sin(toRadians(degrees)),
  y: cy - radius * Math.cos(toRadians(degrees)),
});

/**
 * Maximum sweep of one SVG arc, degrees. Longer arcs are divided, since SVG cannot draw a full circle as one arc and is
 * inexact beyond half a circle.
 */
const PIECE = 120;

const round = (value: number): number => Math.round(value * 100) / 100;

/** Returns the SVG path of an arc; "" if the arc's sweep is 0. */
export function arcPath(center: Pick<GaugeGeometry, "cx" | "cy">, radius: number, { start, sweep }: ArcSpan): string {
  if (!(Math.abs(sweep) > 0.01) || radius <= 0) return "";
  const pieces = Math.ceil(Math.abs(sweep) / PIECE);
  const first = pointAt(center, radius, start);
  let path = `M${round(first.x)} ${round(first.y)}`;
  for (let piece = 1; piece <= pieces; piece++) {
    const { x, y } = pointAt(center, radius, start + (sweep * piece) / pieces);
    path += `A${round(radius)} ${round(radius)} 0 0 ${sweep > 0 ? 1 : 0} ${round(x)} ${round(y)}`;
  }
  return path;
}

/** Returns the part of an arc between two shares of its length. */
export const partOf = ({ start, sweep }: ArcSpan, from: number, to: number): ArcSpan => ({
  start: start + sweep * from,
  sweep: sweep * (to - from),
});

/**
 * Returns start and end of a gauge's filled part as shares of the value range. It extends from the neutral value
 * (default: the minimum) to the value.
 */
export function filledPart(value: number, neutral: number | undefined, range: FieldRange): readonly [number, number] {
  if (Number.isNaN(value)) return [0, 0];
  const share = shareOf(value, range);
  const from = neutral === undefined ? 0 : shareOf(neutral, range);
  return from < share ? [from, share] : [share, from];
}

export interface GaugeSegment {
  readonly span: ArcSpan;
  /** Middle of the segment, as a share of the range. */
  readonly middle: number;
  readonly isFilled: boolean;
}

/**
 * Divides the bar into segments. A segment is filled if its middle is within the filled part. `spacing` determines the
 * gaps between segments.
 */
export function segmentsOf(
  span: ArcSpan,
  count: number,
  spacing: number,
  [from, to]: readonly [number, number],
): readonly GaugeSegment[] {
  const isClosed = span.sweep >= 360;
  const free = Math.min(0.9, spacing * 0.6);
  const width = 1 / (isClosed ? count : count - free);
  return Array.from({ length: count }, (_, at) => {
    const begin = at * width;
    const end = begin + width * (1 - free);
    const middle = (begin + end) / 2;
    return { span: partOf(span, begin, end), middle, isFilled: to > from && middle >= from && middle <= to };
  });
}
