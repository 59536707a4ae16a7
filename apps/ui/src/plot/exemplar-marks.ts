import type uPlot from "uplot";
import { classesOf } from "../shell/style-sheet.ts";
import { addressOf } from "../shell/link-anchor.ts";
import styles from "./exemplar-marks.module.css";

const css = classesOf(styles);

/** Maximum number of exemplars that are drawn. More marks would hide the data. */
const MAX_MARKS = 300;

export interface ExemplarMark {
  /** Time of the exemplar, epoch ms. */
  readonly time: number;
  /** Position of the exemplar on the value axis. */
  readonly position: number;
  /** Tooltip of the mark: the exemplar's labels and value, one on each line. */
  readonly title: string;
  /** A CSS colour. */
  readonly color: string;
  readonly link?: Parameters<typeof addressOf>[0] & { readonly title: string };
}

/** Returns at most `MAX_MARKS` items, evenly selected. */
export function thinned<T>(all: readonly T[]): readonly T[] {
  const every = Math.ceil(all.length / MAX_MARKS);
  return all.filter((_, at) => at % every === 0);
}

/**
 * uPlot plugin that draws exemplars as marks.
 * @param scale key of the value axis
 * @param marksOf returns the marks; must return the same list object until they change
 */
export function exemplarMarks(scale: string, marksOf: () => readonly ExemplarMark[]): uPlot.Plugin {
  let made: readonly ExemplarMark[] = [];
  let elements: readonly HTMLElement[] = [];
  const draw = (plot: uPlot): void => {
    const marks = marksOf();
    if (made !== marks) {
      made = marks;
      for (const element of elements) element.remove();
      elements = marks.map(elementOf);
      plot.over.append(...elements);
    }
    const { clientWidth: width, clientHeight: height } = plot.over;
    for (const [at, element] of elements.entries()) {
      const { time, position } = made[at]!;
      const left = plot.valToPos(time, "x");
      element.hidden = !(left >= 0 && left <= width);
      element.style.left = `${left}px`;
      // An exemplar outside the range of the axis is drawn at the nearest end of the axis.
      element.style.top = `${Math.max(0, Math.min(plot.valToPos(position, scale), height))}px`;
    }
  };
  return { hooks: { draw } };
}

function elementOf({ link, title, color }: ExemplarMark): HTMLElement {
  const element = document.createElement(link === undefined ? "span" : "a");
  element.className = css("exemplar");
  element.style.background = color;
  element.title = link === undefined ? title : `${title}\n${link.title}`;
  if (element instanceof HTMLAnchorElement && link !== undefined) {
    element.setAttribute("aria-label", `Exemplar: ${link.title}`);
    Object.assign(element, addressOf(link));
    // Prevents a click on an exemplar's mark from starting the selection of a time range.
    element.addEventListener("mousedown", (event) => event.stopPropagation());
  }
  return element;
}
