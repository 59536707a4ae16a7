import { formatTime } from "@narthex/dashboards";
import type uPlot from "uplot";
import { classesOf } from "../../../shell/style-sheet.ts";
import type { PanelAnnotation, PanelContext, PageRect } from "../../contracts/panel-kind.ts";
import { type MarkBand, type MarkGroup, type MarkPositions, positionMarks } from "./mark-positions.ts";
import { clipToPlot } from "../../../plot/clip-to-plot.ts";
import { withOpacity } from "../../../plot/plot-theme.ts";
import { MIN_PX, zoomToSelection } from "../../../plot/select-zoom.ts";
import styles from "./time-marks.module.css";

const css = classesOf(styles);

type Now = () => { readonly context: PanelContext };

/**
 * Draws marks on a time axis: lines and shaded ranges on the canvas, and symbols below it. Alerts and silences have only
 * lines and symbols, so that they do not change the colours of the data. A selection on the plot zooms. With Ctrl or Cmd, a selection or a click opens the form for a new annotation.
 */
export function timeMarks(now: Now): uPlot.Plugin {
  const positionsOf = cachedPositions();
  let signs: MarkSigns | undefined;
  return {
    hooks: {
      init: (plot) => {
        signs = new MarkSigns(plot, now);
        plot.over.addEventListener("click", (event) => {
          if (isMarking(event)) openMarkForm(plot, now, plot.cursor.left ?? 0, 0);
        });
      },
      destroy: () => signs?.remove(),
      draw: (plot) => {
        const positions = positionsOf(plot, now().context.annotations);
        draw(plot, positions);
        signs?.show(positions.groups);
      },
      setSelect: (plot) => {
        const { left, width } = plot.select;
        const { event } = plot.cursor;
        if (event == null || !isMarking(event) || now().context.onAnnotate === undefined)
          return zoomToSelection(plot, now().context.onZoom);
        plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        openMarkForm(plot, now, left, width < MIN_PX ? 0 : width);
      },
    },
  };
}

const isMarking = ({ ctrlKey, metaKey }: MouseEvent): boolean => ctrlKey || metaKey;

function openMarkForm(plot: uPlot, now: Now, left: number, width: number): void {
  const { x, y, height } = plot.over.getBoundingClientRect();
  const from = Math.round(plot.posToVal(left, "x"));
  const to = width === 0 ? from : Math.round(plot.posToVal(left + width, "x"));
  now().context.onAnnotate?.({ from, to }, { left: x + left, top: y + height, width, height: 0 });
}

/**
 * Returns a function that computes the positions of marks on a time axis. The function caches the positions until the
 * marks or the axis change.
 */
function cachedPositions(): (plot: uPlot, marks: readonly PanelAnnotation[]) => MarkPositions {
  let kept:
    | { readonly marks: readonly PanelAnnotation[]; readonly span: string; readonly positions: MarkPositions }
    | undefined;
  return (plot, marks) => {
    const { min, max } = plot.scales["x"] ?? {};
    const width = plot.bbox.width / devicePixelRatio;
    const span = `${min} ${max} ${width}`;
    if (kept?.marks !== marks || kept.span !== span)
      kept = { marks, span, positions: positionMarks(marks, { min: min ?? 0, max: max ?? 0, width }) };
    return kept.positions;
  };
}

const isShaded = ({ marks: [first] }: MarkBand): boolean => first?.alert === undefined && first?.silence === undefined;

