import { useMediaQuery } from "@mantine/hooks";
import type { Panel } from "../query-link/panel.ts";
import { shownTimeZone, useTimeZone } from "../shell/time-zone.ts";
import { firstDayOfWeek } from "../shell/week-start.ts";
import { nowMs } from "../time/browser-clock.ts";
import { defaultTimeRange, rangeOfRaw, rawOf } from "../time/time-range.ts";
import { useTimeRange } from "../time/time-range-context.ts";
import { TimeRangePicker } from "../time-controls/TimeRangePicker.tsx";

/** The time range of a query, and the earlier period with which its graph is compared. */
export function QueryTime({
  panel,
  isFitted,
  hasKeys,
  onChange,
}: {
  panel: Panel;
  /** Whether the range is shorter than usual, because there is no older data. */
  isFitted: boolean;
  /** Whether keys change the range. Only one query of a page has keys. */
  hasKeys: boolean;
  onChange: (change: Partial<Panel>) => void;
}) {
  const { spanNow } = useTimeRange();
  // Draws the component again when the user's time zone changes.
  useTimeZone();
  const isNarrow = useMediaQuery("(max-width: 48em)");
  return (
    <TimeRangePicker
      raw={rawOf(panel)}
      wholeRange={isFitted ? rawOf(defaultTimeRange) : undefined}
      range={spanNow()}
      zone={panel.zone}
      hasKeys={hasKeys}
      isCompact={isNarrow === true}
      compare={panel.compare}
      onChange={(raw) =>
        onChange(rangeOfRaw(raw, { now: nowMs(), zone: shownTimeZone(panel.zone), weekStart: firstDayOfWeek() }))
      }
      onCompare={(compare) => onChange({ compare })}
      onZone={() => {
        // The picker has stored the zone for all pages, so the query needs none of its own.
        if (panel.zone !== "") onChange({ zone: "" });
      }}
    />
  );
}
