import type { NumericField } from "@narthex/dashboards";

export interface SparkPath {
  readonly line: string;
  readonly area: string;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Space above and below the line, pixels, so that the line is not cut off. */
const MARGIN = 1.5;

interface Extent {
  readonly min: number;
  readonly max: number;
}

const isThere = (field: NumericField, at: number): boolean =>
  field.nulls?.[at] !== 1 && Number.isFinite(field.values[at]!);

function extentOf(field: NumericField): Extent | undefined {
  let min = Infinity;
  let max = -Infinity;
  for (let at = 0; at < field.values.length; at++) {
    if (!isThere(field, at)) continue;
    min = Math.min(min, field.values[at]!);
    max = Math.max(max, field.values[at]!);
  }
  return min > max ? undefined : { min, max };
}

/** Returns the smallest and the largest value that is drawn, limited by the field's min and max. */
function drawnExtent(field: NumericField): Extent | undefined {
  const found = extentOf(field);
  if (found === undefined) return undefined;
  const min = Math.max(found.min, field.config.min ?? -Infinity);
  const max = Math.min(found.max, field.config.max ?? Infinity);
  return min <= max ? { min, max } : found;
}

/**
 * Returns the line of a column's values over time, in a box of the given size. Each column of pixels has at most four
 * points: the first, smallest, largest and last value. Missing values are gaps.
 */
export function sparkPath(field: NumericField, times: NumericField, { width, height }: Size): SparkPath | undefined {
  const { values } = field;
  const count = Math.min(values.length, times.values.length);
  const extent = drawnExtent(field);
  if (extent === undefined || count < 2 || width < 1 || height < 1) return undefined;
  const [begin, end] = [times.values[0]!, times.values[count - 1]!];
  const spanX = end - begin || 1;
  const spanY = extent.max - extent.min;
  const xOf = (at: number): number => ((times.values[at]! - begin) / spanX) * width;
  const yOf = (value: number): number => {
    const share = spanY === 0 ? 0.5 : (value - extent.min) / spanY;
    return MARGIN + (height - 2 * MARGIN) * (1 - Math.min(1, Math.max(0, share)));
  };
  const drawing = new SparkDrawing(height);
  const step = times.config.interval ?? Infinity;
  for (let at = 0; at < count; at++) {
    // If two samples are further apart than the data source's step, there is a gap between them.
    if (at > 0 && step > 0 && times.values[at]! - times.values[at - 1]! > step) drawing.gap();
    if (isThere(field, at)) drawing.point(xOf(at), yOf(values[at]!));
    else drawing.gap();
  }
  return drawing.end();
}

const digits = (value: number): string => String(Math.round(value * 10) / 10);

/** Collects the points of a line without gaps. Points in the same column of pixels are combined. */
class SparkDrawing {
  readonly #height: number;
  readonly #line: string[] = [];
  readonly #area: string[] = [];
  #run: string[] = [];
  #column: { x: number; first: number; low: number; high: number; last: number } | undefined;
  #runStart = 0;
  #runEnd = 0;

  constructor(height: number) {
    this.#height = height;
  }

  point(x: number, y: number): void {
    const column = this.#column;
    if (column !== undefined && Math.floor(column.x) === Math.floor(x)) {
      column.low = Math.max(column.low, y);
      column.high = Math.min(column.high, y);
      column.last = y;
    } else {
      this.#flushColumn();
      this.#column = { x, first: y, low: y, high: y, last: y };
    }
  }

  gap(): void {
    this.#flushColumn();
    if (this.#run.length === 0) return;
    // A single value is drawn as a dot: a line that is half a pixel long.
    if (this.#run.length === 1) this.#run.push(`${digits(this.#runEnd + 0.5)} ${this.#run[0]!.split(" ")[1]}`);
    const path = `M${this.#run.join("L")}`;
    this.#line.push(path);
    this.#area.push(`${path}L${digits(this.#runEnd)} ${this.#height}L${digits(this.#runStart)} ${this.#height}Z`);
    this.#run = [];
  }

  end(): SparkPath {
    this.gap();
    return { line: this.#line.join(""), area: this.#area.join("") };
  }

  #flushColumn(): void {
    const column = this.#column;
    if (column === undefined) return;
    this.#column = undefined;
    const { x, first, low, high, last } = column;
    if (this.#run.length === 0) this.#runStart = x;
    this.#runEnd = x;
    let before = NaN;
    for (const y of [first, high, low, last]) {
      if (y !== before) this.#run.push(`${digits(x)} ${digits(y)}`);
      before = y;
    }
  }
}