function draw({ ctx, bbox }: uPlot, { lines, bands }: MarkPositions): void {
  if (lines.length === 0 && bands.length === 0) return;
  const ratio = devicePixelRatio;
  clipToPlot({ ctx, bbox });
  for (const { left, right, color } of bands.filter(isShaded)) {
    ctx.fillStyle = withOpacity(color, 0.12);
    ctx.fillRect(bbox.left + left * ratio, bbox.top, Math.max(1, right - left) * ratio, bbox.height);
  }
  ctx.lineWidth = ratio;
  ctx.setLineDash([5 * ratio, 5 * ratio]);
  for (const { x, color } of lines) {
    const lineX = Math.round(bbox.left + x * ratio) + (ratio % 2) / 2;
    ctx.strokeStyle = color;
    ctx.beginPath();
    ctx.moveTo(lineX, bbox.top);
    ctx.lineTo(lineX, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.setLineDash([]);
  ctx.restore();
}

/**
 * Buttons below a plot that represent the marks on its time axis. Tab reaches one of them, and arrow keys move between
 * them.
 */
class MarkSigns {
  readonly #plot: uPlot;
  readonly #now: Now;
  readonly #list = document.createElement("div");
  #groups: readonly MarkGroup[] = [];
  /** Index and label of the symbol whose card is open. */
  #opened: { readonly at: number; readonly words: string } | undefined;

  constructor(plot: uPlot, now: Now) {
    this.#plot = plot;
    this.#now = now;
    this.#list.className = css("signs");
    this.#list.setAttribute("role", "group");
    this.#list.setAttribute("aria-label", "Annotations");
    // The symbols are placed outside of the plot's container, because its role `img` forbids buttons inside.
    plot.root.parentElement?.parentElement?.append(this.#list);
  }

  remove(): void {
    this.#closeCard();
    this.#list.remove();
  }

  show(groups: readonly MarkGroup[]): void {
    const list = this.#list;
    const { bbox } = this.#plot;
    list.hidden = groups.length === 0;
    list.style.left = `${bbox.left / devicePixelRatio}px`;
    list.style.top = `${(bbox.top + bbox.height) / devicePixelRatio}px`;
    if (groups === this.#groups) return;
    this.#groups = groups;
    while (list.children.length > groups.length) list.lastElementChild?.remove();
    groups.forEach((group, at) => this.#put(group, at));
    const signs = [...this.#list.children] as HTMLElement[];
    // Makes the last symbol reachable with Tab if the previously reachable symbol was removed.
    if (signs.length > 0 && signs.every(({ tabIndex }) => tabIndex !== 0)) signs.at(-1)!.tabIndex = 0;
    const opened = this.#opened;
    if (opened !== undefined && signs[opened.at]?.getAttribute("aria-label") !== opened.words) this.#closeCard();
  }

  #openCard(at: number, isKept: boolean): void {
    const sign = this.#list.children[at];
    const { marks } = this.#groups[at] ?? {};
    if (sign === undefined || marks === undefined) return;
    this.#opened = { at, words: sign.getAttribute("aria-label") ?? "" };
    this.#now().context.onMarks({ marks, rect: rectOf(sign), isKept });
  }

  #closeCard(): void {
    if (this.#opened === undefined) return;
    this.#opened = undefined;
    this.#now().context.onMarks(null);
  }

  #put({ left, right, color, marks }: MarkGroup, at: number): void {
    const sign = (this.#list.children[at] as HTMLElement | undefined) ?? this.#add(at);
    const isStretch = right > left;
    sign.className = isStretch ? css("sign", "stretch") : css("sign", "moment");
    // The symbol contains a letter, so that its meaning does not depend only on its colour.
    sign.dataset["letter"] = letterOf(marks);
    sign.style.left = `${left}px`;
    sign.style.width = isStretch ? `${right - left}px` : "";
    sign.style.setProperty("--mark", color);
    sign.setAttribute("aria-label", this.#words(marks));
  }

  #add(at: number): HTMLElement {
    const sign = document.createElement("button");
    sign.type = "button";
    sign.tabIndex = at === 0 ? 0 : -1;
    sign.addEventListener("pointerenter", () => this.#openCard(at, false));
    sign.addEventListener("pointerleave", () => this.#closeCard());
    // When the card with details of a mark is closed, the focus returns to the symbol. The returning focus must not
    // open the card again.
    sign.addEventListener("focus", ({ relatedTarget: from }) => {
      if (!(from instanceof Element && from.closest("[role=dialog]") !== null)) this.#openCard(at, false);
    });
    sign.addEventListener("blur", () => this.#closeCard());
    sign.addEventListener("click", () => this.#openCard(at, true));
    sign.addEventListener("keydown", (event) => this.#move(event, at));
    this.#list.append(sign);
    return sign;
  }

  #move({ key }: KeyboardEvent, at: number): void {
    const step = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0;
    if (key === "Escape") this.#closeCard();
    const next = step === 0 ? undefined : this.#list.children[at + step];
    if (!(next instanceof HTMLElement)) return;
    for (const sign of this.#list.children) (sign as HTMLElement).tabIndex = sign === next ? 0 : -1;
    next.focus();
  }

  #words(marks: readonly PanelAnnotation[]): string {
    const [first] = marks;
    if (first === undefined) return "";
    const when = formatTime(first.time, this.#now().context.zone, "YYYY-MM-DD HH:mm:ss");
    const words = new Set(marks.map(wordOf));
    const [word = ""] = words;
    if (marks.length > 1) return `${marks.length} ${words.size === 1 ? word.toLowerCase() : "mark"}s from ${when} on`;
    return `${word} at ${when}${first.title === "" ? "" : `: ${first.title}`}`;
  }
}

const letterOf = (marks: readonly PanelAnnotation[]): string =>
  marks.some(({ alert }) => alert?.isPending === false)
    ? "!"
    : marks.some(({ alert }) => alert !== undefined)
      ? "?"
      : marks.some(({ silence }) => silence !== undefined)
        ? "z"
        : "";

const wordOf = ({ alert, silence }: PanelAnnotation): string =>
  alert !== undefined
    ? alert.isPending
      ? "Pending alert"
      : "Alert"
    : silence !== undefined
      ? "Silence"
      : "Annotation";

function rectOf(sign: Element): PageRect {
  const { left, top, width, height } = sign.getBoundingClientRect();
  return { left, top, width, height };
}
