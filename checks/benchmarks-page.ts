import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type KeptResult, keptResults } from "../bench/src/kept-results.ts";
import { TABLE_HEAD, tableCells } from "../bench/src/report.ts";
import { markdownTable } from "./markdown-table.ts";
import { root } from "./sources.ts";

const INTRO = `This page compares the cost of ours with that of the originals. One run of \`pnpm bench --save\` measures both on the same machine.
A cell has the median of the rounds, and the lowest and the highest if there are several rounds. A ratio is ours divided by the
original's. Machines differ: compare ratios, not seconds. Differences below 20 % (5 % for queries) are noise.
[How each figure is taken](../bench/README.md), [earlier runs](../bench/RESULTS.md), and
[how far ours is from the limits of the machine](limits.md).

\`pnpm bench --save\` refuses a run with fewer rounds or other amounts of data than usual. The result contains the commit, the command, the rounds,
the load before the run, and the cores that other processes used during the run. A figure without these facts is older than that
rule, and its section says so.

To fill the page with figures of your own machine, run this with a folder of the originals. All cases take some hours; a word after
\`bench\` selects the cases whose name contains it:

\`\`\`sh
NARTHEX_PEERS=/path/to/originals pnpm bench --save && pnpm docs:write
\`\`\`
`;

/** Benchmarks that measure the same with more and more series, targets, days or rules. */
const CURVES: readonly string[] = [
  "series-curve",
  "targets-10k",
  "query-live",
  "disk-curve",
  "days-curve",
  "rules-curve",
];

const ON_LIMITS_PAGE: ReadonlySet<string> = new Set(["limits", ...CURVES]);

const NONE = "No figures are kept yet; figures of single runs are in [the list of results](../bench/RESULTS.md).\n";

/** Returns docs/benchmarks.md, generated from the saved results of the benchmarks and the text of bench/README.md. */
export function benchmarksPage(): readonly string[] {
  const results = Object.entries(keptResults()).filter(([name]) => !ON_LIMITS_PAGE.has(name));
  const notMeasured = notMeasuredByCase();
  if (results.length === 0) return [INTRO, NONE];
  const sections = results.map(([name, result]) => section(name, result, notMeasured.get(name)));
  const others = [...notMeasured.keys()].filter((name) => keptResults()[name] === undefined);
  return [INTRO, ...sections, `## Cases without kept figures\n\n${others.join(", ")}.\n`];
}

const LIMITS_INTRO = `The machine limits every program. To decode samples, a program must at least write them to memory. To scrape a page, it must
at least read the bytes from the kernel. To answer, it must at least pass its bytes to the kernel. This page compares ours with
these minimums, and so shows how much a change could gain. A second program in Node does only the minimum, in the same run.
`;

const HOT_PATHS: readonly (readonly string[])[] = [
  [
    "from blocks to columns of samples",
    "memory: 16 bytes (time and value) are written for each sample",
    "chunks of the original's format are a stream of bits, in which each sample depends on the one before: it cannot be read in pieces or by wide instructions",
  ],
  [
    "a scraped page",
    "system calls: the page is read from its connection",
    "each line is compared with that of the last scrape, each value is parsed and encoded into a chunk and into the log, which has a checksum and is compressed",
  ],
  [
    "an answer of a query",
    "bytes: our JSON equals the original's, including the shortest decimals of each number",
    "finding the series, reading, evaluating, and up to 17 digits for each value",
  ],
];

const LIMITS_END = `\`pnpm bench limits --save && pnpm docs:write\` measures the figures again. [Benchmarks](benchmarks.md) compares ours with
the originals.
`;

/** Returns docs/limits.md, which compares performance-critical operations with the machine's limits. */
export function limitsPage(): readonly string[] {
  const results = keptResults();
  const notMeasured = notMeasuredByCase();
  const words = [LIMITS_INTRO, markdownTable(["hot path", "its limit", "the rest of the cost"], HOT_PATHS), LIMITS_END];
  const sections = ["limits", ...CURVES].flatMap((name) => {
    const result = results[name];
    const intro = name === CURVES[0] ? [CURVES_INTRO, ...tenMillionSeries(result)] : [];
    return [...intro, ...(result === undefined ? [] : [section(name, result, notMeasured.get(name))])];
  });
  return [...words, ...sections];
}

