import { formatTime } from "@narthex/dashboards";
import type uPlot from "uplot";
import {
  pointerOf,
  TooltipBox,
  tooltipHead,
  tooltipLine,
  tooltipLines,
  tooltipNote,
} from "../../../plot/tooltip-box.ts";
import { columnAt } from "./heat-cells.ts";
import { cellColor, type HeatmapPlan, rangeText } from "./heatmap-plan.ts";
import type { HeatmapMoment } from "./heatmap-plot.ts";
import type { HeatmapOptions } from "./options.ts";

const ROW_PX = 18;
const USUAL_HEIGHT_PX = 420;
const FORMAT = "YYYY-MM-DD HH:mm:ss";
const CHART_WIDTH = 240;
const CHART_HEIGHT = 60;
const SCALE_HEIGHT = 8;

/** The cells in the column under the pointer. `cell` is the index of the cell under the pointer, or -1. */
interface Pointed {
  readonly from: number;
  readonly to: number;
  readonly cell: number;
}

function pointed(plot: uPlot, scale: string, { cells }: HeatmapPlan, left: number, top: number): Pointed {
  const [from, to] = columnAt(cells, plot.posToVal(left, "x"));
  const value = plot.posToVal(top, scale);
  let cell = -1;
  for (let at = from; at < to && cell < 0; at++) if (cells.lows[at]! <= value && value < cells.highs[at]!) cell = at;
  return { from, to, cell };
}

const isSameCell = (one: Pointed, other: Pointed): boolean =>
  one.from === other.from && one.to === other.to && one.cell === other.cell;

/** A tooltip for the cell under the pointer, or for the whole column that contains the cell. */
export function heatTooltip(scale: string, options: HeatmapOptions, now: () => HeatmapMoment): uPlot.Plugin {
  const box = new TooltipBox();
  const pictures = new TooltipPictures();
  let reported: number | null = null;
  let shown: { readonly plan: HeatmapPlan; readonly at: Pointed; readonly nodes: readonly Node[] } | undefined;
  const report = (count: number | null): void => {
    if (count === reported) return;
    reported = count;
    now().onPoint(count);
  };
  const update = (plot: uPlot): void => {
    const { plan, context } = now();
    const pointer = pointerOf(plot, context.isTooltipShared);
    if (pointer === undefined) {
      report(null);
      box.hide();
      return;
    }
    const at = pointed(plot, scale, plan, pointer.left, pointer.top);
    report(pointer.isOwn && at.cell >= 0 && plan.fills.colors[at.cell] !== 0 ? plan.cells.counts[at.cell]! : null);
    if (options.tooltipMode === "none") return;
    const isMulti = options.tooltipMode === "multi" || !pointer.isOwn;
    if (shown === undefined || shown.plan !== plan || !isSameCell(shown.at, at)) {
      const nodes = isMulti || at.cell >= 0 ? contents(plan, at, options, isMulti, context.zone, pictures) : [];
      shown = { plan, at, nodes };
    }
    box.show(plot, shown.nodes);
  };
  return { hooks: { init: () => box.attach(), destroy: () => box.remove(), setCursor: update } };
}

function contents(
  plan: HeatmapPlan,
  { from, to, cell }: Pointed,
  options: HeatmapOptions,
  isMulti: boolean,
  zone: string,
  pictures: TooltipPictures,
): readonly Node[] {
  const { cells } = plan;
  if (from === to) return [];
  const shown = isMulti ? columnLines(plan, from, to, cell, options) : singleLines(plan, cell, options);
  if (shown.lines.length === 0) return [];
  const head = tooltipHead(
    `${formatTime(cells.starts[from]!, zone, FORMAT)} – ${formatTime(cells.ends[from]!, zone, FORMAT)}`,
  );
  const nodes: Node[] = [head, tooltipLines(shown.lines)];
  if (shown.more > 0) nodes.push(tooltipNote(`${shown.more} more`));
  if (options.hasHistogram) nodes.push(pictures.columnChart(plan, from, to, cell));
  if (options.hasTooltipScale && cell >= 0) nodes.push(pictures.scaleStrip(plan, cells.counts[cell]!));
  return nodes;
}

interface Lines {
  readonly lines: readonly HTMLElement[];
  readonly more: number;
}

const countLine = (plan: HeatmapPlan, at: number, name: string, isFocused: boolean): HTMLElement =>
  tooltipLine({
    name,
    text: plan.countText(plan.cells.counts[at]!),
    color: cellColor(plan, at) ?? "transparent",
    isFocused,
  });

