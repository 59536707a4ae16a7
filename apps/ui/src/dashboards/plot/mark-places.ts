import type { PanelAnnotation } from "../panels/panel-kind.ts";

/** Marks that begin nearer to each other than this, CSS pixels, are told together: neither could be pointed at alone. */
const NEAR_PX = 12;

/** A line across the plot: a moment, or an edge of what lasted. */
export interface MarkLine {
  /** Whole CSS pixels from the plot's left edge. */
  readonly x: number;
  readonly color: string;
}

/** What is shaded: one mark that lasted, or several of a colour that overlap. */
export interface MarkBand {
  readonly left: number;
  readonly right: number;
  readonly color: string;
  /** What it is of. */
  readonly marks: readonly PanelAnnotation[];
}

/** Marks that share a sign below the plot. */
export interface MarkGroup {
  readonly left: number;
  /** Beyond `left` where one of them lasted. */
  readonly right: number;
  readonly color: string;
  readonly marks: readonly PanelAnnotation[];
}

export interface MarkPlaces {
  readonly lines: readonly MarkLine[];
  readonly bands: readonly MarkBand[];
  readonly groups: readonly MarkGroup[];
}

/** What an axis of times spans. */
export interface AxisSpan {
  /** Epoch ms. */
  readonly min: number;
  readonly max: number;
  /** CSS pixels. */
  readonly width: number;
}

type Open<T> = { -readonly [Key in keyof T]: T[Key] };
type OpenBand = Open<MarkBand> & { marks: PanelAnnotation[] };

/**
 * Where marks stand on an axis. What is drawn is bounded by the axis' pixels and not by the marks: each pixel has one line of a
 * colour, and signs stand apart from each other.
 *
 * @param marks in the order of their times
 */
export function placeMarks(marks: readonly PanelAnnotation[], { min, max, width }: AxisSpan): MarkPlaces {
  const lines = new Map<string, Set<number>>();
  const bands: OpenBand[] = [];
  const lastBands = new Map<string, OpenBand>();
  const groups: (Open<MarkGroup> & { marks: PanelAnnotation[] })[] = [];
  if (!(max > min && width > 0)) return { lines: [], bands, groups };
  const placeOf = (time: number): number => Math.round(((time - min) / (max - min)) * width);
  const addLine = (time: number, color: string): void => {
    if (time < min || time > max) return;
    const places = lines.get(color) ?? new Set();
    lines.set(color, places.add(placeOf(time)));
  };
  for (const mark of marks) {
    const { time, timeEnd = time, color } = mark;
    if (!(timeEnd >= min && time <= max)) continue;
    const [left, right] = [placeOf(Math.max(time, min)), placeOf(Math.min(timeEnd, max))];
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
  return { lines: [...lines].flatMap(([color, places]) => [...places].map((x) => ({ x, color }))), bands, groups };
}
