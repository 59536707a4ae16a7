import type { ExemplarSeries } from "../../api/query-result.ts";
import { formatInstantWithZone } from "../../format/instant.ts";
import { sortedLabels } from "../../format/series-name.ts";
import { type ExemplarMark, thinned } from "../../plot/exemplar-marks.ts";

/**
 * Converts exemplars to marks for the plot.
 * @param positionOf returns the position of a value on the value axis
 */
export function exemplarsOf(
  series: readonly ExemplarSeries[],
  zone: string,
  positionOf: (value: number) => number = (value) => value,
): readonly ExemplarMark[] {
  const all = series.flatMap(({ exemplars }) => exemplars).toSorted((left, right) => left.timestamp - right.timestamp);
  return thinned(all).map(({ labels, value, timestamp }) => {
    const time = timestamp * 1000;
    const words = sortedLabels(labels).map(([name, text]) => `${name}: ${text}`);
    const title = [...words, `value: ${value}`, formatInstantWithZone(time, zone)].join("\n");
    return { time, position: positionOf(Number(value)), title, color: "var(--mantine-color-ember-7)" };
  });
}
