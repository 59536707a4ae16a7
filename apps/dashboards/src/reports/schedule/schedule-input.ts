import { refusal } from "../../web/refusal.ts";
import { type Body, flagAt, numberAt, textAt } from "../../web/request-body.ts";
import { timeZoneIn } from "../../web/time-zone.ts";
import { nextTime } from "./occurrences.ts";
import { type Frequency, type IntervalUnit, MAX_AMOUNT, type Schedule } from "./schedule.ts";

const FREQUENCIES: ReadonlySet<string> = new Set<Frequency>([
  "once",
  "hourly",
  "daily",
  "weekly",
  "monthly",
  "last",
  "custom",
  "never",
]);
const UNITS: ReadonlySet<string> = new Set<IntervalUnit>(["hours", "days", "weeks", "months"]);
const WITH_WORKDAYS: ReadonlySet<Frequency> = new Set<Frequency>(["hourly", "daily", "custom"]);

/**
 * Returns the schedule in the format of Grafana's API. Throws a refusal that names the invalid field.
 * @param isNeeded whether the report is sent on this schedule, so that it needs a start
 */
export function scheduleIn(body: Body, isNeeded: boolean): Schedule {
  const frequency = textAt(body, "frequency") || (isNeeded ? "" : "never");
  if (!FREQUENCIES.has(frequency))
    throw refusal(400, `schedule.frequency: write ${[...FREQUENCIES].slice(0, -1).join(", ")} or never`);
  const zone = timeZoneIn(textAt(body, "timeZone") || "UTC", "schedule.timeZone");
  const start = timeIn(body, "startDate");
  const end = timeIn(body, "endDate");
  if (start === undefined && isNeeded && frequency !== "never")
    throw refusal(400, "schedule.startDate: write a time such as 2026-12-31T09:00:00+01:00");
  const interval = frequency === "custom" ? intervalIn(body) : undefined;
  const dayOfMonth = dayIn(body);
  const schedule: Schedule = {
    frequency: frequency as Frequency,
    start: start ?? 0,
    ...(end !== undefined && { end }),
    zone,
    ...(interval !== undefined && { interval }),
    isWorkdaysOnly: flagAt(body, "workdaysOnly") && WITH_WORKDAYS.has(frequency as Frequency),
    ...(frequency === "monthly" && dayOfMonth !== undefined && { dayOfMonth }),
  };
  if (isNeeded && frequency !== "never" && nextTime(schedule, schedule.start - 1) === undefined)
    throw refusal(400, "schedule: the report would never be sent; check endDate and workdaysOnly");
  return schedule;
}

/** Returns a time of the API, Unix ms; undefined if it is missing, null or Grafana's zero time. */
function timeIn(body: Body, key: string): number | undefined {
  const text = textAt(body, key);
  if (text === "" || text.startsWith("0001-01-01")) return undefined;
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) && text.length <= 40 ? Date.parse(text) : NaN;
  if (Number.isNaN(time))
    throw refusal(
      400,
      `schedule.${key}: ${JSON.stringify(text.slice(0, 40))} is not a time such as 2026-12-31T09:00:00Z`,
    );
  return time;
}

function intervalIn(body: Body): NonNullable<Schedule["interval"]> {
  const amount = numberAt(body, "intervalAmount") ?? 0;
  const unit = textAt(body, "intervalFrequency");
  if (!Number.isInteger(amount) || amount < 1 || amount > MAX_AMOUNT)
    throw refusal(400, `schedule.intervalAmount: write a whole number from 1 to ${MAX_AMOUNT}`);
  if (!UNITS.has(unit)) throw refusal(400, `schedule.intervalFrequency: write ${[...UNITS].join(", ")}`);
  return { amount, unit: unit as IntervalUnit };
}

/** Returns the day of the month, which Grafana's API has as a text; undefined if it is missing. */
function dayIn(body: Body): number | undefined {
  const text = textAt(body, "dayOfMonth");
  if (text === "") return undefined;
  const day = text === "last" ? 31 : Number(text);
  if (!Number.isInteger(day) || day < 1 || day > 31)
    throw refusal(400, "schedule.dayOfMonth: write a number from 1 to 31");
  return day;
}
