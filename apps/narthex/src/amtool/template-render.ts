import { JsonError, parseGoJson } from "@narthex/alerting";
import { diskFiles, SourceError } from "@narthex/config";
import { flagKinds } from "@narthex/runtime";
import { type GoStruct, TemplateError } from "@narthex/template";
import { CommandError, defineCommand } from "../command-line/command.ts";
import { readTemplates } from "./alertmanager-config.ts";
import { sampleData, templateData } from "./template-data.ts";
import type { Session } from "./session.ts";

const flags = {
  "template.glob": flagKinds.list([], "Glob of paths that will be expanded and used for rendering."),
  "template.text": flagKinds.text("", "The template that will be rendered."),
  "template.type": flagKinds.choice("text", ["html", "text"], "The type of the template."),
  "template.data": flagKinds.text(
    "",
    "JSON file with the data of a notification, in the form of a webhook's body. Default: a sample with two alerts.",
  ),
};

export const templateRender = defineCommand<Session, typeof flags>({
  name: "render",
  help: "Render a given definition in a template file to standard output.",
  flags,
  required: ["template.text", "template.glob"],
  async run({ values }, session) {
    const now = (): number => session.host.clock.now();
    const renderer = await readTemplates(values["template.glob"], now);
    const data = values["template.data"] === "" ? sampleData(now()) : await readData(values["template.data"]);
    try {
      session.host.stdout(renderer.render(values["template.text"], data, values["template.type"] === "html"));
      return 0;
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      throw new CommandError(error.message, { cause: error });
    }
  },
});

async function readData(file: string): Promise<GoStruct> {
  try {
    const text = await diskFiles.read(file);
    if (parseGoJson(text) === undefined) throw new JsonError("unexpected end of JSON input");
    return templateData(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof SourceError) && !(error instanceof JsonError) && !(error instanceof SyntaxError))
      throw error;
    throw new CommandError(error.message, { cause: error });
  }
}
