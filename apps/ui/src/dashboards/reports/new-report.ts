import { browserTimeZone, civilTime, epochOf, weekdayOf } from "@narthex/dashboards/time";
import type { SavedReport } from "./report-api.ts";

/** Returns a report with usual values: each Monday at 9:00 of the browser's zone. */
export function newReport(params: URLSearchParams, nowMs: number): SavedReport {
  const timeZone = browserTimeZone();
  const now = civilTime(nowMs, timeZone);
  const monday = {
    ...now,
    day: now.day + ((8 - weekdayOf(now)) % 7 || 7),
    hour: 9,
    minute: 0,
    second: 0,
    millisecond: 0,
  };
  const uid = params.get("dashboard") ?? "";
  return {
    name: params.get("name") ?? "",
    subject: "",
    recipients: "",
    replyTo: "",
    message: "",
    state: "scheduled",
    schedule: {
      startDate: new Date(epochOf(monday, timeZone)).toISOString(),
      endDate: null,
      frequency: "weekly",
      intervalFrequency: "days",
      intervalAmount: 1,
      workdaysOnly: false,
      timeZone,
    },
    options: { orientation: "landscape", theme: "light" },
    enableDashboardUrl: true,
    dashboards: [
      {
        dashboard: { uid },
        timeRange: { from: params.get("from") ?? "", to: params.get("to") ?? "" },
        reportVariables: variablesIn(params),
      },
    ],
    formats: ["pdf"],
  };
}

/** Returns the values of variables in the parameters of a dashboard's URL. */
function variablesIn(params: URLSearchParams): Record<string, readonly string[]> {
  const names = [...new Set(params.keys())].filter((name) => name.startsWith("var-"));
  return Object.fromEntries(names.map((name) => [name.slice("var-".length), params.getAll(name)]));
}

/** Returns variables as the query of a URL, which a user can edit: `job=a&job=b`. */
export function variablesText(variables: SavedReport["dashboards"][number]["reportVariables"]): string {
  const query = new URLSearchParams();
  for (const [name, values] of Object.entries(variables))
    for (const value of [values].flat()) query.append(name.replace(/^var-/, ""), value);
  return String(query);
}

/** Parses the text of `variablesText()`. Accepts names with `var-`, as in the URL of a dashboard. */
export function parsedVariables(text: string): Record<string, readonly string[]> {
  const query = new URLSearchParams();
  for (const [name, value] of new URLSearchParams(text.trim().replace(/^\?/, "")))
    if (name !== "") query.append(name.startsWith("var-") ? name : `var-${name}`, value);
  return variablesIn(query);
}

/** Returns a time as the text of an input for local times in a zone: `2026-12-31T09:00`. */
export function localText(time: string | null, zone: string): string {
  const ms = time === null ? NaN : Date.parse(time);
  if (Number.isNaN(ms)) return "";
  const { year, month, day, hour, minute } = civilTime(ms, zone);
  const two = (part: number): string => String(part).padStart(2, "0");
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}`;
}

/** Returns the time for the text of an input for local times in a zone; null for an empty or incomplete text. */
export function timeOfText(text: string, zone: string): string | null {
  const parts = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)/.exec(text)?.slice(1).map(Number);
  if (parts === undefined) return null;
  const [year, month, day, hour, minute] = parts as [number, number, number, number, number];
  return new Date(epochOf({ year, month, day, hour, minute, second: 0, millisecond: 0 }, zone)).toISOString();
}

/** Returns the report with its start and end at the same local times in another zone. */
export function inZone(report: SavedReport, timeZone: string): SavedReport {
  const { schedule } = report;
  const moved = (time: string | null): string | null => timeOfText(localText(time, schedule.timeZone), timeZone);
  return {
    ...report,
    schedule: { ...schedule, timeZone, startDate: moved(schedule.startDate), endDate: moved(schedule.endDate) },
  };
}

const FREQUENCY_WORDS: Readonly<Record<SavedReport["schedule"]["frequency"], string>> = {
  once: "Once",
  hourly: "Every hour",
  daily: "Every day",
  weekly: "Every week",
  monthly: "Every month",
  last: "On the last day of each month",
  custom: "Custom",
  never: "Never",
};

/** Choices for the frequency of a report. */
export const frequencyChoices = Object.entries(FREQUENCY_WORDS).map(([value, label]) => ({ value, label }));

/** Returns the schedule in words: `Every 2 weeks`, `Every day, Monday to Friday`. */
export function scheduleWords({ frequency, intervalAmount, intervalFrequency, workdaysOnly }: SavedReport["schedule"]) {
  const words = frequency === "custom" ? `Every ${intervalAmount} ${intervalFrequency}` : FREQUENCY_WORDS[frequency];
  return workdaysOnly ? `${words}, Monday to Friday` : words;
}
