export interface FillSettings {
  /**
   * Counts at the two ends of the colour scale. By default these are the smallest and largest counts that are shown.
   */
  readonly min: number | undefined;
  readonly max: number | undefined;
  /** Cells with a count of at most `hiddenBelow` or at least `hiddenFrom` are not drawn. */
  readonly hiddenBelow: number | undefined;
  readonly hiddenFrom: number | undefined;
  /** Number of colours of the scale. */
  readonly steps: number;
}

export interface HeatFills {
  /** Index of each cell's colour in the scale, starting at 1. 0 means that the cell is hidden. */
  readonly colors: Uint8Array;
  /** Indexes of the visible cells sorted by colour, and the start of each colour in this list. */
  readonly order: Uint32Array;
  readonly offsets: Uint32Array;
  readonly min: number;
  readonly max: number;
}

/** Assigns a colour of the scale to each count. */
export function heatFills(counts: Float64Array, length: number, settings: FillSettings): HeatFills {
  const { hiddenBelow = -Infinity, hiddenFrom = Infinity, steps } = settings;
  const isShown = (count: number): boolean => count > hiddenBelow && count < hiddenFrom;
  let [least, greatest] = [Infinity, -Infinity];
  for (let at = 0; at < length; at++) {
    const count = counts[at]!;
    if (!isShown(count)) continue;
    if (count < least) least = count;
    if (count > greatest) greatest = count;
  }
  const min = settings.min ?? (least === Infinity ? 0 : least);
  const max = settings.max ?? (greatest === -Infinity ? 1 : greatest);
  const span = max - min || 1;
  const colors = new Uint8Array(length);
  const offsets = new Uint32Array(steps + 2);
  for (let at = 0; at < length; at++) {
    const count = counts[at]!;
    if (!isShown(count)) continue;
    const color = 1 + Math.max(0, Math.min(steps - 1, Math.floor((steps * (count - min)) / span)));
    colors[at] = color;
    offsets[color + 1]!++;
  }
  for (let color = 1; color < offsets.length; color++) offsets[color]! += offsets[color - 1]!;
  const nextSlots = offsets.slice();
  const order = new Uint32Array(offsets.at(-1)!);
  for (let at = 0; at < length; at++) if (colors[at] !== 0) order[nextSlots[colors[at]!]!++] = at;
  return { colors, order, offsets, min, max };
}
