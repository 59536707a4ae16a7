import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { flagKinds, type Host } from "@narthex/runtime";
import type { CommandGroup } from "../../command-line/command.ts";
import { type PromtoolContext, promtoolCommand } from "../command.ts";
import { EXIT_FAILURE, EXIT_OK } from "../lint-settings.ts";
import { labelsOf, loadObjectives } from "./load-objectives.ts";

const files = { name: "slo-files", required: true, many: true, file: true };

const output = {
  output: flagKinds.text("", "File to write. Default: standard output.", { short: "o" }),
};

const HEAD = "# Written by `promtool slo generate`; edit the files of objectives instead.\n";

/** Writes a text to a file or to standard output. Returns the exit status. */
function write(host: Host, file: string, text: string): number {
  if (file === "") {
    host.stdout(text);
    return EXIT_OK;
  }
  try {
    writeFileSync(resolve(host.cwd, file), text);
    return EXIT_OK;
  } catch (error) {
    host.stderr(`cannot write ${file}: ${error instanceof Error ? error.message : String(error)}\n`);
    return EXIT_FAILURE;
  }
}

const generate = promtoolCommand({
  name: "generate",
  help: "Write the recording rules and burn-rate alerts of service level objectives as a rule file.",
  flags: {
    ...output,
    label: flagKinds.list([], "Label that all rules get, as name=value. Can be repeated."),
    version: flagKinds.text("narthex", "Value of the label sloth_version of the rules."),
  },
  operands: [files],
  async run({ host, flags, operands }) {
    const extraLabels = labelsOf(flags.label);
    if (typeof extraLabels === "string") {
      host.stderr(`${extraLabels}\n`);
      return EXIT_FAILURE;
    }
    const levels = await loadObjectives(host, operands, { version: flags.version, extraLabels });
    if (levels === undefined) return EXIT_FAILURE;
    const { printGroups } = await import("@narthex/slo");
    return write(host, flags.output, HEAD + printGroups(levels.flatMap(({ groups }) => groups)));
  },
});

const check = promtoolCommand({
  name: "check",
  help: "Check if files of service level objectives are valid, and list their objectives.",
  flags: {},
  operands: [files],
  async run({ host, operands }) {
    const levels = await loadObjectives(host, operands, { version: "narthex" });
    if (levels === undefined) return EXIT_FAILURE;
    for (const { file, line, id, objective, groups } of levels) {
      const rules = groups.reduce((sum, group) => sum + group.rules.length, 0);
      host.stdout(`${file}:${line}: ${id}: ${Number((objective * 100).toFixed(9))} %, ${rules} rules\n`);
    }
    host.stdout(`SUCCESS: ${levels.length} objectives found\n`);
    return EXIT_OK;
  },
});

const dashboard = promtoolCommand({
  name: "dashboard",
  help: "Write a dashboard with the budgets and burn rates of service level objectives.",
  flags: { ...output, title: flagKinds.text("Service level objectives", "Title of the dashboard.") },
  operands: [files],
  async run({ host, flags, operands }) {
    const levels = await loadObjectives(host, operands, { version: "narthex" });
    if (levels === undefined) return EXIT_FAILURE;
    const { budgetDashboard } = await import("@narthex/slo");
    return write(host, flags.output, `${JSON.stringify(budgetDashboard(levels, flags.title), null, 2)}\n`);
  },
});

/** The commands of `promtool slo …`. */
export const sloCommands: CommandGroup<PromtoolContext> = {
  name: "slo",
  help: "Rules, checks and dashboards for service level objectives. (Narthex only.)",
  commands: [generate, check, dashboard],
};
