import type uPlot from "uplot";
import type { ExemplarSeries } from "../../api/query-result.ts";
import { formatInstantWithZone } from "../../format/instant.ts";
import { sortedLabels } from "../../format/series-name.ts";
import { classesOf } from "../../shell/style-sheet.ts";
import styles from "./exemplar-markers.module.css";

const css = classesOf(styles);

/** More marks would hide the lines. */
const shownLimit = 300;

/** Returns at most the limit of exemplars, evenly selected from all in order of time. */
function thinned(series: readonly ExemplarSeries[]): Array<ExemplarSeries["exemplars"][number]> {
  const all = series.flatMap(({ exemplars }) => exemplars).toSorted((left, right) => left.timestamp - right.timestamp);
  const every = Math.ceil(all.length / shownLimit);
  return all.filter((_, index) => index % every === 0);
}

/**
 * Marks exemplars on a plot, each with its labels as the tooltip.
 *
 * @param yOf returns the position of a value on the y scale
 */
export function exemplarMarkers(
  series: readonly ExemplarSeries[],
  zone: string,
  yOf: (value: number) => number = (value) => value,
): uPlot.Plugin {
  const markers = thinned(series).map(({ labels, value, timestamp }) => {
    const marker = document.createElement("span");
    marker.className = css("exemplar");
    const words = sortedLabels(labels).map(([name, text]) => `${name}: ${text}`);
    marker.title = [...words, `value: ${value}`, formatInstantWithZone(timestamp * 1000, zone)].join("\n");
    return { marker, x: timestamp, y: yOf(Number(value)) };
  });
  const place = (plot: uPlot): void => {
    const { clientWidth: width, clientHeight: height } = plot.over;
    for (const { marker, x, y } of markers) {
      const left = plot.valToPos(x, "x");
      marker.hidden = left < 0 || left > width;
      marker.style.left = `${left}px`;
      // A value outside the axis is drawn at its end.
      marker.style.top = `${Math.max(0, Math.min(plot.valToPos(y, "y"), height))}px`;
    }
  };
  return { hooks: { init: (plot) => plot.over.append(...markers.map(({ marker }) => marker)), draw: place } };
}
