import { flagKinds } from "@narthex/runtime";
import { defineCommand } from "../command-line/command.ts";
import type { ApiNotification } from "./api-shapes.ts";
import { filterParameters } from "./matcher-arguments.ts";
import { timeArgument } from "./moments.ts";
import { printAnswer } from "./print-answer.ts";
import type { Session } from "./session.ts";

const flags = {
  receiver: flagKinds.text("", "Show notifications of this receiver.", { short: "r" }),
  integration: flagKinds.text("", "Show notifications of this kind of integration: webhook, email, slack …"),
  outcome: flagKinds.choice(
    "",
    ["", "sent", "failed", "sending", "interrupted"],
    "Show notifications with this outcome.",
  ),
  since: flagKinds.text("", "Show notifications from this time on. RFC3339 format 2006-01-02T15:04:05-07:00."),
  until: flagKinds.text("", "Show notifications up to this time. RFC3339 format 2006-01-02T15:04:05-07:00."),
  limit: flagKinds.integer(100, "Maximum number of notifications to show, latest first."),
};

export const notificationQuery = defineCommand<Session, typeof flags>({
  name: "query",
  help: "Show the sent notifications, with the result of each attempt.",
  operands: "[<matcher-groups>...]",
  flags,
  async run({ values, operands }, session) {
    const query = new URLSearchParams(filterParameters(session, operands));
    for (const name of ["receiver", "integration", "outcome"] as const) {
      if (values[name] !== "") query.append(name, values[name]);
    }
    for (const name of ["since", "until"] as const) {
      const time = timeArgument(values[name]);
      if (time !== undefined) query.append(name, time);
    }
    query.append("limit", String(values.limit));
    const found = await (await session.client()).notifications(query);
    printAnswer(session, found, {
      simple: () => simpleRows(session, found),
      extended: () => extendedRows(session, found),
    });
    return 0;
  },
});

const integrationOf = ({ receiver, integration }: ApiNotification): string =>
  `${receiver.name}/${integration.name}[${integration.index}]`;

const simpleRows = (session: Session, found: readonly ApiNotification[]): string[][] => [
  ["Time", "Integration", "Group", "Alerts", "Reason", "Attempts", "Outcome"],
  ...found.map((each) => [
    session.showTime(each.at),
    integrationOf(each),
    each.groupKey,
    String(each.alertCount),
    each.reason,
    String(each.attemptCount),
    each.outcome,
  ]),
];

/** Returns the rows of `--output extended`: one row for each attempt to send a notification. */
const extendedRows = (session: Session, found: readonly ApiNotification[]): string[][] => [
  ["Time", "Integration", "Group", "Reason", "Outcome", "Attempt", "Seconds", "Answer"],
  ...found.flatMap((each) =>
    each.attempts.map(({ at, durationSeconds, outcome, reason = "" }) => [
      session.showTime(each.at),
      integrationOf(each),
      each.groupKey,
      each.reason,
      each.outcome,
      session.showTime(at),
      String(durationSeconds),
      reason === "" ? outcome : `${outcome}: ${reason}`,
    ]),
  ),
];
