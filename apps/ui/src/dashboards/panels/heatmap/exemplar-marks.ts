import { type Frame, formatTime, isNumeric, type ResolvedDataLink, timeFieldOf, valueAt } from "@narthex/dashboards";
import type uPlot from "uplot";
import { classesOf } from "../../../shell/style-sheet.ts";
import { addressOf } from "../../../shell/link-anchor.ts";
import type { PanelContext } from "../../contracts/panel-kind.ts";
import styles from "./exemplar-marks.module.css";
import { axisPlace } from "./heatmap-plan.ts";
import type { HeatmapMoment } from "./heatmap-plot.ts";

const css = classesOf(styles);

/** Maximum number of exemplars that are drawn. More marks would hide the cells. */
const MAX_MARKS = 300;

interface Mark {
  readonly element: HTMLElement;
  readonly time: number;
  /** Position of the exemplar on the value axis. */
  readonly place: number;
}

/** Draws exemplars as marks on a heatmap. A mark shows the exemplar's labels and links to its trace. */
export function exemplarMarks(scale: string, color: string, now: () => HeatmapMoment): uPlot.Plugin {
  let marks: readonly Mark[] = [];
  let made: readonly Frame[] | undefined;
  const draw = (plot: uPlot): void => {
    const { plan, context } = now();
    if (made !== plan.exemplars) {
      made = plan.exemplars;
      for (const { element } of marks) element.remove();
      marks = marksOf(now(), context.cssColor(color));
      plot.over.append(...marks.map(({ element }) => element));
    }
    const { clientWidth: width, clientHeight: height } = plot.over;
    for (const { element, time, place } of marks) {
      const left = plot.valToPos(time, "x");
      element.hidden = !(left >= 0 && left <= width);
      element.style.left = `${left}px`;
      // An exemplar whose value is outside the axis is drawn at the nearest end of the axis.
      element.style.top = `${Math.max(0, Math.min(plot.valToPos(place, scale), height))}px`;
    }
  };
  return { hooks: { draw } };
}

function marksOf({ plan, context }: HeatmapMoment, color: string): readonly Mark[] {
  const all = plan.exemplars.flatMap((frame) => Array.from({ length: frame.length }, (_, row) => ({ frame, row })));
  const every = Math.ceil(all.length / MAX_MARKS);
  return all
    .filter((_, at) => at % every === 0)
    .flatMap(({ frame, row }): readonly Mark[] => {
      const time = timeFieldOf(frame)?.values[row];
      const value = frame.fields.find((field) => isNumeric(field) && field.type === "number");
      const number = value === undefined ? null : valueAt(value, row);
      if (time === undefined || typeof number !== "number") return [];
      const place = axisPlace(plan, number);
      if (Number.isNaN(place)) return [];
      const texts = frame.fields.flatMap((field): string[] => {
        const label = field.type === "string" ? field.values[row] : null;
        return typeof label === "string" ? [`${field.name}: ${label}`] : [];
      });
      const said = [`value: ${number}`, formatTime(time, context.zone, "YYYY-MM-DD HH:mm:ss.SSS")];
      const element = elementOf(linkOf(frame, row, context), [...texts, ...said].join("\n"), color);
      return [{ element, time, place }];
    });
}

/** Returns the first link that an exemplar's labels have. */
function linkOf(frame: Frame, row: number, { linksOf }: PanelContext): ResolvedDataLink | undefined {
  for (const field of frame.fields) {
    const [first] = linksOf({ field, frame, row });
    if (first !== undefined) return first;
  }
  return undefined;
}

function elementOf(link: ResolvedDataLink | undefined, title: string, color: string): HTMLElement {
  const element = document.createElement(link === undefined ? "span" : "a");
  element.className = css("exemplar");
  element.style.background = color;
  element.title = link === undefined ? title : `${title}\n${link.title}`;
  if (element instanceof HTMLAnchorElement && link !== undefined) {
    element.setAttribute("aria-label", `Exemplar: ${link.title}`);
    Object.assign(element, addressOf(link));
    // A click on a mark must not start the selection of a time range.
    element.addEventListener("mousedown", (event) => event.stopPropagation());
  }
  return element;
}
