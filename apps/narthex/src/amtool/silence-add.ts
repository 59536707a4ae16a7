import { parseDuration } from "@narthex/model";
import { flagKinds } from "@narthex/runtime";
import { CommandError, defineCommand } from "../command-line/command.ts";
import { annotationArguments, apiMatcher, requiredMatchers } from "./matcher-arguments.ts";
import { apiTime, millisecondsOf, positiveDuration, timeArgument } from "./moments.ts";
import type { Session } from "./session.ts";
import { userName } from "./user-name.ts";

const flags = {
  author: flagKinds.text("", "Username for the CreatedBy field. Default: the user of this process.", { short: "a" }),
  "require-comment": flagKinds.flag(true, "Require comment to be set.", { hidden: true }),
  duration: flagKinds.text("1h", "Duration of silence.", { short: "d" }),
  start: flagKinds.text("", "Set when the silence should start. RFC3339 format 2006-01-02T15:04:05-07:00."),
  end: flagKinds.text(
    "",
    "Set when the silence should end (overwrites duration). RFC3339 format 2006-01-02T15:04:05-07:00.",
  ),
  comment: flagKinds.text("", "A comment to help describe the silence.", { short: "c" }),
  annotation: flagKinds.list([], "Set an annotation to be included with the silence (key=value)."),
};

export const silenceAdd = defineCommand<Session, typeof flags>({
  name: "add",
  help: "Add a new silence.",
  operands: "[<matcher-groups>...]",
  flags,
  async run({ values, operands }, session) {
    const matchers = requiredMatchers(session, operands);
    const startsAt = timeArgument(values.start) ?? apiTime(session.host.clock.now());
    const endsAt =
      timeArgument(values.end) ?? apiTime(millisecondsOf(startsAt) + positiveDuration(values.duration, parseDuration));
    if (values["require-comment"] && values.comment === "") throw new CommandError("comment required by config");
    if (millisecondsOf(startsAt) > millisecondsOf(endsAt)) {
      throw new CommandError("silence cannot start after it ends");
    }
    const annotations = annotationArguments(session, values.annotation);
    const id = await (
      await session.client()
    ).postSilence({
      matchers: matchers.map(apiMatcher),
      startsAt,
      endsAt,
      createdBy: values.author === "" ? userName() : values.author,
      comment: values.comment,
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    });
    session.print(id);
    return 0;
  },
});
