import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type KeptResult, keptResults } from "../bench/src/kept-results.ts";
import { TABLE_HEAD, tableCells } from "../bench/src/report.ts";
import { markdownTable } from "./markdown-table.ts";
import { root } from "./sources.ts";

const INTRO = `What ours costs beside the originals, each pair measured in one run on one machine by \`pnpm bench --save\`: the middle of the
rounds, with the lowest and the highest. A ratio is ours by the original's; below 1 is better where less is, above 1 where more
is. Machines differ: read the ratios. [How each figure is taken](../bench/README.md), and [what was
measured before](../bench/RESULTS.md).

On a machine with the originals in a folder, this fills the page with figures of your own, which takes some hours; a
word after \`bench\` takes the cases whose name has it:

\`\`\`sh
NARTHEX_PEERS=/path/to/originals pnpm bench --save && pnpm docs:write
\`\`\`
`;

const NONE = "No figures are kept yet; those of single runs are in [the list of results](../bench/RESULTS.md).\n";

/** docs/benchmarks.md, from the figures that the benchmarks keep and the words of their README. */
export function benchmarksPage(): readonly string[] {
  const results = Object.entries(keptResults());
  const notMeasured = notMeasuredByCase();
  if (results.length === 0) return [INTRO, NONE];
  return [INTRO, ...results.map(([name, result]) => section(name, result, notMeasured.get(name)))];
}

function section(name: string, result: KeptResult, notMeasured: string | undefined): string {
  const { day, machine, node, calibrationMs, setting, figures } = result;
  const limits = notMeasured === undefined ? "" : ` Not measured: ${notMeasured}.`;
  return [
    `## ${name}\n`,
    `${sentence(setting)} ${day}, ${machine}, Node ${node}, a fixed loop takes ${calibrationMs} ms.${limits}\n`,
    markdownTable(TABLE_HEAD, figures.map(tableCells)),
  ].join("\n");
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** The last column of the README's table, by case. */
export function notMeasuredByCase(): ReadonlyMap<string, string> {
  const readme = readFileSync(join(root, "bench/README.md"), "utf8");
  const rows = [...readme.matchAll(/^\| ([a-z0-9-]+) +\| .* \| (.*?) *\|$/gm)];
  return new Map(rows.map(([, name, unmeasured]) => [name!, unmeasured!]));
}
