import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Problem } from "@narthex/config";
import type { ParserOptions } from "@narthex/promql";
import type { GroupSpec } from "@narthex/rules";
import { flagKinds, type Host } from "@narthex/runtime";
import { promtoolCommand } from "./command.ts";
import { duplicateRules, printDuplicates } from "./duplicate-rules.ts";
import { EXIT_FAILURE, EXIT_LINT, EXIT_OK, type LintSettings, lintSettings, worst } from "./lint-settings.ts";

/** Formats a problem as promtool does: `FILE: LINE:COL: sentence`. */
export const ruleProblemLine = ({ file, line, column, message }: Problem): string =>
  message.startsWith("yaml: ") || line === 0 ? `${file}: ${message}` : `${file}: ${line}:${column}: ${message}`;

/** Checks the text of one rule file and prints the verdict. Resolves with the exit status. */
async function reportRules(
  host: Host,
  name: string,
  source: string,
  lint: LintSettings,
  parser: ParserOptions,
): Promise<number> {
  // Load the module only if there are rules. Checking a configuration without rules then takes half the time.
  const { parseRuleFile } = await import("@narthex/rules");
  const loaded = parseRuleFile(source, name, { ignoreUnknownFields: lint.ignoreUnknownFields, parser });
  if (!loaded.ok) {
    host.stderr(`  FAILED:\n${loaded.problems.map((problem) => `${ruleProblemLine(problem)}\n`).join("")}`);
    return EXIT_FAILURE;
  }
  for (const warning of loaded.warnings) host.stderr(`  WARNING: ${warning}\n`);
  const duplicates = lint.duplicateRules ? duplicateRules(loaded.value) : [];
  if (duplicates.length > 0) {
    host.stderr(`  FAILED:\n${printDuplicates(duplicates)}`);
    host.stdout("\n");
    return lint.fatal ? EXIT_LINT : EXIT_OK;
  }
  host.stdout(`  SUCCESS: ${countRules(loaded.value)} rules found\n\n`);
  return EXIT_OK;
}

const countRules = (groups: readonly GroupSpec[]): number => groups.reduce((sum, { rules }) => sum + rules.length, 0);

/** Returns the text of a rule file. If it cannot be read, prints the reason and returns undefined. */
function readRuleFile(host: Host, file: string): string | undefined {
  try {
    return readFileSync(resolve(host.cwd, file), "utf8");
  } catch (error) {
    host.stderr(`  FAILED:\n${file}: ${error instanceof Error ? error.message : String(error)}\n`);
    return undefined;
  }
}

/** Checks rule files one after the other. Resolves with the exit status. */
export async function reportRuleFiles(
  host: Host,
  files: readonly string[],
  lint: LintSettings,
  parser: ParserOptions,
): Promise<number> {
  const statuses: number[] = [];
  for (const file of files) {
    host.stdout(`Checking ${file}\n`);
    const source = readRuleFile(host, file);
    statuses.push(source === undefined ? EXIT_FAILURE : await reportRules(host, file, source, lint, parser));
  }
  return worst(statuses);
}

export const checkRules = promtoolCommand({
  name: "rules",
  help: "Check if the rule files are valid or not.",
  flags: {
    lint: flagKinds.text(
      "duplicate-rules",
      "Linting checks to apply. Available options are: all, duplicate-rules, none. Use --lint=none to disable linting",
    ),
    "lint-fatal": flagKinds.flag(false, "Make lint errors exit with exit code 3."),
    "ignore-unknown-fields": flagKinds.flag(false, "Ignore unknown fields in the rule files."),
  },
  operands: [
    {
      name: "rule-files",
      required: false,
      many: true,
      file: true,
    },
  ],
  async run({ host, features, flags, operands, stdin }) {
    const lint = lintSettings(flags, (line) => host.stdout(line));
    if (operands.length > 0) return reportRuleFiles(host, operands, lint, features);
    host.stdout("Checking standard input\n");
    return reportRules(host, "-", new TextDecoder().decode(await stdin()), lint, features);
  },
});
