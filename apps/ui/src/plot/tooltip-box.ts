import type uPlot from "uplot";
import { classesOf } from "../shell/style-sheet.ts";
import styles from "./tooltip-box.module.css";

const css = classesOf(styles);

const node = (className: string, text = ""): HTMLElement => {
  const made = document.createElement("div");
  made.className = className;
  made.textContent = text;
  return made;
};

/** Returns the heading of a tooltip: a time or position. */
export const tooltipHead = (text: string): HTMLElement => node(css("time"), text);

export const tooltipNote = (text: string): HTMLElement => node(css("more"), text);

interface Line {
  readonly name: string;
  readonly text: string;
  /** CSS colour of the line's colour mark; undefined for no mark. */
  readonly color?: string;
  /** Whether the pointer is on the series of this line. */
  readonly isFocused?: boolean;
}

/** Returns a tooltip line with colour, name and value. */
export function tooltipLine({ name, text, color, isFocused = false }: Line): HTMLElement {
  const swatch = node(css("swatch"));
  if (color !== undefined) swatch.style.backgroundColor = color;
  const line = node(isFocused ? css("row", "focused") : css("row"));
  line.append(swatch, node(css("name"), name), node(css("value"), text));
  return line;
}

export function tooltipLines(lines: readonly HTMLElement[]): HTMLElement {
  const list = node(css("rows"));
  list.append(...lines);
  return list;
}

/**
 * Returns a CSS transform that places a box next to a point and inside the window. Percentages refer to the box's own
 * size, since reading the size in code would force a layout at each pointer move.
 */
function positionNextTo(x: number, y: number, isLeft: boolean): string {
  const left = isLeft ? `calc(${x - 14}px - 100%)` : `min(${x + 14}px, calc(100vw - 100% - 4px))`;
  return `translate(max(4px, ${left}), max(4px, min(${y + 12}px, calc(100vh - 100% - 4px))))`;
}

/** Tooltip box next to the pointer. The box is on top of the whole page, so that panel edges do not cut it off. */
export class TooltipBox {
  readonly #box = node(css("tooltip"));

  constructor() {
    // The tooltip is not a live region, because the tooltips of all panels may change many times per second.
    this.#box.setAttribute("role", "tooltip");
    this.#box.hidden = true;
  }

  get isShown(): boolean {
    return !this.#box.hidden;
  }

  attach(): void {
    document.body.append(this.#box);
  }

  remove(): void {
    this.#box.remove();
  }

  hide(): void {
    this.#box.hidden = true;
  }

  /**
   * Shows the tooltip with these DOM nodes next to a position in the browser window. The whole tooltip stays inside the
   * window.
   */
  showAt(x: number, y: number, nodes: readonly Node[]): void {
    const box = this.#box;
    put(box, nodes);
    box.hidden = false;
    box.style.transform = positionNextTo(Math.round(x), Math.round(y), x > innerWidth / 2);
  }

  /** Shows the tooltip with these DOM nodes next to the pointer on a plot. Hides the tooltip if the list is empty. */
  show(plot: uPlot, nodes: readonly Node[]): void {
    if (nodes.length === 0) {
      this.hide();
      return;
    }
    // uPlot's cached position of the plot. Reading the position from the page would force a layout at each pointer
    // move.
    const { left: fromLeft, top: fromTop } = plot.rect;
    const { left = 0, top = 0 } = plot.cursor;
    this.showAt(fromLeft + left, fromTop + Math.max(0, top), nodes);
  }
}

/**
 * Makes an element's children equal to other nodes. Existing children are modified, because creating new ones at each
 * pointer move would be slow.
 */
function put(into: Element, nodes: readonly Node[]): void {
  nodes.forEach((next, at) => {
    const now = into.children[at];
    if (now === next) return;
    if (now === undefined) into.append(next);
    else if (!(now instanceof HTMLDivElement && next instanceof HTMLDivElement)) now.replaceWith(next);
    else become(now, next);
  });
  while (into.children.length > nodes.length) into.lastElementChild?.remove();
}

function become(now: HTMLElement, next: HTMLElement): void {
  if (now.className !== next.className) now.className = next.className;
  const looks = next.getAttribute("style") ?? "";
  if ((now.getAttribute("style") ?? "") !== looks) now.style.cssText = looks;
  const children = [...next.children];
  if (children.length > 0 && now.children.length > 0) put(now, children);
  else if (children.length > 0) now.replaceChildren(...children);
  else if (now.textContent !== next.textContent) now.textContent = next.textContent;
}

/**
 * Returns the position of the pointer on a plot, CSS pixels. Returns undefined if the pointer is on no plot, or if it
 * is on another plot and the tooltip is not shared.
 */
export function pointerOf(
  plot: uPlot,
  isShared: boolean,
): { readonly left: number; readonly top: number; readonly isOwn: boolean } | undefined {
  const { left = -1, top = -1 } = plot.cursor;
  const isOwn = plot.cursor.event != null;
  return left < 0 || !(isOwn || isShared) ? undefined : { left, top, isOwn };
}
