import { flagKinds } from "@narthex/runtime";
import { CommandError, defineCommand } from "../command-line/command.ts";
import { shownPairs } from "./alert-query.ts";
import type { ApiAcknowledgement } from "./api-shapes.ts";
import { filterParameters, requiredMatchers } from "./matcher-arguments.ts";
import { printAnswer } from "./print-answer.ts";
import type { Session } from "./session.ts";
import { userName } from "./user-name.ts";

const flags = {
  author: flagKinds.text("", "Name of the person. Default: the user of this process.", { short: "a" }),
  comment: flagKinds.text("", "A comment for other people, such as the cause.", { short: "c" }),
  replace: flagKinds.flag(false, "Also take over alerts that another person has acknowledged."),
};

export const alertAcknowledge = defineCommand<Session, typeof flags>({
  name: "ack",
  help: "Acknowledge the firing alerts that match, so that others know that you work on them. Notifications are still sent. The acknowledgement ends when the alert resolves. (Narthex only.)",
  operands: "<matcher-groups>...",
  flags,
  async run({ values, operands }, session) {
    const query = queryOf(session, operands);
    const client = await session.client();
    const alerts = await client.alerts(query);
    if (alerts.length === 0) throw new CommandError("no alert matches");
    const createdBy = values.author === "" ? userName() : values.author;
    const { comment, replace } = values;
    for (const { fingerprint, labels } of alerts) {
      const made = await client.acknowledge(fingerprint, { createdBy, comment, replace });
      session.print(`${fingerprint}  ${shownPairs(labels)}  acknowledged by ${made.createdBy}`);
    }
    return 0;
  },
});

export const alertWithdraw = defineCommand<Session>({
  name: "unack",
  help: "Withdraw the acknowledgements of the alerts that match. (Narthex only.)",
  operands: "<matcher-groups>...",
  async run({ operands }, session) {
    const query = queryOf(session, operands);
    const client = await session.client();
    const found = await client.acknowledgements(query);
    if (found.length === 0) throw new CommandError("no acknowledged alert matches");
    for (const { fingerprint, labels } of found) {
      await client.withdrawAcknowledgement(fingerprint);
      session.print(`${fingerprint}  ${shownPairs(labels ?? {})}  no longer acknowledged`);
    }
    return 0;
  },
});

export const alertAcknowledged = defineCommand<Session>({
  name: "acknowledged",
  help: "Show which alerts are acknowledged, by whom and since when. (Narthex only.)",
  operands: "[<matcher-groups>...]",
  async run({ operands }, session) {
    const query = new URLSearchParams(filterParameters(session, operands));
    const found = await (await session.client()).acknowledgements(query);
    const rows = (): string[][] => [["Labels", "By", "Since", "Comment"], ...found.map((each) => rowOf(session, each))];
    printAnswer(session, found, { simple: rows, extended: rows });
    return 0;
  },
});

const rowOf = (session: Session, { labels, createdBy, createdAt, comment }: ApiAcknowledgement): string[] => [
  shownPairs(labels ?? {}),
  createdBy,
  session.showTime(createdAt),
  comment,
];

/**
 * Returns the matchers as query parameters of the API. Throws CommandError if the list is empty or a matcher is
 * invalid.
 */
function queryOf(session: Session, operands: readonly string[]): URLSearchParams {
  requiredMatchers(session, operands);
  return new URLSearchParams(filterParameters(session, operands));
}
