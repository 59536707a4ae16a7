import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { flagKinds } from "@narthex/runtime";
import { CommandError, defineCommand } from "../command-line/command.ts";
import { DashboardFile, DashboardFileError } from "./dashboard-file.ts";
import { printJson } from "./json-text.ts";
import type { ToolContext } from "./tool-context.ts";

const flags = {
  write: flagKinds.flag(false, "Rewrite changed files instead of printing them."),
  check: flagKinds.flag(false, "Print the names of files that would change, and fail if there are any."),
};

export const fmt = defineCommand<ToolContext, typeof flags>({
  name: "fmt",
  help: "Print dashboards with the keys in Grafana's export order, so that versions can be compared. Changes no value.",
  operands: "<files>...",
  flags,
  async run({ values, operands }, { host }) {
    if (operands.length === 0) throw new CommandError("name the files to format; - is standard input");
    let status = 0;
    for (const name of operands) {
      try {
        const file = DashboardFile.read(host.cwd, name);
        const formatted = `${printJson(file.root)}\n`;
        const isChanged = formatted !== file.text;
        if (values.check) {
          if (isChanged) host.stdout(`${name}\n`);
          if (isChanged) status = 1;
        } else if (values.write && name !== "-") {
          if (isChanged) writeFileSync(resolve(host.cwd, name), formatted);
          if (isChanged) host.stdout(`${name}\n`);
        } else host.stdout(formatted);
      } catch (error) {
        if (!(error instanceof DashboardFileError)) throw error;
        const { line, column } = error.location;
        host.stderr(`${name}:${line}:${column}: error: ${error.message} [json]\n`);
        status = 1;
      }
    }
    return status;
  },
});
