import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { formatProblem, type Problem } from "@narthex/config";
import type { ParserOptions } from "@narthex/promql";
import type { GroupSpec } from "@narthex/rules";
import { flagKinds, type Host } from "@narthex/runtime";
import { behaviourFlag, readBehaviours } from "./behaviour-flag.ts";
import { promtoolCommand } from "./command.ts";
import { duplicateRules, printDuplicates } from "./duplicate-rules.ts";
import { EXIT_FAILURE, EXIT_LINT, EXIT_OK, type LintSettings, lintSettings, worst } from "./lint-settings.ts";
import { isRuleLintOn, type RuleLintFlags, ruleLintFlags } from "./rule-lint/lint-flags.ts";
import type { ServerSettings } from "./rule-lint/lint-rule-files.ts";

/** Formats a problem as promtool does: `FILE: LINE:COL: sentence`. */
export const ruleProblemLine = ({ file, line, column, message }: Problem): string =>
  message.startsWith("yaml: ") || line === 0 ? `${file}: ${message}` : `${file}: ${line}:${column}: ${message}`;

/** A rule file without errors. */
interface ValidFile {
  readonly file: string;
  readonly groups: readonly GroupSpec[];
  readonly source: string;
}

/** Checks the text of one rule file and prints the verdict. Resolves with the exit status. Adds a valid file to a list. */
async function reportRules(
  host: Host,
  name: string,
  source: string,
  lint: LintSettings,
  parser: ParserOptions,
  valid: ValidFile[],
): Promise<number> {
  // Load the module only if there are rules. Checking a configuration without rules then takes half the time.
  const { parseRuleFile } = await import("@narthex/rules");
  const loaded = parseRuleFile(source, name, { ignoreUnknownFields: lint.ignoreUnknownFields, parser });
  if (!loaded.ok) {
    host.stderr(`  FAILED:\n${loaded.problems.map((problem) => `${ruleProblemLine(problem)}\n`).join("")}`);
    return EXIT_FAILURE;
  }
  valid.push({ file: name, groups: loaded.value, source });
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

/** Flags of our own checks of rules, and what they know about the server. */
export interface RuleLinting {
  readonly flags: RuleLintFlags & {
    readonly lint: string;
    readonly "lint-fatal": boolean;
    readonly "behaviour-files"?: readonly string[];
  };
  readonly settings?: ServerSettings;
}

/**
 * Checks rule files one after the other, and then all of them with our own checks if these are on. Resolves with the
 * exit status.
 */
export async function reportRuleFiles(
  host: Host,
  files: readonly string[],
  lint: LintSettings,
  parser: ParserOptions,
  linting: RuleLinting,
): Promise<number> {
  const valid: ValidFile[] = [];
  const statuses: number[] = [];
  const progress = progressOf(host, linting);
  for (const file of files) {
    progress.stdout(`Checking ${file}\n`);
    const source = readRuleFile(host, file);
    statuses.push(source === undefined ? EXIT_FAILURE : await reportRules(progress, file, source, lint, parser, valid));
  }
  statuses.push(await reportBehaviours(progress, valid, linting, parser));
  statuses.push(await reportOwnLint(host, valid, linting, parser));
  return worst(statuses);
}

/** Checks the behaviours of the alerts in valid rule files. An entry that is for no alert is an error. */
async function reportBehaviours(
  host: Host,
  valid: readonly ValidFile[],
  { flags: { "behaviour-files": patterns = [] } }: RuleLinting,
  parser: ParserOptions,
): Promise<number> {
  if (patterns.length === 0) return EXIT_OK;
  host.stdout(`Checking behaviours of ${patterns.join(", ")}\n`);
  const entries = await readBehaviours(host, patterns);
  if (entries === undefined) return EXIT_FAILURE;
  const { withBehaviours } = await import("@narthex/rules");
  const result = withBehaviours(new Map(valid.map(({ file, groups }) => [file, groups])), entries, parser);
  const problems = result.ok ? result.unused : result.problems;
  if (problems.length > 0) {
    host.stderr(`  FAILED:\n${problems.map((problem) => `${formatProblem(problem)}\n`).join("")}`);
    return EXIT_FAILURE;
  }
  host.stdout(`  SUCCESS: ${entries.length} behaviours found\n\n`);
  return EXIT_OK;
}

/** Returns a host that prints the progress. Standard output stays free for JSON if the report is JSON. */
const progressOf = (host: Host, { flags }: RuleLinting): Host =>
  flags["lint.format"] === "json" ? { ...host, stdout: (text) => host.stderr(text) } : host;

async function reportOwnLint(
  host: Host,
  valid: readonly ValidFile[],
  { flags, settings }: RuleLinting,
  parser: ParserOptions,
): Promise<number> {
  if (!isRuleLintOn(flags)) return EXIT_OK;
  const { lintRuleFiles } = await import("./rule-lint/lint-rule-files.ts");
  return lintRuleFiles(host, valid, flags, parser, settings);
}

export const checkRules = promtoolCommand({
  name: "rules",
  help: "Check if the rule files are valid or not.",
  flags: {
    lint: flagKinds.text(
      "duplicate-rules",
      "Linting checks to apply. Available options are: all, duplicate-rules, none. Use --lint=none to disable linting. Narthex also has: narthex",
    ),
    "lint-fatal": flagKinds.flag(false, "Make lint errors exit with exit code 3."),
    "ignore-unknown-fields": flagKinds.flag(false, "Ignore unknown fields in the rule files."),
    ...behaviourFlag,
    ...ruleLintFlags,
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
    const linting: RuleLinting = { flags };
    if (operands.length > 0) return reportRuleFiles(host, operands, lint, features, linting);
    const progress = progressOf(host, linting);
    progress.stdout("Checking standard input\n");
    const valid: ValidFile[] = [];
    const source = new TextDecoder().decode(await stdin());
    const status = await reportRules(progress, "-", source, lint, features, valid);
    const behaved = await reportBehaviours(progress, valid, linting, features);
    return worst([status, behaved, await reportOwnLint(host, valid, linting, features)]);
  },
});
