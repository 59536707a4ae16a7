import { parseArgs } from "node:util";
import { check } from "recheck";
import { expressionsInSources } from "./source-expressions.ts";
import { readVerdicts, type Verdict, writeVerdicts } from "./verdict-table.ts";

/**
 * `node checks/expressions/judge.ts [--again]` updates verdicts.tsv, the worst-case time of each regular expression. It
 * analyses new expressions (`--again`: all), removes old rows, and prints expressions that are neither linear nor
 * bounded: write the bound into the table, or a linear expression into the source.
 */
const { values } = parseArgs({ options: { again: { type: "boolean", default: false } } });
/** Time limit for the analysis of one expression. */
const TIMEOUT_MS = 60_000;

async function growthOf(expression: string): Promise<string> {
  const end = expression.lastIndexOf("/");
  const [source, flags] = [expression.slice(1, end), expression.slice(end + 1)];
  // Uses the automaton checker: the default search proves nothing if it finds no attack. Some expressions cannot be
  // converted to an automaton.
  const result = await check(source, flags, { checker: "automaton", timeout: TIMEOUT_MS });
  if (result.status === "unknown") return "unknown";
  const { type, degree } = result.complexity as { type: string; degree?: number };
  if (type === "safe" || type === "linear") return "linear";
  return degree === undefined ? type : `${type} ${degree}`;
}

const known = readVerdicts();
const verdicts = new Map<string, Verdict>();
for (const [expression, locations] of expressionsInSources()) {
  const before = known.get(expression);
  // oxlint-disable-next-line no-await-in-loop -- each analysis takes a core
  const growth = before === undefined || values.again ? await growthOf(expression) : before.growth;
  const bound = growth === "linear" ? "" : (before?.bound ?? "");
  verdicts.set(expression, { growth, bound });
  if (growth !== "linear" && bound === "") process.stdout.write(`${growth}: ${expression} (${locations.join(", ")})\n`);
}
writeVerdicts(verdicts);
