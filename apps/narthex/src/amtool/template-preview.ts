import { diskFiles, SourceError } from "@narthex/config";
import { flagKinds } from "@narthex/runtime";
import { CommandError, defineCommand } from "../command-line/command.ts";
import { goJsonLine } from "./print-answer.ts";
import type { Session } from "./session.ts";

const flags = {
  receiver: flagKinds.text("", "Preview a field of this receiver instead of a template."),
  integration: flagKinds.text("", "With --receiver: the kind of integration; required if the receiver has several."),
  index: flagKinds.integer(0, "With --receiver: index of the integration among those of its kind."),
  field: flagKinds.text(
    "",
    "With --receiver: path of the field in the configuration: title, headers.Subject, fields.0.value.",
  ),
  html: flagKinds.flag(false, "Escape values for HTML."),
  alerts: flagKinds.text("", "JSON file with alerts in the form of POST /alerts. Default: a sample with two alerts."),
  group: flagKinds.text("", "Preview with the alerts of the group with this key. Notifications contain the key."),
};

export const templatePreview = defineCommand<Session, typeof flags>({
  name: "preview",
  help: "Render a template with the templates that the Alertmanager has loaded, for a sample, given alerts or a current group.",
  operands: "[<template>]",
  flags,
  async run({ values, operands }, session) {
    const { receiver, integration, index, field, html, alerts, group } = values;
    if (operands.length > 1) throw new CommandError("put the template in quotes: it must be one argument");
    const [template] = operands;
    const preview = await (
      await session.client()
    ).previewTemplate({
      ...(template === undefined ? {} : { template }),
      ...(receiver === "" ? {} : { receiver, index }),
      ...(integration === "" ? {} : { integration }),
      ...(field === "" ? {} : { field }),
      ...(html ? { html } : {}),
      ...(alerts === "" ? {} : { alerts: await readAlerts(alerts) }),
      ...(group === "" ? {} : { groupKey: group }),
    });
    if (session.settings.output === "json") session.print(goJsonLine(preview));
    else session.print(preview.output);
    return 0;
  },
});

async function readAlerts(file: string): Promise<unknown> {
  try {
    return JSON.parse(await diskFiles.read(file)) as unknown;
  } catch (error) {
    if (!(error instanceof SourceError) && !(error instanceof SyntaxError)) throw error;
    throw new CommandError(`${file}: ${error.message}`, { cause: error });
  }
}
