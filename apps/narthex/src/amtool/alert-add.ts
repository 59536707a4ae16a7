import { flagKinds } from "@narthex/runtime";
import { defineCommand } from "../command-line/command.ts";
import { annotationArguments, labelArguments } from "./matcher-arguments.ts";
import { timeArgument } from "./moments.ts";
import type { Session } from "./session.ts";

const flags = {
  "generator-url": flagKinds.text("", "Set the URL of the source that generated the alert."),
  start: flagKinds.text("", "Set when the alert should start. RFC3339 format 2006-01-02T15:04:05-07:00."),
  end: flagKinds.text("", "Set when the alert should end. RFC3339 format 2006-01-02T15:04:05-07:00."),
  annotation: flagKinds.list([], "Set an annotation to be included with the alert (key=value)."),
};

export const alertAdd = defineCommand<Session, typeof flags>({
  name: "add",
  help: "Add a new alert.",
  operands: "[<labels>...]",
  flags,
  async run({ values, operands }, session) {
    const labels = labelArguments(session, operands, "labels must be specified as key=value pairs");
    const annotations = annotationArguments(session, values.annotation);
    const startsAt = timeArgument(values.start);
    const endsAt = timeArgument(values.end);
    const generatorURL = values["generator-url"];
    const alert = {
      labels,
      annotations,
      ...(startsAt === undefined ? {} : { startsAt }),
      ...(endsAt === undefined ? {} : { endsAt }),
      ...(generatorURL === "" ? {} : { generatorURL }),
    };
    await (await session.client()).postAlerts([alert]);
    return 0;
  },
});
