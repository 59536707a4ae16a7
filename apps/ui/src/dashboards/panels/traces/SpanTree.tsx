import { type KeyboardEvent, memo, type RefObject, useEffect, useId, useMemo, useRef, useState } from "react";
import { classesOf } from "../../../shell/style-sheet.ts";
import type { PathPart } from "./critical-path.ts";
import { durationText } from "./duration-text.ts";
import type { Trace } from "./read-trace.ts";
import { spanBarText } from "./span-bar-text.ts";
import { SpanRow } from "./SpanRow.tsx";
import { timeTicks, type ViewRange } from "./time-ticks.ts";
import styles from "./SpanTree.module.css";

const css = classesOf(styles);

/** Height of a row, CSS pixels. */
const ROW_PX = 24;
/** Number of rows that are rendered above and below the visible ones. */
const OVERSCAN = 8;

interface SpanTreeProps {
  readonly trace: Trace;
  /** Positions of the spans that are listed. */
  readonly visible: readonly number[];
  readonly collapsed: ReadonlySet<string>;
  readonly onCollapse: (ids: readonly string[], isCollapsed: boolean) => void;
  /** Position of the active span, which the keyboard moves. -1 without an active span. */
  readonly active: number;
  readonly onActive: (at: number) => void;
  /** Position of the span whose details are open. */
  readonly opened: number | undefined;
  readonly onOpen: (at: number | undefined) => void;
  /** Positions of the spans that match the search; undefined without a search. */
  readonly matches: ReadonlySet<number> | undefined;
  readonly range: ViewRange;
  readonly path: ReadonlyMap<number, readonly PathPart[]>;
  readonly colorOf: (service: string) => string;
  /** Size of the panel, CSS pixels. */
  readonly width: number;
  readonly height: number;
}

/**
 * The spans as a tree with their times. Only the rows near the visible area are rendered. The arrow keys move, expand
 * and collapse, Enter opens the details.
 */
export const SpanTree = memo(function SpanTree(props: SpanTreeProps) {
  const { trace, visible, active, opened, range, width, height, collapsed } = props;
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const first = Math.max(0, Math.floor(top / ROW_PX) - OVERSCAN);
  const last = Math.min(visible.length, Math.ceil((top + height) / ROW_PX) + OVERSCAN);
  const barText = useMemo(() => spanBarText(trace.frame), [trace]);
  useShownRow(scroller, visible.indexOf(active));
  return (
    <>
      <div className={css("axis")} aria-hidden>
        <span className={css("corner")}>Service and operation</span>
        <span className={css("ticks")}>
          {timeTicks(range, width < 600 ? 2 : 4).map((time, at, { length }) => (
            <span key={at} style={{ left: `${(at / (length - 1)) * 100}%` }} data-last={at === length - 1}>
              {durationText(time)}
            </span>
          ))}
        </span>
      </div>
      <div
        ref={scroller}
        role="tree"
        tabIndex={0}
        aria-label="Spans"
        aria-activedescendant={active >= 0 ? `${id}-${active}` : undefined}
        className={css("tree")}
        onScroll={({ currentTarget }) => setTop(currentTarget.scrollTop)}
        onKeyDown={(event) => onKey(event, props)}
        onClick={({ target }) => target instanceof Element && onClick(target, props)}
      >
        <div role="none" style={{ height: visible.length * ROW_PX, paddingTop: first * ROW_PX }}>
          {visible.slice(first, last).map((at) => (
            <SpanRow
              key={at}
              domId={`${id}-${at}`}
              span={trace.spans[at]!}
              at={at}
              traceStart={trace.start}
              isActive={at === active}
              isOpen={at === opened}
              isCollapsed={collapsed.has(trace.spans[at]!.id)}
              isDimmed={props.matches !== undefined && !props.matches.has(at)}
              range={range}
              path={props.path.get(at)}
              color={props.colorOf(trace.spans[at]!.service)}
              barText={barText(trace.spans[at]!)}
            />
          ))}
        </div>
      </div>
    </>
  );
});

/** Scrolls so that the row of the active span is visible. */
function useShownRow(scroller: RefObject<HTMLElement | null>, row: number): void {
  useEffect(() => {
    const element = scroller.current;
    if (element === null || row < 0) return;
    const top = row * ROW_PX;
    if (top < element.scrollTop) element.scrollTo({ top });
    else if (top + ROW_PX > element.scrollTop + element.clientHeight)
      element.scrollTo({ top: top + ROW_PX - element.clientHeight });
  }, [scroller, row]);
}

/** Opens or closes the details of the span under the pointer, or its children if the pointer is on the arrow. */
function onClick(target: Element, { trace, collapsed, opened, onActive, onCollapse, onOpen }: SpanTreeProps): void {
  const row = target.closest<HTMLElement>("[data-at]");
  const at = Number(row?.dataset["at"] ?? Number.NaN);
  const span = trace.spans[at];
  if (span === undefined) return;
  onActive(at);
  if (target.closest("[data-fold]") !== null) onCollapse([span.id], !collapsed.has(span.id));
  else onOpen(opened === at ? undefined : at);
}

const MOVES: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: 10,
  PageUp: -10,
  Home: -Infinity,
  End: Infinity,
};

function onKey(event: KeyboardEvent, props: SpanTreeProps): void {
  const { trace, visible, active, collapsed, onActive, onCollapse, opened, onOpen } = props;
  const row = visible.indexOf(active);
  const move = MOVES[event.key];
  if (move !== undefined) {
    event.preventDefault();
    const next = visible[Math.min(visible.length - 1, Math.max(0, row + move))];
    if (next !== undefined) onActive(next);
    return;
  }
  const span = trace.spans[active];
  if (span === undefined) return;
  const isParent = span.end > active + 1;
  if (event.key === "ArrowRight") {
    if (isParent && collapsed.has(span.id)) onCollapse([span.id], false);
    else if (isParent && visible[row + 1] !== undefined) onActive(visible[row + 1]!);
  } else if (event.key === "ArrowLeft") {
    if (isParent && !collapsed.has(span.id)) onCollapse([span.id], true);
    else if (span.parent >= 0) onActive(span.parent);
  } else if (event.key === "*") {
    const siblings = trace.spans.filter(({ parent, end }, at) => parent === span.parent && end > at + 1);
    onCollapse(
      siblings.map(({ id }) => id),
      false,
    );
  } else if (event.key === "Enter" || event.key === " ") onOpen(opened === active ? undefined : active);
  else return;
  event.preventDefault();
}
