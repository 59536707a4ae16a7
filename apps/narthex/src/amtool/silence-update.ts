import { parseDuration } from "@narthex/model";
import { flagKinds } from "@narthex/runtime";
import { CommandError, defineCommand } from "../command-line/command.ts";
import type { ApiSilence } from "./api-shapes.ts";
import { apiTime, millisecondsOf, positiveDuration, timeArgument } from "./moments.ts";
import { printSilences } from "./print-silences.ts";
import type { Session } from "./session.ts";

const flags = {
  quiet: flagKinds.flag(false, "Only show silence ids.", { short: "q" }),
  duration: flagKinds.text("", "Duration of silence, from its start.", { short: "d" }),
  start: flagKinds.text("", "Set when the silence should start. RFC3339 format 2006-01-02T15:04:05-07:00."),
  end: flagKinds.text(
    "",
    "Set when the silence should end (overwrites duration). RFC3339 format 2006-01-02T15:04:05-07:00.",
  ),
  comment: flagKinds.text("", "A comment to help describe the silence.", { short: "c" }),
};

export const silenceUpdate = defineCommand<Session, typeof flags>({
  name: "update",
  help: "Update silences.",
  operands: "[<update-ids>...]",
  flags,
  async run({ values, operands }, session) {
    if (operands.length === 0) throw new CommandError("no silence IDs specified");
    const client = await session.client();
    const updated: ApiSilence[] = [];
    for (const id of operands) {
      const found = await client.silence(id);
      const startsAt = timeArgument(values.start) ?? found.startsAt;
      const endsAt = timeArgument(values.end) ?? endAfter(values.duration, startsAt) ?? found.endsAt;
      if (millisecondsOf(startsAt) > millisecondsOf(endsAt)) {
        throw new CommandError("silence cannot start after it ends");
      }
      const comment = values.comment === "" ? found.comment : values.comment;
      const { status, updatedAt, ...kept } = found;
      const times = { startsAt: withMillis(startsAt), endsAt: withMillis(endsAt) };
      const newId = await client.postSilence({ ...kept, ...times, comment });
      updated.push({ ...found, ...times, comment, id: newId, status, updatedAt });
    }
    if (values.quiet) for (const { id } of updated) session.print(id);
    else printSilences(session, updated);
    return 0;
  },
});

/** Returns a time with exactly three decimals, as the API writes it. The time zone stays. */
const withMillis = (text: string): string =>
  text.replace(
    /(T\d\d:\d\d:\d\d)(?:\.(\d+))?/,
    (_, time: string, fraction = "") => `${time}.${fraction.slice(0, 3).padEnd(3, "0")}`,
  );

const endAfter = (duration: string, startsAt: string): string | undefined =>
  duration === "" ? undefined : apiTime(millisecondsOf(startsAt) + positiveDuration(duration, parseDuration));
