import { formatFloat, formatPlain, Labels, METRIC_NAME } from "@narthex/model";

export type Point = readonly [time: number, value: string];

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: Point;
  readonly values?: readonly Point[];
  readonly histogram?: readonly [number, Histogram];
  readonly histograms?: readonly (readonly [number, Histogram])[];
}

export interface QueryData {
  readonly resultType: "vector" | "matrix" | "scalar" | "string";
  readonly result: readonly Series[] | Point;
}

/** Formats a series as `up{job="x"}`. A series without labels is `{}`. */
export function seriesName(metric: Readonly<Record<string, string>>): string {
  const labels = Labels.of(metric);
  const name = labels.get(METRIC_NAME);
  const rest = labels.without(METRIC_NAME);
  if (rest.size === 0 && name !== "") return name;
  return name + rest.toString();
}

const at = (time: number): string => `@[${time}]`;

export interface Histogram {
  readonly count: string;
  readonly sum: string;
  readonly buckets?: readonly (readonly [boundaries: number, lower: string, upper: string, count: string])[];
}

/** Formats a histogram of the API as promtool does: `Count: 2.000000, Sum: 3.000000, Buckets: [(1,2]:2]`. */
function histogramText({ count, sum, buckets = [] }: Histogram): string {
  const shown = buckets.map(([boundaries, lower, upper, within]) => {
    const start = boundaries === 1 || boundaries === 3 ? "[" : "(";
    const end = boundaries === 0 || boundaries === 3 ? "]" : ")";
    return `${start}${formatFloat(Number(lower))},${formatFloat(Number(upper))}${end}:${formatPlain(Number(within))}`;
  });
  return `Count: ${sixDecimals(count)}, Sum: ${sixDecimals(sum)}, Buckets: [${shown.join(" ")}]`;
}

const sixDecimals = (text: string): string => {
  const value = Number(text);
  return Number.isFinite(value) ? value.toFixed(6) : formatPlain(value);
};

/** Formats a result in promtool's default format. The text ends with a newline unless it is empty. */
export function printResult({ resultType, result }: QueryData): string {
  if (resultType === "scalar" || resultType === "string") {
    const [time, value] = result as Point;
    return `${resultType}: ${value} ${at(time)}\n`;
  }
  const lines = (result as readonly Series[]).map((series) => {
    const name = seriesName(series.metric);
    if (resultType === "vector") {
      if (series.histogram !== undefined) {
        return `${name} => ${histogramText(series.histogram[1])} ${at(series.histogram[0])}`;
      }
      return `${name} => ${series.value![1]} ${at(series.value![0])}`;
    }
    const points = [
      ...(series.values ?? []).map(([time, value]) => `${value} ${at(time)}`),
      ...(series.histograms ?? []).map(([time, value]) => `${histogramText(value)} ${at(time)}`),
    ];
    return `${name} =>\n${points.join("\n")}`;
  });
  return `${lines.join("\n")}\n`;
}
