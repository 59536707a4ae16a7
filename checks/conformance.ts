import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runScript, ScriptError, scriptEngine } from "../packages/promql/src/testing/index.ts";

/**
 * `pnpm conformance promqltest DIR` runs another project's test scripts with our PromQL engine and prints `FILE
 * passed/total` for each file. `--failures` also prints failures, `--only WORD` selects files by name; exits with
 * status 1 if an evaluation fails or none passes.
 */
const [suite, folder, ...options] = process.argv.slice(2);
if (suite !== "promqltest" || folder === undefined) {
  process.stderr.write("usage: conformance promqltest DIR [--failures] [--only WORD]\n");
  process.exitCode = 2;
} else {
  const only = options.includes("--only") ? (options[options.indexOf("--only") + 1] ?? "") : "";
  process.exitCode = await runFolder(folder, only, options.includes("--failures"));
}

async function runFolder(path: string, only: string, withFailures: boolean): Promise<number> {
  let passed = 0;
  let failed = 0;
  for (const file of readdirSync(path).sort()) {
    if (!file.endsWith(".test") || !file.includes(only)) continue;
    const report = await runFile(join(path, file));
    passed += report.total - report.failures.length;
    failed += report.failures.length;
    process.stdout.write(`${file} ${report.total - report.failures.length}/${report.total}\n`);
    if (!withFailures) continue;
    for (const { line, expr, problem } of report.failures)
      process.stdout.write(`  ${file}:${line} ${expr}\n    ${problem}\n`);
  }
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

/** Runs the evaluations of a test script. If the script cannot be parsed, all of them count as failed. */
async function runFile(path: string): ReturnType<typeof runScript> {
  const text = readFileSync(path, "utf8");
  try {
    return await runScript(text, scriptEngine());
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    const evals = text.split("\n").filter((line) => /^\s*eval/.test(line));
    return { total: evals.length, failures: evals.map((expr) => ({ line: error.line, expr, problem: error.message })) };
  }
}
