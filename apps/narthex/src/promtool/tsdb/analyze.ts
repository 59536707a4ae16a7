import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Matcher } from "@narthex/model";
import { parseSelector } from "@narthex/promql";
import { flagKinds, runToEnd } from "@narthex/runtime";
import { blockPaths, diskFiles, openBlock, seriesForMatchers, ulidTime } from "@narthex/tsdb";
import { promtoolCommand } from "../command.ts";
import { EXIT_FAILURE, EXIT_OK } from "../lint-settings.ts";
import { analyzeReport } from "./analyze-report.ts";
import { compactionReport } from "./compaction-report.ts";
import { databaseOperand, databasePath, failureText } from "./database.ts";

export const tsdbAnalyze = promtoolCommand({
  name: "analyze",
  help: "Analyze churn, label pair cardinality and compaction efficiency.",
  flags: {
    limit: flagKinds.integer(20, "How many items to show in each list."),
    extended: flagKinds.flag(false, "Run extended analysis."),
    match: flagKinds.text("", "Series selector to analyze. Only 1 set of matchers is supported now."),
  },
  operands: [databaseOperand, { name: "block id", required: false }],
  async run({ host, flags, operands: [operand, id] }) {
    const fail = (text: string): number => {
      host.stderr(`${text}\n`);
      return EXIT_FAILURE;
    };
    const path = databasePath(host, operand);
    let matchers: readonly Matcher[] | undefined;
    if (flags.match !== "") {
      const parsed = parseSelector(flags.match);
      if (!parsed.ok) return fail(parsed.errors[0].toString());
      matchers = parsed.matchers;
    }
    try {
      statSync(path.real);
    } catch (cause) {
      return fail(`opening the db dir: ${failureText(cause, path) ?? String(cause)}`);
    }
    const paths = blockPaths(path.real, diskFiles);
    const name = id ?? lastBlock([...paths.keys()]);
    if (name === undefined) return fail("no blocks found");
    const dir = paths.get(name) ?? join(path.real, name);
    if (!existsSync(dir)) return fail(`invalid block ID ${name}`);
    try {
      const block = openBlock(dir, { files: diskFiles });
      try {
        const matched = matchers === undefined ? undefined : runToEnd(seriesForMatchers(block, matchers));
        host.stdout(analyzeReport(block, { matcher: flags.match, limit: flags.limit, matched }));
        if (flags.extended) host.stdout(compactionReport(block, matched));
        return EXIT_OK;
      } finally {
        block.close();
      }
    } catch (cause) {
      const text = failureText(cause, path);
      if (text === undefined) throw cause;
      return fail(text);
    }
  },
});

/** Returns the name of the newest block. */
function lastBlock(names: readonly string[]): string | undefined {
  let last: string | undefined;
  for (const name of names) {
    if (last === undefined || ulidTime(name) > ulidTime(last)) last = name;
  }
  return last;
}
