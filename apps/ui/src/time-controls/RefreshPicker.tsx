import { ActionIcon, NativeSelect, Tooltip } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { formatInterval, type ResolvedTimeRange } from "@narthex/dashboards";
import { pageSettings } from "../api/page-settings.ts";
import { classesOf } from "../shell/style-sheet.ts";
import { AUTO_INTERVAL, offeredIntervals, refreshEvery, useAutoRefresh } from "./auto-refresh.ts";
import styles from "./RefreshPicker.module.css";

const css = classesOf(styles);

interface RefreshPickerProps {
  /** The selected interval: a duration, `auto`, or "" for none. */
  readonly interval: string;
  /** Intervals that the dashboard offers. If the list is empty, default intervals are offered. */
  readonly intervals: readonly string[];
  readonly isLoading: boolean;
  readonly onRefresh: () => void;
  /** Called when an automatic refresh is due. Default: `onRefresh`. */
  readonly onDue?: () => void;
  readonly onInterval: (interval: string) => void;
  /** Time range of the dashboard, from which the interval `auto` is computed. */
  readonly range: ResolvedTimeRange;
  readonly minMs?: number;
  /** Hides the control; the dashboard still refreshes. */
  readonly isHidden?: boolean;
}

/** Refreshes a dashboard at once, or at a selected interval while the page is visible. */
export function RefreshPicker(props: RefreshPickerProps) {
  const { interval, intervals, isLoading, onRefresh, onInterval, range, minMs = pageSettings.minRefreshMs } = props;
  const everyMs = refreshEvery(interval, range, minMs);
  // Skips a due refresh while a request is still running.
  useAutoRefresh(everyMs, () => isLoading || (props.onDue ?? onRefresh)());
  if (props.isHidden === true) return null;
  const every = everyMs === null ? "" : `, automatically every ${formatInterval(everyMs)}`;
  return (
    <div className={css("group")} role="group" aria-label="Refresh">
      <Tooltip label={`Refresh now${every}`}>
        <ActionIcon
          className={css("now")}
          variant="default"
          size={30}
          aria-label="Refresh now"
          aria-busy={isLoading}
          onClick={onRefresh}
        >
          <IconRefresh size={16} {...(isLoading ? { className: css("loading") } : {})} />
        </ActionIcon>
      </Tooltip>
      <NativeSelect
        className={css("every")}
        classNames={{ input: css("choice") }}
        size="xs"
        aria-label="Refresh interval"
        value={everyMs === null ? "" : interval}
        data={[
          { value: "", label: "Off" },
          { value: AUTO_INTERVAL, label: "Auto" },
          ...offeredIntervals(intervals, interval, minMs).map((value) => ({ value, label: value })),
        ]}
        onChange={({ currentTarget }) => onInterval(currentTarget.value)}
      />
    </div>
  );
}
