import { flagKinds } from "@narthex/runtime";
import { CommandError, defineCommand } from "../command-line/command.ts";
import { apiMatcher, requiredMatchers } from "./matcher-arguments.ts";
import { goJsonLine } from "./print-answer.ts";
import type { Session } from "./session.ts";
import { userName } from "./user-name.ts";

const flags = {
  interval: flagKinds.list(
    [],
    "A time interval as in the configuration, such as '{weekdays: [sunday], location: Europe/Berlin}'. Can be repeated.",
  ),
  weekdays: flagKinds.text("", "Weekdays, such as saturday,sunday or monday:friday."),
  times: flagKinds.text("", "Times of the day, such as 22:00-24:00,00:00-06:00."),
  "days-of-month": flagKinds.text("", "Days of the month, such as 1:7 or -1 for the last one."),
  months: flagKinds.text("", "Months, such as december or 1:3."),
  location: flagKinds.text("", "Time zone of the times and days, such as Europe/Berlin. Default: UTC."),
  author: flagKinds.text("", "Username for the CreatedBy field. Default: the user of this process.", { short: "a" }),
  comment: flagKinds.text("", "A comment to help describe the silence.", { short: "c" }),
  preview: flagKinds.flag(false, "Only show the next occurrences."),
};

type Values = Readonly<Record<"days-of-month" | "location" | "months" | "times" | "weekdays", string>>;

export const recurringAdd = defineCommand<Session, typeof flags>({
  name: "add",
  help: "Add a rule for recurring silences, for example every Sunday, every night, or on the first of the month.",
  operands: "[<matcher-groups>...]",
  flags,
  async run({ values, operands }, session) {
    const fromFlags = intervalOf(values);
    const timeIntervals = [...values.interval, ...(fromFlags === undefined ? [] : [fromFlags])];
    if (timeIntervals.length === 0)
      throw new CommandError("no time interval specified: --interval, --weekdays, --times …");
    const client = await session.client();
    if (values.preview) {
      const next = await client.previewRecurring(timeIntervals);
      if (session.settings.output === "json") session.print(goJsonLine(next));
      else
        for (const { startsAt, endsAt } of next)
          session.print(`${session.showTime(startsAt)} - ${session.showTime(endsAt)}`);
      return 0;
    }
    const matchers = requiredMatchers(session, operands);
    if (values.comment === "") throw new CommandError("comment required");
    const rule = await client.postRecurringSilence({
      matchers: matchers.map(apiMatcher),
      timeIntervals,
      createdBy: values.author === "" ? userName() : values.author,
      comment: values.comment,
    });
    session.print(rule.id);
    return 0;
  },
});

/**
 * Builds a time interval from the flags for its parts. Returns undefined if no flag or only the flag for the location
 * is set.
 */
function intervalOf(values: Values): unknown {
  const list = (text: string): readonly string[] => text.split(",").map((item) => item.trim());
  const given = (name: keyof Values, key: string, value: (text: string) => unknown): readonly [string, unknown][] =>
    values[name] === "" ? [] : [[key, value(values[name])]];
  const parts = [
    ...given("weekdays", "weekdays", list),
    ...given("times", "times", (text) => list(text).map(timeRange)),
    ...given("days-of-month", "days_of_month", list),
    ...given("months", "months", list),
  ];
  if (parts.length === 0) return undefined;
  return Object.fromEntries([...parts, ...given("location", "location", (text) => text)]);
}

function timeRange(text: string): unknown {
  const [start, end, ...more] = text.split("-");
  if (start === undefined || end === undefined || more.length > 0) {
    throw new CommandError(`--times: ${JSON.stringify(text)} is no range; write 22:00-24:00`);
  }
  return { start_time: start.trim(), end_time: end.trim() };
}
