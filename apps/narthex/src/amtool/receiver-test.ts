import { flagKinds } from "@narthex/runtime";
import { CommandError, defineCommand } from "../command-line/command.ts";
import type { ApiTestResult } from "./api-shapes.ts";
import { annotationArguments, labelArguments } from "./matcher-arguments.ts";
import { printAnswer } from "./print-answer.ts";
import type { Session } from "./session.ts";

const flags = {
  integration: flagKinds.text("", "Test only the integrations of this kind: email, slack, webhook..."),
  index: flagKinds.integer(-1, "With --integration: its index among those of its kind, from 0. -1: all of them."),
  annotation: flagKinds.list([], "Set an annotation of the test alert (key=value)."),
};

export const receiverTest = defineCommand<Session, typeof flags>({
  name: "test",
  help: "Send a test notification through a receiver of the configuration, even if it has no route.",
  operands: "<receiver> [<labels>...]",
  flags,
  async run({ values, operands }, session) {
    const [receiver, ...labels] = operands;
    if (receiver === undefined) throw new CommandError("no receiver specified");
    const { integration, index } = values;
    const { results } = await (
      await session.client()
    ).testReceiver(receiver, {
      labels: labelArguments(session, labels, "labels must be specified as key=value pairs"),
      annotations: annotationArguments(session, values.annotation),
      ...(integration === "" ? {} : { integration }),
      ...(index < 0 ? {} : { index }),
    });
    const rows = (): string[][] => results.map(row);
    printAnswer(session, results, { simple: rows, extended: rows });
    const failed = results.filter(({ outcome }) => outcome !== "sent").length;
    if (failed > 0) throw new CommandError(`${failed} of ${results.length} integrations failed`);
    return 0;
  },
});

function row({ integration, outcome, durationSeconds, reason = "", retried }: ApiTestResult): string[] {
  const why = retried === true ? `${reason} (a notification would be retried)` : reason;
  return [`${integration.name}[${integration.index}]`, outcome, `${durationSeconds}s`, why];
}
