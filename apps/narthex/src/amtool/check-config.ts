import { diskFiles } from "@narthex/config";
import { CommandError, defineCommand } from "../command-line/command.ts";
import { readConfig, readTemplates } from "./alertmanager-config.ts";
import { readInput, requireFiles, STANDARD_INPUT } from "./input-file.ts";
import type { Session } from "./session.ts";

export const checkConfig = defineCommand<Session>({
  name: "check-config",
  help: "Validate alertmanager config files and the templates they name.",
  operands: "[<check-files>...]",
  async run({ operands }, session) {
    await requireFiles(operands, diskFiles);
    const files = operands.length === 0 ? [undefined] : operands;
    let failed = 0;
    for (const file of files) if (!(await checkFile(session, file))) failed++;
    if (failed > 0) throw new CommandError(`failed to validate ${failed} file(s)`);
    return 0;
  },
});

async function checkFile(session: Session, file: string | undefined): Promise<boolean> {
  const name = file ?? STANDARD_INPUT;
  session.host.stdout(`Checking '${name}'`);
  const reading = readConfig(session, await readInput(file, diskFiles), name);
  if (!reading.ok) {
    session.print(`  FAILED: ${reading.summary}\n`);
    // Lists all problems with position and hint, after the lines that the original amtool prints.
    for (const problem of reading.problems) session.host.stderr(`${problem}\n`);
    return false;
  }
  const { inhibitRules, receivers, templates } = reading.config;
  const found = [
    "global config",
    "route",
    `${inhibitRules.length} inhibit rules`,
    `${receivers.length} receivers`,
    `${templates.length} templates`,
  ];
  session.print(`  SUCCESS\nFound:\n${found.map((line) => ` - ${line}`).join("\n")}`);
  const sound = templates.length === 0 || (await checkTemplates(session, templates));
  session.print("");
  return sound;
}

async function checkTemplates(session: Session, templates: readonly string[]): Promise<boolean> {
  try {
    await readTemplates(templates, () => session.host.clock.now());
    session.print("  SUCCESS");
    return true;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    session.print(`  FAILED: ${error.message}`);
    return false;
  }
}
