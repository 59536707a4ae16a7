import { type Frame, isNumeric, timeFieldOf } from "@narthex/dashboards";

/** The line of a frame in a box, as SVG has paths: as many points as the box is wide, the extremes among them. */
export function sparklinePath(frame: Frame, width: number, height: number): string {
  const field = frame.fields.find(({ type }) => type === "number");
  if (field === undefined || !isNumeric(field) || field.values.length === 0 || width <= 0) return "";
  const { values, nulls } = field;
  const times = timeFieldOf(frame)?.values;
  let [min, max] = [Infinity, -Infinity];
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    if (nulls?.[row] === 1 || !Number.isFinite(value)) continue;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (min > max) return "";
  const first = times?.[0] ?? 0;
  const span = (times?.at(-1) ?? values.length - 1) - first || 1;
  const y = (value: number): string =>
    (max === min ? height / 2 : height - 1 - ((value - min) / (max - min)) * (height - 2)).toFixed(1);
  const parts: string[] = [];
  let isDown = false;
  let column = -1;
  let [low, high] = [0, 0];
  const flush = (): void => {
    if (column < 0) return;
    parts.push(`${isDown ? "L" : "M"}${column} ${y(low)}`);
    if (high !== low) parts.push(`L${column} ${y(high)}`);
    isDown = true;
    column = -1;
  };
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    if (nulls?.[row] === 1 || !Number.isFinite(value)) {
      flush();
      isDown = false;
      continue;
    }
    const at = Math.round((((times?.[row] ?? row) - first) / span) * (width - 1));
    if (at !== column) {
      flush();
      column = at;
      low = high = value;
    } else {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  flush();
  return parts.length === 1 ? `${parts[0]}h1` : parts.join("");
}
