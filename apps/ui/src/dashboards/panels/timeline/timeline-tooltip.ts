import { formatTime, joinFormatted, unitFormatter } from "@narthex/dashboards";
import type uPlot from "uplot";
import {
  pointerOf,
  TooltipBox,
  tooltipHead,
  tooltipLine,
  tooltipLines,
  tooltipNote,
} from "../../../plot/tooltip-box.ts";
import { spanAt } from "./state-rows.ts";
import type { TimelineMoment, TimelineSettings } from "./timeline-plot.ts";

const MAX_ROWS = 22;
const format = "YYYY-MM-DD HH:mm:ss";
const duration = unitFormatter("ms");

/** Returns the tooltip line for a row; undefined if the row has no state at the time. */
function line(
  { plan, hidden }: TimelineMoment,
  index: number,
  time: number,
  isFocused: boolean,
): HTMLElement | undefined {
  const row = plan.rows[index];
  const at = row === undefined || row.options.isHiddenInTooltip ? -1 : spanAt(row, time);
  const state = at < 0 ? undefined : plan.states[row!.states[at]!];
  if (row === undefined || state === undefined || hidden.has(state.key)) return undefined;
  return tooltipLine({ name: row.name, text: state.text, color: state.color, isFocused });
}

/** Returns the index of the row that is drawn at a vertical position in the plot. */
const rowAt = (plot: uPlot, top: number, rows: number): number =>
  Math.max(0, Math.min(rows - 1, Math.floor((top / Math.max(1, plot.over.clientHeight)) * rows)));

function contents(plot: uPlot, moment: TimelineMoment, isMulti: boolean): readonly HTMLElement[] {
  const { left = -1, top = -1 } = plot.cursor;
  const { plan, context } = moment;
  const time = plot.posToVal(left, "x");
  const focused = rowAt(plot, Math.max(0, top), plan.rows.length);
  const indexes = isMulti ? plan.rows.keys() : [focused].values();
  const lines: HTMLElement[] = [];
  let more = 0;
  for (const index of indexes) {
    const made = line(moment, index, time, isMulti && index === focused);
    if (made === undefined) continue;
    if (lines.length < MAX_ROWS) lines.push(made);
    else more++;
  }
  if (lines.length === 0) return [];
  const nodes = [tooltipHead(formatTime(time, context.zone, format)), tooltipLines(lines)];
  if (more > 0) nodes.push(tooltipNote(`${more} more`));
  const row = plan.rows[focused];
  const at = isMulti || row === undefined ? -1 : spanAt(row, time);
  if (at >= 0) {
    const [from, to] = [row!.starts[at]!, row!.ends[at]!];
    const span = `${formatTime(from, context.zone, format)} – ${formatTime(to, context.zone, format)}`;
    nodes.push(tooltipNote(`${span} (${joinFormatted(duration(to - from))})`));
  }
  return nodes;
}

/** uPlot plugin with a tooltip for the state under the pointer, or for the states of all rows. */
export function stateTooltip({ tooltipMode }: TimelineSettings, now: () => TimelineMoment): uPlot.Plugin {
  const box = new TooltipBox();
  const update = (plot: uPlot): void => {
    const moment = now();
    const pointer = pointerOf(plot, moment.context.isTooltipShared);
    const nodes = pointer === undefined ? [] : contents(plot, moment, tooltipMode === "multi" || !pointer.isOwn);
    box.show(plot, nodes);
  };
  return { hooks: { init: () => box.attach(), destroy: () => box.remove(), setCursor: update } };
}
