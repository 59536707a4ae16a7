import { flagKinds } from "@narthex/runtime";
import { CommandError, defineCommand } from "../command-line/command.ts";
import { shownPairs } from "./alert-query.ts";
import type { ApiExplanation } from "./api-shapes.ts";
import { filterParameters, requiredMatchers } from "./matcher-arguments.ts";
import { goJsonLine } from "./print-answer.ts";
import type { Session } from "./session.ts";

const flags = {
  routes: flagKinds.flag(false, "Also show why other routes did not match the alert."),
};

export const alertWhy = defineCommand<Session, typeof flags>({
  name: "why",
  help: "Explain which receivers were notified of alerts and why, or what suppresses the alerts. If no alert matches, explain a future alert with the given labels.",
  operands: "<matcher-groups>...",
  flags,
  async run({ values, operands }, session) {
    const matchers = requiredMatchers(session, operands);
    const client = await session.client();
    const found = await client.why(new URLSearchParams(filterParameters(session, operands)));
    if (found.length > 0) {
      printExplanations(session, found, values.routes);
      return 0;
    }
    if (matchers.some(({ type }) => type !== "=")) throw new CommandError("no alert matches");
    const labels = Object.fromEntries(matchers.map(({ name, value }) => [name, value]));
    printExplanations(session, [await client.whyLabels(labels)], values.routes);
    return 0;
  },
});

function printExplanations(session: Session, found: readonly ApiExplanation[], withRoutes: boolean): void {
  if (session.settings.output === "json") {
    session.print(goJsonLine(found));
    return;
  }
  for (const { labels, sentences, refusals, state } of found) {
    session.print(`${shownPairs(labels)}  ${state}`);
    const withAll = withRoutes || session.settings.output === "extended";
    for (const sentence of [...sentences, ...(withAll ? refusals : [])]) session.print(`  ${sentence}`);
  }
}
