import { flagKinds } from "@narthex/runtime";
import { defineCommand } from "../command-line/command.ts";
import type { ApiRecurringSilence } from "./api-shapes.ts";
import { shownMatcher } from "./matcher-arguments.ts";
import { goJsonLine, printAnswer } from "./print-answer.ts";
import type { Session } from "./session.ts";

const flags = {
  occurrences: flagKinds.integer(3, "Number of next occurrences in the extended output."),
};

export const recurringList = defineCommand<Session, typeof flags>({
  name: "list",
  help: "Show the rules of recurring silences, and their next occurrences.",
  flags,
  async run({ values }, session) {
    const query = new URLSearchParams({ occurrences: String(values.occurrences) });
    const rules = await (await session.client()).recurringSilences(query);
    printAnswer(session, rules, {
      simple: () => [
        ["ID", "Matchers", "Next Start", "Next End", "Created By", "Comment"],
        ...rules.map((rule) => [...firstCells(session, rule, 0), rule.createdBy, rule.comment]),
      ],
      extended: () => [
        ["ID", "Matchers", "Start", "End", "Created By", "Comment", "Time Intervals"],
        ...rules.flatMap((rule) =>
          Array.from({ length: Math.max(rule.next.length, 1) }, (_, i) => [
            ...firstCells(session, rule, i),
            rule.createdBy,
            rule.comment,
            rule.timeIntervals.map((each) => (typeof each === "string" ? each : goJsonLine(each))).join(" "),
          ]),
        ),
      ],
    });
    return 0;
  },
});

const firstCells = (session: Session, { id, matchers, next }: ApiRecurringSilence, i: number): string[] => [
  id,
  matchers.map(shownMatcher).join(" "),
  next[i] === undefined ? "never" : session.showTime(next[i].startsAt),
  next[i] === undefined ? "" : session.showTime(next[i].endsAt),
];
