import type uPlot from "uplot";
import { classesOf } from "../../shell/style-sheet.ts";
import styles from "./tooltip.module.css";

const css = classesOf(styles);

const node = (className: string, text = ""): HTMLElement => {
  const made = document.createElement("div");
  made.className = className;
  made.textContent = text;
  return made;
};

/** When, or where, the values of a tooltip are. */
export const tooltipHead = (text: string): HTMLElement => node(css("time"), text);

/** A sentence below the values of a tooltip. */
export const tooltipNote = (text: string): HTMLElement => node(css("more"), text);

interface Line {
  readonly name: string;
  readonly text: string;
  /** CSS; absent: without a swatch. */
  readonly color?: string;
  /** The one that the pointer is on. */
  readonly isFocused?: boolean;
}

/** A value of a tooltip: its colour, its name, and its text. */
export function tooltipLine({ name, text, color, isFocused = false }: Line): HTMLElement {
  const swatch = node(css("swatch"));
  if (color !== undefined) swatch.style.backgroundColor = color;
  const line = node(isFocused ? css("row", "focused") : css("row"));
  line.append(swatch, node(css("name"), name), node(css("value"), text));
  return line;
}

/** Lines below each other. */
export function tooltipLines(lines: readonly HTMLElement[]): HTMLElement {
  const list = node(css("rows"));
  list.append(...lines);
  return list;
}

/**
 * Moves a box beside a point, within the window: 100 % are the box's own width and height there. To ask for them would lay
 * out the page at each move of the pointer.
 */
function beside(x: number, y: number, isLeft: boolean): string {
  const left = isLeft ? `calc(${x - 14}px - 100%)` : `min(${x + 14}px, calc(100vw - 100% - 4px))`;
  return `translate(max(4px, ${left}), max(4px, min(${y + 12}px, calc(100vh - 100% - 4px))))`;
}

/** Shows the values at the pointer, above everything: a panel's edge does not cut it off. */
export class TooltipBox {
  readonly #box = node(css("tooltip"));

  constructor() {
    // Not a live region: a shared pointer moves the tooltips of all panels, many times a second.
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

  /** Shows nodes beside a point of the window, where all of them can be seen. */
  showAt(x: number, y: number, nodes: readonly Node[]): void {
    const box = this.#box;
    put(box, nodes);
    box.hidden = false;
    box.style.transform = beside(Math.round(x), Math.round(y), x > innerWidth / 2);
  }

  /** Shows nodes beside a plot's pointer; hides where there are none. */
  show(plot: uPlot, nodes: readonly Node[]): void {
    if (nodes.length === 0) {
      this.hide();
      return;
    }
    // What the plot knows of its place: to ask the page for it would lay it out anew at each move.
    const { left: fromLeft, top: fromTop } = plot.rect;
    const { left = 0, top = 0 } = plot.cursor;
    this.showAt(fromLeft + left, fromTop + Math.max(0, top), nodes);
  }
}

/**
 * Makes an element's children like others. Those that are there take the others' texts and looks: a tooltip is told anew at
 * each move of the pointer, and new elements would be styled and laid out each time.
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

/** Where the pointer is. Undefined where there is none, or it is another plot's and the tooltip is not shared. */
export function pointerOf(
  plot: uPlot,
  isShared: boolean,
): { readonly left: number; readonly top: number; readonly isOwn: boolean } | undefined {
  const { left = -1, top = -1 } = plot.cursor;
  const isOwn = plot.cursor.event != null;
  return left < 0 || !(isOwn || isShared) ? undefined : { left, top, isOwn };
}
