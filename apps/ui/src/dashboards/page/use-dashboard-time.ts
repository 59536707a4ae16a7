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

/** The time of an open dashboard as its address says it, and what changes it. */
export interface DashboardTime {
  readonly raw: RawTimeRange;
  readonly range: ResolvedTimeRange;
  readonly calendar: CalendarSettings;
  /** How far back the period lies that panels are compared with; empty: they are not. */
  readonly compare: string;
  /** Epoch ms, of the last refresh. */
  readonly now: number;
  /** An IANA name, and as dashboards write it. */
  readonly zone: string;
  readonly zoneName: string;
  readonly refresh: string;
  readonly setRange: (raw: RawTimeRange) => void;
  readonly setCompare: (compare: string) => void;
  readonly setZone: (name: string) => void;
  readonly setRefresh: (interval: string) => void;
  readonly refreshNow: () => void;
}

/** The times of a range; an end that is now lies behind it by the dashboard's delay. */
function rangeNow(raw: RawTimeRange, delay: string, calendar: CalendarSettings): ResolvedTimeRange | undefined {
  const isDelayed = raw.to.trim() === "now" && /^\d+[smhd]$/.test(delay);
  return (
    (isDelayed ? resolveTimeRange({ ...raw, to: `now-${delay}` }, calendar) : undefined) ??
    resolveTimeRange(raw, calendar)
  );
}

/** The time of a dashboard. A range that means none is the last six hours. */
export function useDashboardTime(dashboard: Dashboard): DashboardTime {
  const [params, setParams] = useSearchParams();
  const [now, setNow] = useState(nowMs);
  const zoneName = params.get("timezone") ?? dashboard.timezone;
  // The reader's zone and first day of the week may change while the dashboard is open.
  usePreferences();
  const zone = shownTimeZone(zoneName);
  const compare = params.get("compare") ?? "";
  const { from, to } = rangeFromUrl(params) ?? dashboard.time;
  const { fiscalYearStartMonth, nowDelay } = dashboard;
  const weekStart = firstDayOfWeek(dashboard.weekStart);
  const time = useMemo(() => {
    const calendar = { now, zone, fiscalYearStartMonth, weekStart };
    const raw: RawTimeRange = { from, to };
    const range = rangeNow(raw, nowDelay, calendar);
    return range === undefined
      ? { raw: USUAL_RANGE, range: resolveTimeRange(USUAL_RANGE, calendar)!, calendar }
      : { raw, range, calendar };
  }, [now, zone, from, to, fiscalYearStartMonth, nowDelay, weekStart]);
  const change = useCallback(
    (values: Readonly<Record<string, string>>): void => {
      // Another range is one of this moment; a zone or an interval asks for nothing new.
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
