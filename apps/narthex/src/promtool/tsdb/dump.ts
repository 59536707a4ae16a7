import { statSync } from "node:fs";
import { resolve } from "node:path";
import { compareLabels, type Labels } from "@narthex/model";
import { parseSelector } from "@narthex/promql";
import { flagKinds, type Host } from "@narthex/runtime";
import { type Querier, SampleColumns, type SeriesSet } from "@narthex/storage";
import { openReadOnly, type ReadOnlyTsdb } from "@narthex/tsdb";
import { promtoolCommand } from "../command.ts";
import { EXIT_FAILURE, EXIT_OK } from "../lint-settings.ts";
import { databaseOperand, databasePath, failureText } from "./database.ts";
import {
  printAsPromtool,
  printEverySample,
  printJsonLabels,
  printOpenMetrics,
  type SeriesPrinter,
} from "./sample-text.ts";
import { dumpFlags } from "./time-flags.ts";

/** Approximate number of characters of output that are collected before they are printed. */
const PIECE = 64 * 1024;

export const tsdbDump = promtoolCommand({
  name: "dump",
  help: "Dump samples from a TSDB.",
  flags: {
    ...dumpFlags,
    format: flagKinds.choice("prom", ["prom", "seriesjson"], "Output format of the dump (prom or seriesjson)."),
    complete: flagKinds.flag(
      false,
      "Narthex' own: also print what promtool leaves out, namely the first samples of series of native histograms, and samples of the log from before the end of a block of out-of-order samples.",
    ),
  },
  operands: [databaseOperand],
  run({ host, flags, operands: [operand] }) {
    const samples = flags.complete ? printEverySample : printAsPromtool;
    return dump(host, operand, flags, flags.format === "prom" ? samples : printJsonLabels, flags.complete);
  },
});

export const tsdbDumpOpenMetrics = promtoolCommand({
  name: "dump-openmetrics",
  help: "[Experimental] Dump samples from a TSDB into OpenMetrics text format, excluding native histograms, which are not representable in OpenMetrics.",
  flags: dumpFlags,
  operands: [databaseOperand],
  async run({ host, flags, operands: [operand] }) {
    const status = await dump(host, operand, flags, printOpenMetrics);
    if (status === EXIT_OK) host.stdout("# EOF\n");
    return status;
  },
});

interface DumpFlags {
  readonly "sandbox-dir-root": string;
  readonly "min-time": number;
  readonly "max-time": number;
  readonly match: readonly string[];
}

async function dump(
  host: Host,
  operand: string | undefined,
  flags: DumpFlags,
  printer: SeriesPrinter,
  complete = false,
): Promise<number> {
  const path = databasePath(host, operand);
  const fail = (text: string): number => {
    host.stderr(`${text}\n`);
    return EXIT_FAILURE;
  };
  try {
    statSync(path.real);
  } catch (cause) {
    return fail(`opening the db dir: ${failureText(cause, path) ?? String(cause)}`);
  }
  const root = flags["sandbox-dir-root"];
  const range = { from: flags["min-time"], to: flags["max-time"] };
  try {
    using db = await openReadOnly(path.real, {
      maxTime: range.to,
      lastBlockCovers: !complete,
      ...(root === "" ? {} : { sandboxRoot: resolve(host.cwd, root) }),
    });
    const selectors = flags.match.map((text) => parseSelector(text));
    const refused = selectors.find((one) => !one.ok);
    if (refused?.ok === false) return fail(refused.errors[0].toString());
    const querier = db.querier(range.from, range.to);
    try {
      await print(host, await choose(db, querier, selectors, range), range, printer);
    } finally {
      querier.close();
    }
    for (const problem of db.problems) host.stderr(`${problem}\n`);
    return db.problems.length === 0 ? EXIT_OK : EXIT_FAILURE;
  } catch (cause) {
    const text = failureText(cause, path);
    if (text === undefined) throw cause;
    return fail(
      text.endsWith(`${path.shown}/wal: no such file or directory`) ? `read WAL: find last checkpoint: ${text}` : text,
    );
  }
}

interface ChosenSeries {
  readonly labels: Labels;
  readonly set: SeriesSet;
  readonly index: number;
}

interface DumpRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Returns the series that the selectors select, each once. As in promtool, the series are sorted by labels. With one
 * selector and no block, the series are in the order of the write-ahead log.
 */
async function choose(
  db: ReadOnlyTsdb,
  querier: Querier,
  selectors: readonly ReturnType<typeof parseSelector>[],
  { from, to }: DumpRange,
): Promise<ChosenSeries[]> {
  const chosen = new Map<string, ChosenSeries>();
  for (const selector of selectors) {
    if (!selector.ok) continue;
    const set = await querier.select(selector.matchers, { start: from, end: to });
    for (const [index, labels] of set.labels.entries()) chosen.set(labels.key, { labels, set, index });
  }
  const order = selectors.length === 1 && db.blockCount === 0 ? db.logOrder : compareLabels;
  return [...chosen.values()].sort((a, b) => order(a.labels, b.labels));
}

async function print(
  host: Host,
  series: readonly ChosenSeries[],
  { from, to }: DumpRange,
  printer: SeriesPrinter,
): Promise<void> {
  const columns = new SampleColumns();
  let text = "";
  for (const { labels, set, index } of series) {
    set.read(index, from, to, columns);
    printer(labels, columns, (line) => {
      text += line;
    });
    if (text.length < PIECE) continue;
    host.stdout(text);
    text = "";
    await host.outputDrained();
  }
  host.stdout(text);
}
