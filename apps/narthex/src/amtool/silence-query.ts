import { formatGoDuration, parseGoDuration } from "@narthex/model";
import { flagKinds } from "@narthex/runtime";
import { defineCommand } from "../command-line/command.ts";
import { filterParameters } from "./matcher-arguments.ts";
import { millisecondsOf } from "./moments.ts";
import { printSilences } from "./print-silences.ts";
import type { Session } from "./session.ts";

const flags = {
  expired: flagKinds.flag(false, "Show expired silences instead of active."),
  quiet: flagKinds.flag(false, "Only show silence ids.", { short: "q" }),
  "created-by": flagKinds.text("", "Show silences that belong to this creator."),
  id: flagKinds.text("", "Get a single silence by its ID."),
  within: flagKinds.parsed(
    0,
    parseGoDuration,
    formatGoDuration,
    "Show silences that will expire or have expired within a duration.",
  ),
};

export const silenceQuery = defineCommand<Session, typeof flags>({
  name: "query",
  help: "Query Alertmanager silences.",
  operands: "[<matcher-groups>...]",
  flags,
  async run({ values, operands }, session) {
    const query = new URLSearchParams(filterParameters(session, operands));
    const answer = await (await session.client()).silences(query);
    const now = session.host.clock.now();
    const { expired, within, id, "created-by": author } = values;
    const shown = answer.filter((silence) => {
      if (author !== "" && silence.createdBy !== author) return false;
      if (id !== "" && silence.id !== id) return false;
      const left = millisecondsOf(silence.endsAt) - now;
      if (expired) return left <= 0 && (within === 0 || left >= -within);
      return left >= 0 && (within === 0 || left <= within);
    });
    if (values.quiet) for (const silence of shown) session.print(silence.id);
    else printSilences(session, shown);
    return 0;
  },
});