function singleLines(plan: HeatmapPlan, cell: number, { countName }: HeatmapOptions): Lines {
  if (cell < 0 || plan.fills.colors[cell] === 0) return { lines: [], more: 0 };
  const bucket = tooltipLine({ name: "Bucket", text: rangeText(plan, cell) });
  return { lines: [bucket, countLine(plan, cell, countName || "Value", false)], more: 0 };
}

/**
 * Returns the tooltip lines for the cells of a column, from top to bottom. If not all lines fit, returns the lines
 * around the pointer.
 */
function columnLines(plan: HeatmapPlan, from: number, to: number, cell: number, options: HeatmapOptions): Lines {
  const shown: number[] = [];
  for (let at = to - 1; at >= from; at--) if (plan.fills.colors[at] !== 0) shown.push(at);
  const most = Math.max(1, Math.floor((options.tooltipMaxHeight ?? USUAL_HEIGHT_PX) / ROW_PX) - 2);
  const near = shown.indexOf(cell);
  const start = Math.max(0, Math.min(near - Math.floor(most / 2), shown.length - most));
  const kept = shown.slice(start, start + most);
  return {
    lines: kept.map((at) => countLine(plan, at, rangeText(plan, at), at === cell)),
    more: shown.length - kept.length,
  };
}

/** The canvases in the tooltip, which are created once and painted again when the pointer moves. */
class TooltipPictures {
  readonly #columns = new Picture(CHART_WIDTH, CHART_HEIGHT);
  readonly #scale = new Picture(CHART_WIDTH, SCALE_HEIGHT);

  /**
   * Draws the counts of a column as bars, from the lowest cell to the highest. Only the bar of the cell under the
   * pointer has its full colour.
   */
  columnChart({ cells: { counts }, palette }: HeatmapPlan, from: number, to: number, cell: number): Node {
    return this.#columns.painted((ctx) => {
      let most = 0;
      for (let at = from; at < to; at++) most = Math.max(most, counts[at]!);
      const width = CHART_WIDTH / (to - from);
      for (let at = from; at < to; at++) {
        const height = most > 0 ? (Math.max(0, counts[at]!) / most) * CHART_HEIGHT : 0;
        ctx.globalAlpha = at === cell ? 1 : 0.45;
        ctx.fillStyle = palette[Math.floor(palette.length * 0.75)]!;
        ctx.fillRect((at - from) * width, CHART_HEIGHT - height, Math.max(1, width - 1), height);
      }
    });
  }

  /** Draws the colour scale, and marks a count on it. */
  scaleStrip({ palette, fills }: HeatmapPlan, count: number): Node {
    return this.#scale.painted((ctx) => {
      const width = CHART_WIDTH / palette.length;
      palette.forEach((color, at) => {
        ctx.fillStyle = color;
        ctx.fillRect(at * width, 0, width + 0.5, SCALE_HEIGHT);
      });
      const share = (count - fills.min) / (fills.max - fills.min || 1);
      const x = Math.max(0, Math.min(1, share)) * (CHART_WIDTH - 2);
      ctx.fillStyle = "#ffffff";
      ctx.fillRect(x - 1, 0, 4, SCALE_HEIGHT);
      ctx.fillStyle = "#000000";
      ctx.fillRect(x, 0, 2, SCALE_HEIGHT);
    });
  }
}

/** A canvas of fixed size (CSS pixels), which is created when it is first painted. */
class Picture {
  readonly #width: number;
  readonly #height: number;
  #canvas: HTMLCanvasElement | undefined;

  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
  }

  painted(paint: (ctx: CanvasRenderingContext2D) => void): HTMLCanvasElement {
    const canvas = (this.#canvas ??= this.#made());
    // Setting width and height clears the canvas, and adapts it to the pixel ratio of the current screen.
    canvas.width = Math.round(this.#width * devicePixelRatio);
    canvas.height = Math.round(this.#height * devicePixelRatio);
    const ctx = canvas.getContext("2d");
    if (ctx === null) return canvas;
    ctx.scale(devicePixelRatio, devicePixelRatio);
    paint(ctx);
    return canvas;
  }

  #made(): HTMLCanvasElement {
    const canvas = document.createElement("canvas");
    const size = { width: `${this.#width}px`, height: `${this.#height}px` };
    Object.assign(canvas.style, { display: "block", ...size, marginTop: "6px" });
    return canvas;
  }
}
