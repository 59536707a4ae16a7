import { ActionIcon, Button, Popover, Tooltip } from "@mantine/core";
import { IconChevronDown, IconChevronLeft, IconChevronRight, IconClock, IconZoomOut } from "@tabler/icons-react";
import {
  earlierWords,
  quickRanges as usualRanges,
  type QuickRange,
  type RawTimeRange,
  type ResolvedTimeRange,
  resolveTimeZone,
  shiftRange,
  zoomOut,
} from "@narthex/dashboards";
import { Fragment, useState } from "react";
import type { ReactNode } from "react";
import { nowMs } from "../time/browser-clock.ts";
import { classesOf } from "../shell/style-sheet.ts";
import { absoluteRange, rangeInFull, rangeText, zoomIn } from "./range-text.ts";
import { storeRecentRange } from "./recent-ranges.ts";
import { type TimeAction, useTimeKeys } from "./time-keys.ts";
import { chosenZone, utcOffsetText } from "../shell/time-zone.ts";
import { zoneName } from "./time-zones.ts";
import { whenLoaded } from "../shell/when-loaded.tsx";
import styles from "./TimeRangePicker.module.css";

const TimeRangePanel = whenLoaded(
  async () => ({ default: (await import("./TimeRangePanel.tsx")).TimeRangePanel }),
  null,
);

const css = classesOf(styles);

export interface TimeRangePickerProps {
  readonly raw: RawTimeRange;
  /**
   * The full time range, while the dashboard shows a shorter one because there is not enough data yet. Undefined if the
   * full range is shown.
   */
  readonly wholeRange?: RawTimeRange | undefined;
  readonly range: ResolvedTimeRange;
  /** Time zone in the notation of dashboards: `browser`, `utc` or an IANA name. */
  readonly zone: string;
  readonly onChange: (raw: RawTimeRange) => void;
  readonly onZone: (zone: string) => void;
  /** Named ranges that the dashboard offers. If the list is empty, default ranges are offered. */
  readonly quickRanges?: readonly QuickRange[];
  /** Whether the buttons next to the picker are left out, for narrow layouts. */
  readonly isCompact?: boolean;
  /** Whether keys move and zoom the range. Default: true. */
  readonly hasKeys?: boolean;
  /** First day of the week; 0 is Sunday. */
  readonly weekStart?: number;
  /** First month of the fiscal year; 0 is January. */
  readonly fiscalYearStartMonth?: number;
  /** Sets the first month of the fiscal year; undefined if the user cannot change it. */
  readonly onFiscalYear?: (startMonth: number) => void;
  /** How far back the compared time range is, such as `1d`. Empty for no comparison. */
  readonly compare?: string;
  /** Whether a comparison is required, so that the user cannot switch it off. */
  readonly isAlwaysCompared?: boolean;
  /** Changes the compared time range. Undefined if the page cannot compare. */
  readonly onCompare?: (compare: string) => void;
}

/**
 * Returns the time range after a keyboard shortcut moves or zooms it. Undefined if the shortcut does not change the
 * range.
 */
function moved(action: TimeAction, range: ResolvedTimeRange): ResolvedTimeRange | undefined {
  switch (action) {
    case "back":
      return shiftRange(range, -1);
    case "forward":
      return shiftRange(range, 1);
    case "zoomOut":
      return zoomOut(range);
    case "zoomIn":
      return zoomIn(range);
    case "absolute":
      return range;
    default:
      return undefined;
  }
}

const comparedText = (compare = ""): string => (compare === "" ? "" : `vs ${earlierWords(compare)}`);

const growthText = (whole: string | undefined): string =>
  whole === undefined ? "" : `. There is no older data. The range grows with the data to: ${whole}`;

/**
 * The time range of a dashboard: a button that shows the range, and opens all choices. The key `t` followed by another
 * key moves or zooms the range.
 */
export function TimeRangePicker(props: TimeRangePickerProps) {
  const { raw, range, zone, onChange, isCompact = false } = props;
  const quick = props.quickRanges === undefined || props.quickRanges.length === 0 ? usualRanges : props.quickRanges;
  const [isOpen, setOpen] = useState(false);
  const shown = chosenZone(zone);
  const iana = resolveTimeZone(shown);
  const act = (action: TimeAction): void => {
    const next = moved(action, range);
    if (next !== undefined) onChange(absoluteRange(next));
    else if (action === "copy") void copyRange(raw);
    else void pasteRange(iana, onChange);
  };
  useTimeKeys(act, props.hasKeys !== false);
  const choose = (next: RawTimeRange): void => {
    storeRecentRange(next);
    onChange(next);
    setOpen(false);
  };
  const words = rangeText(raw, quick, iana);
  const whole = props.wholeRange === undefined ? undefined : rangeText(props.wholeRange, quick, iana);
  const notes = [
    whole === undefined || isCompact ? "" : "all data so far",
    comparedText(props.compare),
    /^(?:browser)?$/i.test(shown) ? "" : utcOffsetText(shown, range.to),
  ].filter((note) => note !== "");
  return (
    <div className={css("group")} role="group" aria-label="Time range">
      {!isCompact && (
        <Step label="Move back in time" keys="t ←" onClick={() => act("back")}>
          <IconChevronLeft size={16} />
        </Step>
      )}
      <Popover opened={isOpen} onChange={setOpen} position="bottom-end" shadow="md" trapFocus returnFocus>
        <Popover.Target>
          <Button
            className={css("range")}
            variant="default"
            size="xs"
            h={30}
            aria-label={["Time range:", words, ...notes].join(" ")}
            title={`${rangeInFull(range, iana)} (${zoneName(shown)})${growthText(whole)}`}
            leftSection={<IconClock size={15} aria-hidden />}
            rightSection={<IconChevronDown size={14} aria-hidden />}
            onClick={() => setOpen(!isOpen)}
          >
            {words}
            {notes.map((note) => (
              <Fragment key={note}>
                {" "}
                <span className={css("note")} aria-hidden>
                  {note}
                </span>
              </Fragment>
            ))}
          </Button>
        </Popover.Target>
        <Popover.Dropdown p={0} aria-label="Choose the time range">
          <TimeRangePanel {...props} quick={quick} onChoose={choose} />
        </Popover.Dropdown>
      </Popover>
      {!isCompact && (
        <>
          <Step label="Move forward in time" keys="t →" onClick={() => act("forward")}>
            <IconChevronRight size={16} />
          </Step>
          <Step label="Zoom out" keys="t z" onClick={() => act("zoomOut")}>
            <IconZoomOut size={16} />
          </Step>
        </>
      )}
    </div>
  );
}

function Step(props: { label: string; keys: string; onClick: () => void; children: ReactNode }) {
  return (
    <Tooltip label={`${props.label} (${props.keys})`}>
      <ActionIcon variant="default" size={30} aria-label={props.label} onClick={props.onClick}>
        {props.children}
      </ActionIcon>
    </Tooltip>
  );
}

// Copies the time range to the clipboard. Does nothing without access to the clipboard (plain HTTP, or denied by the
// user).
async function copyRange(raw: RawTimeRange): Promise<void> {
  await navigator.clipboard?.writeText(JSON.stringify(raw)).catch(() => undefined);
}

async function pasteRange(zone: string, onChange: (raw: RawTimeRange) => void): Promise<void> {
  const text = await navigator.clipboard?.readText().catch(() => "");
  const { copiedRange } = await import("./typed-range.ts");
  const range = copiedRange(text ?? "", { now: nowMs(), zone });
  if (range !== undefined) onChange(range);
}