const CURVES_INTRO = `## More series, targets, days and rules

The next sections measure the same with more and more series, targets, days of samples and groups of rules. No scrape and no
evaluation was missed or late up to the largest amounts. The first figure that people notice is the time of a start after a kill: it grows with the number of
series, and the server answers no query until it ends. Then comes the memory of the machine for series, and for queries
that select all of them. Processor time comes last, because the next scrape of known series costs little.
`;

/** Sizes in millions of series from which the cost of ten millions is calculated. */
const [SMALLER, LARGER, ESTIMATED] = [1, 3, 10];

const ESTIMATED_FIGURES: readonly (readonly [figure: string, name: string])[] = [
  ["CPU", "processor, % of a core"],
  ["resident memory", "memory, MB"],
  ["start to ready after a kill", "start after a kill, s"],
  ["CPU of that start", "processor time of that start, s"],
];

/**
 * Returns a table that continues the measured curves in a straight line to ten million series.
 * Empty without figures of the two sizes.
 */
function tenMillionSeries(result: KeptResult | undefined): readonly string[] {
  const figureOf = (millions: number, name: string) =>
    result?.figures.find(({ what }) => what === `${millions},000,000 series @ 15 s: ${name}`);
  const rows = ESTIMATED_FIGURES.flatMap(([figure, name]) => {
    const [smaller, larger] = [figureOf(SMALLER, figure), figureOf(LARGER, figure)];
    if (smaller === undefined || larger === undefined) return [];
    const continued = (side: "ours" | "peer"): string => {
      const [low, high] = [smaller[side]?.[0], larger[side]?.[0]];
      if (low === undefined || high === undefined) return "";
      const perMillion = (high - low) / (LARGER - SMALLER);
      return Math.round(high + perMillion * (ESTIMATED - LARGER)).toLocaleString("en");
    };
    return [[name, continued("ours"), continued("peer")]];
  });
  if (rows.length === 0) return [];
  return [
    `Calculated, not measured: the costs of ${ESTIMATED} million series every 15 s, if the difference between ${SMALLER} and ${LARGER} million continues in a\nstraight line.\n`,
    markdownTable([`${ESTIMATED} million series`, "ours", "the original"], rows),
  ];
}

function section(name: string, result: KeptResult, notMeasured: string | undefined): string {
  const { day, machine, node, calibrationMs, setting, figures, remark } = result;
  const words = [
    sentence(setting),
    `${day}, ${machine}, Node ${node}, a fixed loop takes ${calibrationMs} ms.`,
    ...roundWords(result),
    howToRepeat(result),
    ...(remark === undefined ? [] : [remark]),
    ...(notMeasured === undefined ? [] : [`Not measured: ${notMeasured}.`]),
  ];
  return [`## ${name}\n`, `${words.join(" ")}\n`, markdownTable(TABLE_HEAD, figures.map(tableCells))].join("\n");
}

/** Returns the number of measured rounds, in bold if the benchmark has more rounds by default. */
function roundWords({ rounds, usualRounds }: KeptResult): readonly string[] {
  if (rounds === undefined || usualRounds === undefined) return [];
  const taken = `${rounds} ${rounds === 1 ? "round" : "rounds"}`;
  return [rounds < usualRounds ? `**${taken} instead of the usual ${usualRounds}.**` : `${taken}.`];
}

function howToRepeat({ run }: KeptResult): string {
  if (run === undefined) return "Commit, command and other work on the machine: not kept.";
  const command = ["pnpm bench", ...run.arguments].join(" ");
  return `Commit ${run.commit}, \`${command}\`, load ${run.load} before, ${run.otherCores} cores used by other processes meanwhile.`;
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** Returns the last column of the table in bench/README.md, by benchmark name. */
export function notMeasuredByCase(): ReadonlyMap<string, string> {
  const readme = readFileSync(join(root, "bench/README.md"), "utf8");
  const [, , ...lines] = readme.slice(readme.indexOf("| case ")).split("\n\n", 1)[0]!.split("\n");
  const rows = [...lines.join("\n").matchAll(/^\| ([a-z0-9-]+) +\| .* \| (.*?) *\|$/gm)];
  return new Map(rows.map(([, name, unmeasured]) => [name!, unmeasured!]));
}
