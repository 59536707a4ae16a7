import { formatTime, joinFormatted, unitFormatter } from "@narthex/dashboards";
import type uPlot from "uplot";
import { classesOf } from "../../../shell/style-sheet.ts";
import { putBeside } from "../../plot/tooltip.ts";
import styles from "../../plot/tooltip.module.css";
import { spanAt } from "./state-rows.ts";
import type { TimelineMoment, TimelineSettings } from "./timeline-plot.ts";

const css = classesOf(styles);

const MAX_ROWS = 22;
const format = "YYYY-MM-DD HH:mm:ss";
const duration = unitFormatter("ms");

const node = (className: string, text = ""): HTMLElement => {
  const made = document.createElement("div");
  made.className = className;
  made.textContent = text;
  return made;
};

/** What the tooltip says of a row at a time; undefined where the row is in no state. */
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
  const swatch = node(css("swatch"));
  swatch.style.background = state.color;
  const made = node(isFocused ? css("row", "focused") : css("row"));
  made.append(swatch, node(css("name"), row.name), node(css("value"), state.text));
  return made;
}

/** Which row the pointer is on, by uPlot's place of it. */
const rowAt = (plot: uPlot, top: number, rows: number): number =>
  Math.max(0, Math.min(rows - 1, Math.floor((top / Math.max(1, plot.over.clientHeight)) * rows)));

function fill(box: HTMLElement, plot: uPlot, moment: TimelineMoment, isMulti: boolean): boolean {
  const { left = -1, top = -1 } = plot.cursor;
  const { plan, context } = moment;
  const time = plot.posToVal(left, "x");
  const focused = rowAt(plot, Math.max(0, top), plan.rows.length);
  const indexes = isMulti ? plan.rows.keys() : [focused].values();
  const list = node(css("rows"));
  let more = 0;
  for (const index of indexes) {
    const made = line(moment, index, time, isMulti && index === focused);
    if (made === undefined) continue;
    if (list.childElementCount < MAX_ROWS) list.append(made);
    else more++;
  }
  if (list.childElementCount === 0) return false;
  box.replaceChildren(node(css("time"), formatTime(time, context.zone, format)), list);
  if (more > 0) box.append(node(css("more"), `${more} more`));
  const row = plan.rows[focused];
  const at = isMulti || row === undefined ? -1 : spanAt(row, time);
  if (at >= 0) {
    const [from, to] = [row!.starts[at]!, row!.ends[at]!];
    const span = `${formatTime(from, context.zone, format)} – ${formatTime(to, context.zone, format)}`;
    box.append(node(css("more"), `${span} (${joinFormatted(duration(to - from))})`));
  }
  return true;
}

/** The state at the pointer, since when and until when; or, of all rows, what each is in. */
export function stateTooltip({ tooltipMode }: TimelineSettings, now: () => TimelineMoment): uPlot.Plugin {
  const box = node(css("tooltip"));
  box.setAttribute("role", "status");
  box.hidden = true;
  const place = (plot: uPlot): void => {
    const { left = -1, top = -1 } = plot.cursor;
    const isOwn = plot.cursor.event != null;
    const moment = now();
    const isShown = left >= 0 && (isOwn || moment.context.isTooltipShared);
    if (!isShown || !fill(box, plot, moment, tooltipMode === "multi" || !isOwn)) {
      box.hidden = true;
      return;
    }
    box.hidden = false;
    const over = plot.over.getBoundingClientRect();
    putBeside(box, over.left + left, over.top + Math.max(0, top));
  };
  return {
    hooks: { init: () => document.body.append(box), destroy: () => box.remove(), setCursor: place },
  };
}
