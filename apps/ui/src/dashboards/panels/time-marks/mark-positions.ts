import type { PanelAnnotation } from "../../contracts/panel-kind.ts";

/**
 * Marks on a time axis that are closer than this distance (CSS pixels) share one symbol, because separate symbols would
 * be too close for the pointer.
 */
const NEAR_PX = 12;

/** A vertical line across the plot, at a point in time or at the start or end of a range. */
interface MarkLine {
  /** Distance from the plot's left edge in CSS pixels, rounded. */
  readonly x: number;
  readonly color: string;
}

/** A shaded time range of one mark (such as a silence), or of several overlapping marks of the same colour. */
export interface MarkBand {
  readonly left: number;
  readonly right: number;
  readonly color: string;
  readonly marks: readonly PanelAnnotation[];
}

/** Marks that share one symbol below the plot. */
export interface MarkGroup {
  readonly left: number;
  /** Right edge of the symbol; greater than `left` if one of the marks is a time range. */
  readonly right: number;
  readonly color: string;
  readonly marks: readonly PanelAnnotation[];
}

export interface MarkPositions {
  readonly lines: readonly MarkLine[];
  readonly bands: readonly MarkBand[];
  readonly groups: readonly MarkGroup[];
}

export interface AxisSpan {
  /** First and last time on the time axis, epoch ms. */
  readonly min: number;
  readonly max: number;
  /** Width of the time axis, CSS pixels. */
  readonly width: number;
}

type Open<T> = { -readonly [Key in keyof T]: T[Key] };
type OpenBand = Open<MarkBand> & { marks: PanelAnnotation[] };

/**
 * Computes the positions of marks on an axis. At most one line per pixel and colour is drawn, so the cost depends on
 * the width and not on the number of marks.
 * @param marks marks sorted by time
 */
export function positionMarks(marks: readonly PanelAnnotation[], { min, max, width }: AxisSpan): MarkPositions {
  const lines = new Map<string, Set<number>>();
  const bands: OpenBand[] = [];
  const lastBands = new Map<string, OpenBand>();
  const groups: (Open<MarkGroup> & { marks: PanelAnnotation[] })[] = [];
  if (!(max > min && width > 0)) return { lines: [], bands, groups };
  const xOf = (time: number): number => Math.round(((time - min) / (max - min)) * width);
  const addLine = (time: number, color: string): void => {
    if (time < min || time > max) return;
    const xs = lines.get(color) ?? new Set();
    lines.set(color, xs.add(xOf(time)));
  };
  for (const mark of marks) {
    const { time, timeEnd = time, color } = mark;
    if (!(timeEnd >= min && time <= max)) continue;
    const [left, right] = [xOf(Math.max(time, min)), xOf(Math.min(timeEnd, max))];
    addLine(time, color);
    if (timeEnd > time) {
      addLine(timeEnd, color);
      const last = lastBands.get(color);
      if (last !== undefined && left <= last.right) {
        last.right = Math.max(last.right, right);
        last.marks.push(mark);
      } else {
        const band: OpenBand = { left, right, color, marks: [mark] };
        bands.push(band);
        lastBands.set(color, band);
      }
    }
    const group = groups.at(-1);
    if (group !== undefined && left - group.left < NEAR_PX) {
      group.marks.push(mark);
      if (timeEnd > time) group.right = Math.max(group.right, right);
    } else groups.push({ left, right, color, marks: [mark] });
  }
  return { lines: [...lines].flatMap(([color, xs]) => [...xs].map((x) => ({ x, color }))), bands, groups };
}
