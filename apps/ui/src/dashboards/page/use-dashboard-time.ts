import {
  type CalendarSettings,
  type Dashboard,
  isEarlierPeriod,
  rangeFromUrl,
  type RawTimeRange,
  type ResolvedTimeRange,
  resolveTimeRange,
} from "@narthex/dashboards";
import { useCallback, useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import { usePreferences } from "../../shell/preferences.ts";
import { shownTimeZone } from "../../shell/time-zone.ts";
import { firstDayOfWeek } from "../../shell/week-start.ts";
import { nowMs } from "../../time/browser-clock.ts";

const USUAL_RANGE: RawTimeRange = { from: "now-6h", to: "now" };

/** Time settings of an open dashboard, which are stored in the URL, and functions to change them. */
export interface DashboardTime {
  /** The time range in the URL, otherwise the dashboard's own range. */
  readonly raw: RawTimeRange;
  /** The time range that is shown: `raw`, or a shorter one while there is not enough data. */
  readonly shown: RawTimeRange;
  readonly range: ResolvedTimeRange;
  readonly calendar: CalendarSettings;
  /** How far back the compared time range is, such as `1d`. Empty for no comparison. */
  readonly compare: string;
  /** Time of the last refresh, epoch ms. */
  readonly now: number;
  /** IANA name of the time zone. `zoneName` is the name in the dashboard, such as `browser`. */
  readonly zone: string;
  readonly zoneName: string;
  readonly refresh: string;
  readonly setRange: (raw: RawTimeRange) => void;
  readonly setCompare: (compare: string) => void;
  readonly setZone: (name: string) => void;
  readonly setRefresh: (interval: string) => void;
  readonly refreshNow: () => void;
}

/**
 * Resolves a time range to absolute times. The end of a range that ends at `now` is earlier by the dashboard's delay.
 */
function rangeNow(raw: RawTimeRange, delay: string, calendar: CalendarSettings): ResolvedTimeRange | undefined {
  const isDelayed = raw.to.trim() === "now" && /^\d+[smhd]$/.test(delay);
  return (
    (isDelayed ? resolveTimeRange({ ...raw, to: `now-${delay}` }, calendar) : undefined) ??
    resolveTimeRange(raw, calendar)
  );
}

/** Reports whether the URL of a dashboard has a time range. */
export const hasRange = (params: URLSearchParams): boolean => rangeFromUrl(params) !== undefined;

/**
 * Returns the time settings of a dashboard. An invalid range is replaced by the last six hours.
 * @param fittedSpan length of the shown time range, such as `5m`, if the URL has no range; if undefined, the
 * dashboard's own range
 */
export function useDashboardTime(dashboard: Dashboard, fittedSpan: string | undefined): DashboardTime {
  const [params, setParams] = useSearchParams();
  const [now, setNow] = useState(nowMs);
  const zoneName = params.get("timezone") ?? dashboard.timezone;
  // Subscribes to the user's preferences: the time zone and the first day of the week may change while the dashboard is
  // open.
  usePreferences();
  const zone = shownTimeZone(zoneName);
  const compare = params.get("compare") ?? "";
  const { from, to } = rangeFromUrl(params) ?? dashboard.time;
  const { fiscalYearStartMonth, nowDelay } = dashboard;
  const weekStart = firstDayOfWeek(dashboard.weekStart);
  const time = useMemo(() => {
    const calendar = { now, zone, fiscalYearStartMonth, weekStart };
    const raw: RawTimeRange = { from, to };
    const shown = fittedSpan === undefined ? raw : { from: `now-${fittedSpan}`, to };
    const range = rangeNow(shown, nowDelay, calendar);
    return range === undefined
      ? { raw: USUAL_RANGE, shown: USUAL_RANGE, range: resolveTimeRange(USUAL_RANGE, calendar)!, calendar }
      : { raw, shown, range, calendar };
  }, [now, zone, from, to, fittedSpan, fiscalYearStartMonth, nowDelay, weekStart]);
  const change = useCallback(
    (values: Readonly<Record<string, string>>): void => {
      // Only a new time range is resolved from the current time. Other changes, such as of the time zone or the refresh
      // interval, keep the time of the last refresh and therefore send no request.
      if ("from" in values) setNow(nowMs());
      setParams((before) => {
        const next = new URLSearchParams(before);
        for (const name of ["time", "time.window"]) if ("from" in values) next.delete(name);
        for (const [name, value] of Object.entries(values)) {
          if (name === "compare" && value === "") next.delete(name);
          else next.set(name, value);
        }
        return next;
      });
    },
    [setParams],
  );
  return {
    ...time,
    compare: isEarlierPeriod(compare) ? compare : "",
    now,
    zone,
    zoneName,
    refresh: params.get("refresh") ?? dashboard.refresh,
    setRange: useCallback((raw) => change({ ...raw }), [change]),
    setCompare: (distance) => change({ compare: distance }),
    setZone: (timezone) => change({ timezone }),
    setRefresh: (refresh) => change({ refresh }),
    refreshNow: useCallback(() => setNow(nowMs()), []),
  };
}
