import { flagKinds } from "@narthex/runtime";
import { defineCommand } from "../command-line/command.ts";
import type { ApiAlert } from "./api-shapes.ts";
import { filterParameters } from "./matcher-arguments.ts";
import { millisecondsOf } from "./moments.ts";
import { printAnswer } from "./print-answer.ts";
import type { Session } from "./session.ts";

const flags = {
  inhibited: flagKinds.flag(false, "Show inhibited alerts.", { short: "i" }),
  silenced: flagKinds.flag(false, "Show silenced alerts.", { short: "s" }),
  active: flagKinds.flag(false, "Show active alerts.", { short: "a" }),
  unprocessed: flagKinds.flag(false, "Show unprocessed alerts.", { short: "u" }),
  receiver: flagKinds.text("", "Show alerts matching receiver (supports regex syntax).", { short: "r" }),
};

const STATES = ["active", "inhibited", "silenced", "unprocessed"] as const;

export const alertQuery = defineCommand<Session, typeof flags>({
  name: "query",
  help: "View and search through current alerts.",
  operands: "[<matcher-groups>...]",
  flags,
  async run({ values, operands }, session) {
    const anyState = STATES.some((state) => values[state]);
    const query = new URLSearchParams(filterParameters(session, operands));
    for (const state of STATES) query.append(state, String(anyState ? values[state] : state === "active"));
    if (values.receiver !== "") query.append("receiver", values.receiver);
    query.sort();
    const alerts = await (await session.client()).alerts(query);
    const sorted = alerts.toSorted((a, b) => millisecondsOf(a.startsAt) - millisecondsOf(b.startsAt));
    printAnswer(session, alerts, {
      simple: () => simpleRows(session, sorted),
      extended: () => extendedRows(session, sorted),
    });
    return 0;
  },
});

const simpleRows = (session: Session, alerts: readonly ApiAlert[]): string[][] => [
  ["Alertname", "Starts At", "Summary", "State"],
  ...alerts.map(({ labels, annotations, startsAt, status }) => [
    labels["alertname"] ?? "",
    session.showTime(startsAt),
    annotations["summary"] ?? "",
    status.state,
  ]),
];

const extendedRows = (session: Session, alerts: readonly ApiAlert[]): string[][] => [
  ["Labels", "Annotations", "Starts At", "Ends At", "Generator URL", "State"],
  ...alerts.map((alert) => [
    shownPairs(alert.labels),
    shownPairs(alert.annotations),
    session.showTime(alert.startsAt),
    session.showTime(alert.endsAt),
    alert.generatorURL ?? "",
    alert.status.state,
  ]),
];

export const shownPairs = (record: Readonly<Record<string, string>>): string =>
  Object.entries(record)
    .map(([name, value]) => `${name}="${value}"`)
    .sort()
    .join(" ");
