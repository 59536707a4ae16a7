import { IconAlertCircle, IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { memo } from "react";
import { classesOf } from "../../../shell/style-sheet.ts";
import type { PathPart } from "./critical-path.ts";
import { durationText } from "./duration-text.ts";
import type { TraceSpan } from "./read-trace.ts";
import { percentOf, type ViewRange } from "./time-ticks.ts";
import styles from "./SpanRow.module.css";

const css = classesOf(styles);

/** Indentation of a level and its maximum, CSS pixels. Deeper levels are not indented further. */
const INDENT_PX = 12;
const MAX_INDENT_PX = 144;

interface SpanRowProps {
  readonly domId: string;
  readonly span: TraceSpan;
  readonly at: number;
  /** Start of the trace, epoch ms. */
  readonly traceStart: number;
  readonly isActive: boolean;
  readonly isOpen: boolean;
  readonly isCollapsed: boolean;
  readonly isDimmed: boolean;
  readonly range: ViewRange;
  readonly path: readonly PathPart[] | undefined;
  readonly color: string;
  /** Text next to the bar. */
  readonly barText: string;
}

/** A span of the tree: its service and operation, and a bar at its time. */
export const SpanRow = memo(function SpanRow(props: SpanRowProps) {
  const { domId, span, at, isActive, isOpen, isCollapsed, isDimmed, color } = props;
  const isParent = span.end > at + 1;
  const Icon = isCollapsed ? IconChevronRight : IconChevronDown;
  return (
    <div
      id={domId}
      role="treeitem"
      aria-level={span.depth + 1}
      aria-posinset={span.position}
      aria-setsize={span.siblings}
      aria-selected={isOpen}
      {...(isParent ? { "aria-expanded": !isCollapsed } : {})}
      aria-label={`${span.service} ${span.name}, ${durationText(span.duration)}${span.isError ? ", error" : ""}`}
      className={css("row")}
      data-active={isActive}
      data-open={isOpen}
      data-dimmed={isDimmed}
      data-at={at}
      tabIndex={-1}
    >
      <span
        className={css("name")}
        style={{ paddingLeft: 4 + Math.min(MAX_INDENT_PX, span.depth * INDENT_PX) }}
        title={`${span.service} ${span.name}`}
      >
        <span className={css("fold")} data-fold={isParent ? true : undefined} aria-hidden>
          {isParent && <Icon size={14} />}
        </span>
        <span className={css("service")} style={{ borderColor: color }}>
          {span.service}
        </span>
        {span.isError && <IconAlertCircle size={14} className={css("error")} aria-hidden />}
        <span className={css("operation")}>{span.name}</span>
      </span>
      <SpanBar {...props} />
    </div>
  );
});

function SpanBar({ span, traceStart, range, color, path, barText }: SpanRowProps) {
  const left = percentOf(span.start - traceStart, range);
  const right = percentOf(span.start + span.duration - traceStart, range);
  const isRightHalf = left > 60;
  return (
    <span className={css("times")} aria-hidden>
      <span className={css("bar")} style={{ left: `${left}%`, width: `${right - left}%`, background: color }} />
      {path?.map(([from, to], index) => {
        const start = percentOf(from - traceStart, range);
        return (
          <span
            key={index}
            className={css("path")}
            style={{ left: `${start}%`, width: `${percentOf(to - traceStart, range) - start}%` }}
          />
        );
      })}
      <span
        className={css("duration")}
        style={
          isRightHalf
            ? { right: `${Math.min(100, Math.max(0, 100 - left))}%`, paddingRight: 4 }
            : { left: `${Math.min(Math.max(0, right), 82)}%`, paddingLeft: 4 }
        }
      >
        {barText}
      </span>
    </span>
  );
}
