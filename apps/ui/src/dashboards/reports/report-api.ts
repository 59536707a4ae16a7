import { fetchJson } from "../../api/request.ts";
import { rootPath } from "../../api/root-path.ts";

export type Frequency = "once" | "hourly" | "daily" | "weekly" | "monthly" | "last" | "custom" | "never";

/** A report in the format of the server's API. */
export interface SavedReport {
  readonly name: string;
  readonly subject: string;
  /** Addresses, separated by commas. */
  readonly recipients: string;
  readonly replyTo: string;
  readonly message: string;
  readonly state: string;
  readonly schedule: {
    readonly startDate: string | null;
    readonly endDate: string | null;
    readonly frequency: Frequency;
    readonly intervalFrequency: string;
    readonly intervalAmount: number;
    readonly workdaysOnly: boolean;
    readonly timeZone: string;
  };
  readonly options: { readonly orientation: string; readonly theme: string };
  readonly enableDashboardUrl: boolean;
  readonly dashboards: readonly ReportedDashboard[];
  readonly formats: readonly string[];
}

export interface ReportedDashboard {
  readonly dashboard: { readonly uid: string; readonly name?: string };
  readonly timeRange: { readonly from: string; readonly to: string };
  readonly reportVariables: Readonly<Record<string, string | readonly string[]>>;
}

/** A report in a list, with its state. */
export interface ListedReport extends SavedReport {
  readonly id: number;
  readonly narthex: {
    /** Login of the user whose rights the report has; empty if the user was removed. */
    readonly login: string;
    /** Why the server has paused the report. */
    readonly notice: string;
    readonly nextRun?: string;
    readonly lastRun?: ReportRun;
  };
}

export interface ReportRun {
  readonly status: "sent" | "failed" | "missed";
  /** Unix ms. */
  readonly due: number;
  readonly seconds: number;
  readonly bytes: number;
  readonly attempts: number;
  readonly error: string;
}

export const reportsKey = ["reports"] as const;

const url = `${rootPath}/api/reports`;

export const fetchReports = (signal: AbortSignal): Promise<readonly ListedReport[]> => fetchJson(url, { signal });

/** @throws {ApiError} with status 404 if there is no such report */
export const fetchReport = (id: string, signal: AbortSignal): Promise<ListedReport> =>
  fetchJson(`${url}/${encodeURIComponent(id)}`, { signal });

export const fetchRuns = (id: string, signal: AbortSignal): Promise<{ readonly runs: readonly ReportRun[] }> =>
  fetchJson(`${rootPath}/api/narthex/reports/${encodeURIComponent(id)}/runs`, { signal });

/** Creates a report, or changes the report with the id. */
export const saveReport = (id: string | undefined, report: SavedReport): Promise<unknown> =>
  id === undefined
    ? fetchJson(url, { method: "POST", json: report })
    : fetchJson(`${url}/${encodeURIComponent(id)}`, { method: "PUT", json: report });

export const deleteReport = (id: number): Promise<unknown> => fetchJson(`${url}/${id}`, { method: "DELETE" });

/** Sends a saved report to its recipients now. */
export const sendReport = (id: number): Promise<unknown> =>
  fetchJson(`${url}/email`, { method: "POST", json: { id: String(id), useEmailsFromReport: true } });

/** Sends a report that need not be saved. */
export const sendTestMail = (report: SavedReport): Promise<unknown> =>
  fetchJson(`${url}/test-email`, { method: "POST", json: report });

/** Returns the address of the PDF of a report's first dashboard. */
export function pdfAddress({ dashboards, options, schedule }: SavedReport): string {
  const query = new URLSearchParams({
    dashboards: JSON.stringify(dashboards.slice(0, 1)),
    orientation: options.orientation,
    theme: options.theme,
    timezone: schedule.timeZone,
  });
  return `${url}/render/pdfs?${query}`;
}

/** Returns the address of a picture of a report's first dashboard. */
export function pictureAddress({ dashboards, options, schedule }: SavedReport): string {
  const [first] = dashboards;
  const query = new URLSearchParams({ width: "1200", height: "-1", theme: options.theme, tz: schedule.timeZone });
  const { timeRange, reportVariables, dashboard } = first!;
  if (timeRange.from !== "") {
    query.set("from", timeRange.from);
    query.set("to", timeRange.to);
  }
  for (const [name, values] of Object.entries(reportVariables))
    for (const value of [values].flat()) query.append(name.startsWith("var-") ? name : `var-${name}`, value);
  return `${rootPath}/render/d/${encodeURIComponent(dashboard.uid)}?${query}`;
}
