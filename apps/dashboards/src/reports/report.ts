import type { Schedule } from "./schedule/schedule.ts";

/** A report: dashboards that are sent by mail on a schedule. */
export interface Report {
  readonly id: number;
  /** Id of the account that saved the report last. The report is rendered with the rights of this account. */
  readonly userId: number;
  readonly name: string;
  /** Subject of the mail; empty for the name. */
  readonly subject: string;
  readonly message: string;
  readonly recipients: readonly string[];
  readonly replyTo: string;
  readonly schedule: Schedule;
  readonly dashboards: readonly ReportedDashboard[];
  readonly formats: readonly ReportFormat[];
  readonly layout: ReportLayout;
  /** Whether the mail contains links to the dashboards. */
  readonly hasLinks: boolean;
  readonly state: ReportState;
  /** Why the server has paused the report; empty if it has not. */
  readonly notice: string;
  /** Unix ms. */
  readonly created: number;
  readonly updated: number;
}

/** The properties of a report that a request or form sets. */
export type ReportDraft = Omit<Report, "id" | "userId" | "notice" | "created" | "updated">;

export interface ReportedDashboard {
  readonly uid: string;
  /** Time range, such as `now-24h`; empty for that of the dashboard. */
  readonly from: string;
  readonly to: string;
  /** Values of variables by name. Other variables keep the values that are saved with the dashboard. */
  readonly variables: Readonly<Record<string, readonly string[]>>;
}

/** `pdf` attaches a document; `image` shows a picture in the mail. */
export type ReportFormat = "pdf" | "image";
export type ReportState = "scheduled" | "paused" | "draft";

export interface ReportLayout {
  readonly orientation: "portrait" | "landscape";
  readonly theme: "light" | "dark";
  /** Pixels of a picture for each pixel of the page. */
  readonly scale: number;
}
