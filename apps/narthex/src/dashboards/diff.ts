import { compareDashboards, describeDifference } from "@narthex/dashboards";
import { flagKinds } from "@narthex/runtime";
import { CommandError, defineCommand } from "../command-line/command.ts";
import { DashboardFile, DashboardFileError } from "./dashboard-file.ts";
import type { ToolContext } from "./tool-context.ts";

const flags = {
  format: flagKinds.choice("text", ["text", "json"], "Output format of differences."),
};

export const diff = defineCommand<ToolContext, typeof flags>({
  name: "diff",
  help: "Print the differences between two dashboards of any schema, by panel and path. The exit status is 1 if there are differences.",
  operands: "<before> <after>",
  flags,
  async run({ values, operands }, { host }) {
    if (operands.length !== 2) throw new CommandError("name two files");
    const [before, after] = await Promise.all(
      operands.map(async (name) => {
        try {
          return (await DashboardFile.read(host.cwd, name).dashboard()).dashboard;
        } catch (error) {
          if (!(error instanceof DashboardFileError)) throw error;
          throw new CommandError(`${name}:${error.location.line}:${error.location.column}: ${error.message}`, {
            cause: error,
          });
        }
      }),
    );
    const differences = compareDashboards(before!, after!);
    if (values.format === "json") host.stdout(`${JSON.stringify(differences, null, 2)}\n`);
    else for (const difference of differences) host.stdout(describeDifference(difference));
    return differences.length > 0 ? 1 : 0;
  },
});
