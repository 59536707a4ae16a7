import { joinFormatted } from "@narthex/dashboards";
import type { ReducedValue } from "../values/reduced-values.ts";

/** A value as a share of the total. */
export interface PieSlice {
  readonly value: ReducedValue;
  readonly text: string;
  readonly share: number;
  readonly percent: string;
  /** Angles at which the slice starts and ends, radians clockwise from the top. */
  readonly from: number;
  readonly to: number;
}

/** Returns the value that determines the size of a slice: 0 for negative values and NaN. */
const amountOf = ({ display: { numeric } }: ReducedValue): number =>
  Number.isFinite(numeric) && numeric > 0 ? numeric : 0;

/** Sorts values for the pie and its legend. */
export function sortedValues(values: readonly ReducedValue[], sort: "asc" | "desc" | "none"): readonly ReducedValue[] {
  if (sort === "none") return values;
  const sign = sort === "asc" ? 1 : -1;
  return values.toSorted((a, b) => sign * (amountOf(a) - amountOf(b)));
}

export function pieSlices(values: readonly ReducedValue[]): readonly PieSlice[] {
  // Values are divided by the greatest value before they are added, because the sum of large numbers may overflow.
  const greatest = values.map(amountOf).reduce((a, b) => Math.max(a, b), 0) || 1;
  const total = values.reduce((sum, value) => sum + amountOf(value) / greatest, 0) || 1;
  let from = 0;
  return values.map((value) => {
    const share = amountOf(value) / greatest / total;
    const to = from + share * 2 * Math.PI;
    const decimals = Math.min(20, Math.max(0, value.field.config.decimals ?? 0));
    const slice = {
      value,
      text: joinFormatted(value.display),
      share,
      percent: `${(share * 100).toFixed(decimals)}%`,
      from,
      to,
    };
    from = to;
    return slice;
  });
}

const digits = (value: number): number => Math.round(value * 100) / 100;
/** Returns the SVG coordinates of a point on a circle around the origin. */
const pointAt = (angle: number, radius: number): string =>
  `${digits(Math.sin(angle) * radius)} ${digits(-Math.cos(angle) * radius)}`;

/**
 * Returns the SVG path of a slice around the origin. A full circle is drawn as two halves, because SVG cannot draw an
 * arc that ends at its start.
 */
export function slicePath({ from, to }: Pick<PieSlice, "from" | "to">, outer: number, inner: number): string {
  const halves = to - from > 2 * Math.PI - 1e-6;
  const isLong = to - from > Math.PI ? 1 : 0;
  const arc = (radius: number, end: number, sweep: 0 | 1): string =>
    `A${digits(radius)} ${digits(radius)} 0 ${halves ? 0 : isLong} ${sweep} ${pointAt(end, radius)}`;
  const middle = (from + to) / 2;
  const around = (radius: number, begin: number, end: number, sweep: 0 | 1): string =>
    halves ? arc(radius, middle, sweep) + arc(radius, end, sweep) : arc(radius, end, sweep);
  if (inner <= 0 && halves) return `M${pointAt(from, outer)}${around(outer, from, to, 1)}Z`;
  if (inner <= 0) return `M0 0L${pointAt(from, outer)}${around(outer, from, to, 1)}Z`;
  const joint = halves ? "M" : "L";
  return `M${pointAt(from, outer)}${around(outer, from, to, 1)}${joint}${pointAt(to, inner)}${around(inner, to, from, 0)}Z`;
}

/** Returns the coordinates of the centre of a slice's label. */
export const labelPoint = ({ from, to }: Pick<PieSlice, "from" | "to">, radius: number): { x: number; y: number } => {
  const angle = (from + to) / 2;
  return { x: Math.sin(angle) * radius, y: -Math.cos(angle) * radius };
};
