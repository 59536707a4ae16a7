import { civilTime } from "@narthex/dashboards";
import type { DashboardStore } from "../dashboards/dashboard-store.ts";
import { nextTime, previousTime } from "./schedule/occurrences.ts";
import type { Schedule } from "./schedule/schedule.ts";
import type { Report } from "./report.ts";
import type { ReportRuns } from "./report-runs.ts";

interface ViewOptions {
  readonly dashboards: Pick<DashboardStore, "byUid">;
  readonly runs: ReportRuns;
  readonly now: number;
  /** Login of the account whose rights the report has; empty if it was removed. */
  readonly login: string;
}

/** Returns a report in the format of Grafana's API, with the next and the last sending in `narthex`. */
export function reportView(report: Report, { dashboards, runs, now, login }: ViewOptions): object {
  const { id, userId, name, message, recipients, replyTo, schedule, layout, hasLinks, formats } = report;
  const next = report.state === "scheduled" ? nextTime(schedule, now) : undefined;
  const lastRun = runs.of(id)[0];
  return {
    id,
    userId,
    orgId: 1,
    name,
    subject: report.subject,
    recipients: recipients.join(","),
    replyTo,
    message,
    schedule: scheduleView(schedule),
    options: { orientation: layout.orientation, layout: "grid", theme: layout.theme },
    scaleFactor: layout.scale,
    enableDashboardUrl: hasLinks,
    state: shownState(report, now),
    dashboards: report.dashboards.map(({ uid, from, to, variables }) => {
      const record = dashboards.byUid(uid);
      return {
        dashboard: { id: record?.id ?? 0, uid, name: record?.title ?? "" },
        timeRange: { from, to },
        reportVariables: variables,
      };
    }),
    formats,
    created: new Date(report.created).toISOString(),
    updated: new Date(report.updated).toISOString(),
    narthex: {
      login,
      notice: report.notice,
      ...(next !== undefined && { nextRun: new Date(next).toISOString() }),
      ...(lastRun !== undefined && { lastRun }),
    },
  };
}

/** Returns the state that lists show: a schedule without a next time has expired, or never had one. */
function shownState({ state, schedule }: Report, now: number): string {
  if (state !== "scheduled") return state;
  if (schedule.frequency === "never") return "never";
  return nextTime(schedule, now) === undefined && previousTime(schedule, now) !== undefined ? "expired" : state;
}

function scheduleView({ frequency, start, end, zone, interval, isWorkdaysOnly, dayOfMonth }: Schedule): object {
  return {
    startDate: frequency === "never" && start === 0 ? null : new Date(start).toISOString(),
    endDate: end === undefined ? null : new Date(end).toISOString(),
    frequency,
    intervalFrequency: interval?.unit ?? "",
    intervalAmount: interval?.amount ?? 0,
    workdaysOnly: isWorkdaysOnly,
    dayOfMonth: frequency === "monthly" ? String(dayOfMonth ?? civilTime(start, zone).day) : "",
    timeZone: zone,
  };
}
