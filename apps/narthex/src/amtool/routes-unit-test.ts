import { writeFileSync } from "node:fs";
import { posix } from "node:path";
import { MatcherError } from "@narthex/alerting";
import { decodeYaml, diskFiles, formatProblem } from "@narthex/config";
import { flagKinds } from "@narthex/runtime";
import { CommandError, defineCommand } from "../command-line/command.ts";
import { type CaseReport, junitXml } from "../promtool/junit.ts";
import { readConfig } from "./alertmanager-config.ts";
import { readInput } from "./input-file.ts";
import { type RouteTest, routeTestFile } from "./route-test-file.ts";
import { RouteBench } from "./route-test-run.ts";
import type { Session } from "./session.ts";

const flags = { junit: flagKinds.text("", "File path to store JUnit XML test results.") };

/** The command `amtool config routes unit-test`, which the original amtool does not have. */
export const routesUnitTest = defineCommand<Session, typeof flags>({
  name: "unit-test",
  help: "Run files of alerts with their expected results: receivers, groups, muting, inhibition and silences. (Narthex only.)",
  operands: "<test-files>...",
  flags,
  async run({ values, operands }, session) {
    if (operands.length === 0) throw new CommandError("no test files specified");
    const suites: { file: string; cases: readonly CaseReport[] }[] = [];
    let sound = true;
    for (const file of operands) {
      session.print(`Unit testing: ${file}`);
      const outcome = await runFile(session, file);
      if (typeof outcome === "string") session.host.stderr(`  FAILED:\n${indented(outcome, "    ")}\n`);
      else suites.push({ file, cases: outcome });
      const failed = typeof outcome === "string" ? [] : outcome.filter(({ failures }) => failures.length > 0);
      for (const { name, failures } of failed) {
        session.host.stderr(`  FAILED: ${name}\n${indented(failures.join("\n"), "    ")}\n`);
      }
      if (typeof outcome === "string" || failed.length > 0) sound = false;
      else session.print(`  SUCCESS: ${outcome.length} tests`);
      session.print("");
    }
    if (values.junit !== "") writeFileSync(values.junit, junitXml(suites));
    return sound ? 0 : 1;
  },
});

const indented = (text: string, indent: string): string => text.replace(/^/gm, indent);

/** Runs the tests of a file. Resolves with one report for each test, or with the reason why the file cannot be run. */
async function runFile(session: Session, file: string): Promise<readonly CaseReport[] | string> {
  const decoded = decodeYaml(await readInput(file, diskFiles), file, routeTestFile);
  if (!decoded.ok) return decoded.problems.map(formatProblem).join("\n");
  const { configFile, tests } = decoded.value;
  const path = posix.isAbsolute(configFile) ? configFile : posix.join(posix.dirname(file), configFile);
  const reading = readConfig(session, await readInput(path, diskFiles), path);
  if (!reading.ok) return reading.problems.join("\n");
  const bench = new RouteBench(reading.config, session.mode);
  return tests.map((test) => ({ name: nameOf(test, file), failures: run(bench, test) }));
}

const nameOf = ({ name, place }: RouteTest, file: string): string =>
  `${name === "" ? "" : `${name}, `}${file}:${place.line}:${place.column}`;

function run(bench: RouteBench, test: RouteTest): readonly string[] {
  try {
    return bench.failuresOf(test);
  } catch (error) {
    if (!(error instanceof MatcherError)) throw error;
    return [`silences: ${error.message}`];
  }
}
