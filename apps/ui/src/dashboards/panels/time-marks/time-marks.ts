import { formatTime } from "@narthex/dashboards";
import type uPlot from "uplot";
import { classesOf } from "../../../shell/style-sheet.ts";
import type { PanelAnnotation, PanelContext, PageRect } from "../../contracts/panel-kind.ts";
import { type MarkBand, type MarkGroup, type MarkPositions, positionMarks } from "./mark-positions.ts";
import { clipToPlot } from "../../../plot/clip-to-plot.ts";
import { axisFont, shortened, withOpacity } from "../../../plot/plot-theme.ts";
import { readableOn } from "../../plot/readable-text.ts";
import { MIN_PX, zoomToSelection } from "../../../plot/select-zoom.ts";
import styles from "./time-marks.module.css";

const css = classesOf(styles);

/** Distance between the lines of a hatched area, CSS pixels. */
const HATCH_PX = 8;
/** Height and padding of the name in a shaded time range, and minimum width of a range with a name, CSS pixels. */
const NAME_PX = 15;
const NAME_PAD_PX = 4;
const MIN_NAMED_PX = 44;

type Now = () => { readonly context: PanelContext };

/**
 * Draws marks on a time axis: lines and shaded ranges on the canvas, and symbols below it. A selection on the plot
 * zooms. With Ctrl or Cmd, a selection or a click opens the form for a new annotation.
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
        draw(plot, positions, now().context.theme.surface);
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

function draw({ ctx, bbox }: uPlot, { lines, bands }: MarkPositions, surface: string): void {
  if (lines.length === 0 && bands.length === 0) return;
  const ratio = devicePixelRatio;
  clipToPlot({ ctx, bbox });
  for (const { left, right, color, marks } of bands) {
    const area = { x: bbox.left + left * ratio, width: Math.max(1, right - left) * ratio };
    ctx.fillStyle = withOpacity(color, marks[0]?.alert?.isPending === true ? 0.06 : 0.12);
    ctx.fillRect(area.x, bbox.top, area.width, bbox.height);
    if (marks[0]?.silence !== undefined) hatch(ctx, bbox, area, color);
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
  for (const band of bands) nameBand(ctx, bbox, band, surface);
  ctx.restore();
}

/** Hatches the time range of a silence, so that it differs from other shaded ranges. */
function hatch(
  ctx: CanvasRenderingContext2D,
  { top, height }: uPlot.BBox,
  { x, width }: { readonly x: number; readonly width: number },
  color: string,
): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(x, top, width, height);
  ctx.clip();
  ctx.strokeStyle = withOpacity(color, 0.3);
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  for (let at = x - height; at < x + width; at += HATCH_PX * devicePixelRatio) {
    ctx.moveTo(at, top + height);
    ctx.lineTo(at + height, top);
  }
  ctx.stroke();
  ctx.restore();
}

/** Draws the name of a shaded time range if it fits. Names of alerts are at the top, names of silences below. */
function nameBand(
  ctx: CanvasRenderingContext2D,
  bbox: uPlot.BBox,
  { left, right, color, marks }: MarkBand,
  surface: string,
): void {
  const { alert, silence } = marks[0] ?? {};
  if ((alert === undefined && silence === undefined) || right - left < MIN_NAMED_PX) return;
  const ratio = devicePixelRatio;
  const text = shortened(namesOf(marks), right - left - 2 * NAME_PAD_PX);
  const top = bbox.top + (alert === undefined ? NAME_PX : 0) * ratio;
  ctx.font = axisFont.replace(/^\d+/, String(11 * ratio));
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  ctx.fillStyle = color;
  const width = ctx.measureText(text).width + 2 * NAME_PAD_PX * ratio;
  ctx.fillRect(bbox.left + left * ratio, top, width, NAME_PX * ratio);
  ctx.fillStyle = readableOn(color, surface);
  ctx.fillText(text, bbox.left + (left + NAME_PAD_PX) * ratio, top + (NAME_PX / 2) * ratio);
}

/** Returns the text in a shaded time range: the name of its only mark, or the number of its marks. */
function namesOf(marks: readonly PanelAnnotation[]): string {
  const names = new Set(marks.map(({ title }) => title));
  const word = wordOf(marks[0]!);
  return names.size === 1 ? `${word} ${[...names][0]}` : `${names.size} ${word.toLowerCase()}s`;
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
