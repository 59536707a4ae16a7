/** What colours a count. */
export interface FillSettings {
  /** Ends of the scale; undefined: of the counts that are shown. */
  readonly min: number | undefined;
  readonly max: number | undefined;
  /** Counts up to this one, and from that one, are not shown. */
  readonly hiddenBelow: number | undefined;
  readonly hiddenFrom: number | undefined;
  /** Colours of the scale. */
  readonly steps: number;
}

/** Which colour each count has. */
export interface HeatFills {
  /** The number of the colour from 1; 0 of what is not shown. */
  readonly colors: Uint8Array;
  /** The numbers of the cells that are shown, those of one colour together, and where each colour's begin. */
  readonly order: Uint32Array;
  readonly offsets: Uint32Array;
  readonly min: number;
  readonly max: number;
}

/** Puts counts on a scale of colours. */
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
  const places = offsets.slice();
  const order = new Uint32Array(offsets.at(-1)!);
  for (let at = 0; at < length; at++) if (colors[at] !== 0) order[places[colors[at]!]!++] = at;
  return { colors, order, offsets, min, max };
}
