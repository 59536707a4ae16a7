import { useMediaQuery } from "@mantine/hooks";
import type { RawTimeRange } from "@narthex/dashboards";
import { useQuery } from "@tanstack/react-query";
import type { Panel } from "../query-link/panel.ts";
import { useTimeZone } from "../shell/time-zone.ts";
import { firstDayOfWeek } from "../shell/week-start.ts";
import { nowMs } from "../time/browser-clock.ts";
import { defaultTimeRange, rawOf } from "../time/time-range.ts";
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
  const zone = useTimeZone();
  const { data: moving } = useQuery({
    queryKey: ["span", panel.raw, zone],
    queryFn: spanNow,
    enabled: panel.raw !== null,
    gcTime: 0,
  });
  const to = panel.endMs ?? nowMs();
  const change = async (raw: RawTimeRange): Promise<void> => {
    const { rangeOfRaw } = await import("../time/raw-range.ts");
    onChange(rangeOfRaw(raw, { now: nowMs(), zone, weekStart: firstDayOfWeek() }));
  };
  const isNarrow = useMediaQuery("(max-width: 48em)");
  return (
    <TimeRangePicker
      raw={rawOf(panel)}
      wholeRange={isFitted ? rawOf(defaultTimeRange) : undefined}
      range={(panel.raw === null ? undefined : moving) ?? { from: to - panel.rangeMs, to }}
      zone={panel.zone}
      hasKeys={hasKeys}
      isCompact={isNarrow}
      compare={panel.compare}
      onChange={(raw) => void change(raw)}
      onCompare={(compare) => onChange({ compare })}
      onZone={() => {
        // The picker has stored the zone for all pages, so the query needs none of its own.
        if (panel.zone !== "") onChange({ zone: "" });
      }}
    />
  );
}
