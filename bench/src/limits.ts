import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { rounds } from "./flags.ts";
import { readAnswer } from "./read-answer.ts";
import { EVERY_SERIES_PATH } from "./json-matrix.ts";
import type { BenchCase, Figure } from "./report.ts";
import { writeQueryData } from "./query-data.ts";
import { join } from "node:path";
import { measureScraping, PAGE_SERIES, PAGE_TARGETS } from "./scrape.ts";
import { ScratchFolder } from "./scratch-folder.ts";
import { run as selectDay } from "./select.ts";
import { startOurs } from "./servers.ts";
import { Targets } from "./targets.ts";

const USUAL_ROUNDS = 3;
const ROUNDS = rounds(USUAL_ROUNDS);
const FETCH_SECONDS = 15;
const WARM_ANSWERS = 6;
const ANSWERS = 8;

/** Cost of an operation, and the lower bound that the machine's hardware sets. */
interface Measurement {
  readonly ours: number;
  readonly least: number;
}

interface Limit {
  readonly work: string;
  readonly least: string;
  readonly unit: string;
  readonly measure: () => Promise<Measurement>;
}

/**
 * Performance-critical operations, each with the least work that the machine must do for it. docs/limits.md describes
 * each bound.
 */
const LIMITS: readonly Limit[] = [
  {
    work: "from blocks to a million samples in columns",
    least: "copying columns of that length in memory",
    unit: "ms of CPU",
    measure: decoding,
  },
  {
    work: `a page of ${PAGE_SERIES} known series, scraped, stored and logged`,
    least: "reading it from its connection",
    unit: "µs of CPU",
    measure: scraping,
  },
  {
    work: "a megabyte of an answer of /api/v1/query_range",
    least: "sending as much that lies ready",
    unit: "µs of CPU",
    measure: measureAnswers,
  },
];

/**
 * Compares performance-critical operations with the machine's limits: memory for decoding, system calls for scraping,
 * bytes for answers.
 */
export const limitsCase: BenchCase = {
  name: "limits",
  usualRounds: USUAL_ROUNDS,
  async run() {
    const figures: Figure[] = [];
    for (const { work, least, unit, measure } of LIMITS) {
      const measured: Measurement[] = [];
      for (let round = 0; round < ROUNDS; round++) measured.push(await measure());
      const figure = (what: string, unitOf: string, pick: (one: Measurement) => number): Figure => ({
        what,
        unit: unitOf,
        better: "lower",
        ours: measured.map(pick),
        peer: [],
      });
      figures.push(
        figure(work, unit, (one) => one.ours),
        figure(`… ${least}`, unit, (one) => one.least),
        figure("… the first as a multiple of the second", "×", (one) => one.ours / one.least),
      );
    }
    return { setting: "CPU time of whole processes, each beside a process that does the least for the same", figures };
  },
};

/** Measures sample decoding. The lower bound is the time to copy two columns of a million doubles. */
async function decoding(): Promise<Measurement> {
  const { samplesPerCpuSecond } = await selectDay();
  const COPIES = 50;
  const MILLION = 1e6;
  const [from, to] = [new Float64Array(2 * MILLION).fill(1.5), new Float64Array(2 * MILLION)];
  to.set(from);
  const before = process.cpuUsage();
  for (let copy = 0; copy < COPIES; copy++) to.set(from);
  const { user, system } = process.cpuUsage(before);
  return { ours: (MILLION / samplesPerCpuSecond) * 1000, least: (user + system) / 1000 / COPIES };
}

async function scraping(): Promise<Measurement> {
  const { cpuMicrosPerSample } = await measureScraping(new URL("../../bin/narthex", import.meta.url).pathname, [
    "server",
  ]);
  await using targets = await Targets.start(PAGE_SERIES);
  const { port } = await targets.report();
  const child = fork(processFile, ["fetch", String(port), String(PAGE_TARGETS), String(FETCH_SECONDS)], {
    execArgv: [],
  });
  const { cpuMicros, pages } = await nextMessage<{ cpuMicros: number; pages: number }>(child);
  return { ours: cpuMicrosPerSample * PAGE_SERIES, least: cpuMicros / pages };
}

async function measureAnswers(): Promise<Measurement> {
  using folder = new ScratchFolder();
  writeQueryData(join(folder.path, "blocks"));
  await using server = await startOurs(folder.path, "blocks");
  const url = server.base + EVERY_SERIES_PATH;
  let bytes = 0;
  for (let answer = 0; answer < WARM_ANSWERS; answer++) bytes = await readAnswer(url);
  const ours = await microsPerMegabyte(url, () => Promise.resolve(server.program.tree().cpuSeconds * 1e6));

  const child = fork(processFile, ["send", String(bytes / 1e6)], { execArgv: [] });
  try {
    const requestReport = (): Promise<{ cpuMicros: number; port?: number }> => {
      child.send("ask");
      return nextMessage(child);
    };
    let port: number | undefined;
    while (port === undefined) ({ port } = await requestReport());
    const ready = `http://127.0.0.1:${port}/`;
    for (let answer = 0; answer < WARM_ANSWERS; answer++) await readAnswer(ready);
    return { ours, least: await microsPerMegabyte(ready, async () => (await requestReport()).cpuMicros) };
  } finally {
    child.disconnect();
  }
}

async function microsPerMegabyte(url: string, cpuMicros: () => Promise<number>): Promise<number> {
  const before = await cpuMicros();
  let bytes = 0;
  for (let answer = 0; answer < ANSWERS; answer++) bytes += await readAnswer(url);
  return ((await cpuMicros()) - before) / (bytes / 1e6);
}

/** Resolves with the next message of the process; rejects if it ends first. */
async function nextMessage<Answer>(child: ChildProcess): Promise<Answer> {
  const ended = once(child, "exit").then(([status]) => {
    throw new Error(`the process of a limit ended with status ${String(status)}`);
  });
  const [answer] = (await Promise.race([once(child, "message"), ended])) as [Answer];
  ended.catch(() => undefined);
  return answer;
}

const processFile = new URL("limits-process.ts", import.meta.url);
