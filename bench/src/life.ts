import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { median } from "./calibration.ts";
import { contenders, type LiveServer } from "./contenders.ts";
import { flag, numberFlag } from "./flags.ts";
import { LifeWriter } from "./life-writer.ts";
import { liveQueries } from "./live-queries.ts";
import { checkStored } from "./live-stored.ts";
import { LiveTargets, parseShape, shapeName } from "./live-targets.ts";
import { pause } from "./program.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";
import { ScratchFolder } from "./scratch-folder.ts";

const SHAPE = parseShape(flag("life-shape", "20x500@5s"));
const MINUTES = numberFlag("minutes", 1440);
const KILL_MINUTES = numberFlag("kill-every", 10);
const DELETE_MINUTES = numberFlag("delete-every", 7);
const RELOAD_MINUTES = numberFlag("reload-every", 3);
const BLOCK = flag("block", "2h");
const READY_QUERIES = 5;

/** Memory, disk use and answer times of the server at one moment of the run. */
interface Moment {
  readonly residentMb: number;
  readonly files: number;
  readonly folderMb: number;
  /** Median answer time in ms of each live query. */
  readonly answersMs: readonly number[];
}

const SETTINGS = "storage: {tsdb: {out_of_order_time_window: 30m}}\n";

/**
 * Runs a server for `--minutes` with scrapes, remote write in order and late, deletions, reloads, dashboard queries,
 * and a kill every ten minutes. The figures are the server's state at the start, in the middle and at the end, and the
 * number of lost samples.
 */
export const lifeCase: BenchCase = {
  name: "life",
  byName: true,
  async run(): Promise<CaseResult> {
    using folder = new ScratchFolder();
    await using targets = await LiveTargets.start(SHAPE);
    const life = new Life(folder.path, targets);
    const moments = await life.run();
    const after = await life.end();
    return {
      setting:
        `${shapeName(SHAPE)} beside remote write, late samples, deletions, reloads and queries for ${MINUTES} minutes, ` +
        `killed every ${KILL_MINUTES} minutes (${life.kills} times), blocks of ${BLOCK}`,
      figures: [...momentFigures(moments), ...after],
    };
  },
};

class Life {
  kills = 0;
  readonly #folder: string;
  readonly #targets: LiveTargets;
  readonly #writer = new LifeWriter();
  readonly #beganS = Date.now() / 1000;
  #server: LiveServer | undefined;
  #failedQueries = 0;
  #config = "";

  constructor(folder: string, targets: LiveTargets) {
    this.#folder = folder;
    this.#targets = targets;
  }

  async run(): Promise<readonly [start: Moment, middle: Moment, end: Moment]> {
    this.#config = await this.#targets.config(SETTINGS);
    await this.#start();
    const moments: Moment[] = [];
    const begin = performance.now();
    const due = new Map([
      ["kill", KILL_MINUTES],
      ["delete", DELETE_MINUTES],
      ["reload", RELOAD_MINUTES],
      ["middle", MINUTES / 2],
    ]);
    const isDue = (name: string, everyMinutes: number): boolean => {
      if ((performance.now() - begin) / 60_000 < due.get(name)!) return false;
      due.set(name, due.get(name)! + everyMinutes);
      return true;
    };
    await this.#live(30);
    moments.push(await this.#moment());
    while ((performance.now() - begin) / 60_000 < MINUTES) {
      await this.#live(1);
      if (isDue("delete", DELETE_MINUTES)) await this.#writer.deleteDoomed(this.#server!.base);
      if (isDue("reload", RELOAD_MINUTES)) await this.#server!.reload(this.#config);
      if (isDue("middle", Infinity)) moments.push(await this.#moment());
      if (isDue("kill", KILL_MINUTES)) await this.#killAndStart();
    }
    await this.#live(30);
    moments.push(await this.#moment());
    return moments as [Moment, Moment, Moment];
  }

  /** Ends the run and compares the stored samples with the samples that were sent, scraped and deleted. */
  async end(): Promise<readonly Figure[]> {
    await this.#server!.reload("scrape_configs: []\n");
    const { base } = this.#server!;
    const { lost, returned } = await this.#writer.check(base, this.#beganS);
    const stored = await checkStored(base, this.#targets, this.#beganS);
    await this.#server![Symbol.asyncDispose]();
    return [
      figure(`accepted samples of ${this.#writer.accepted} that are missing`, "", lost),
      figure("requests of remote write that were refused", "", this.#writer.refused),
      figure("deleted samples that came back", "", returned),
      figure(`pages that were under way in ${this.kills} kills, or lost`, "", stored.lostPages),
      figure("scraped series with other samples than the stored pages", "", stored.wrongSeries),
      figure("queries that failed", "", this.#failedQueries),
    ];
  }

  async #start(): Promise<void> {
    const [ours] = contenders([
      "--web.enable-remote-write-receiver",
      "--web.enable-admin-api",
      `--storage.tsdb.min-block-duration=${BLOCK}`,
      `--storage.tsdb.max-block-duration=${BLOCK}`,
    ]);
    this.#server = await ours!.start(this.#folder, this.#config);
  }

  async #killAndStart(): Promise<void> {
    const { program } = this.#server!;
    // Starts a remote write request, so that the server is killed while the request is in progress.
    const write = this.#writer.send(this.#server!.base);
    program.kill();
    await write;
    while (!program.ended) await pause(10);
    this.kills++;
    await this.#start();
  }

  /** Each second, sends one request of each kind and every live query. */
  async #live(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      const next = performance.now() + 1000;
      await this.#writer.send(this.#server!.base);
      await this.#queryTimes(1);
      await pause(Math.max(0, next - performance.now()));
    }
  }

  async #queryTimes(times: number): Promise<readonly number[]> {
    const end = Date.now() / 1000;
    const all: number[] = [];
    for (const query of liveQueries(SHAPE)) {
      const ms: number[] = [];
      for (let i = 0; i < times; i++) {
        const start = performance.now();
        const response = await fetch(
          `${this.#server!.base}/api/v1/${query.path}?${new URLSearchParams(query.parameters(end)).toString()}`,
        );
        await response.text();
        if (!response.ok) this.#failedQueries++;
        ms.push(performance.now() - start);
      }
      all.push(median(ms));
    }
    return all;
  }

  async #moment(): Promise<Moment> {
    const answersMs = await this.#queryTimes(READY_QUERIES);
    const files = readdirSync(join(this.#folder, "data"), { recursive: true, withFileTypes: true });
    const sizes = files.filter((one) => one.isFile()).map((one) => sizeOf(join(one.parentPath, one.name)));
    return {
      residentMb: this.#server!.program.tree().residentBytes / 1e6,
      files: sizes.length,
      folderMb: sizes.reduce((sum, size) => sum + size, 0) / 1e6,
      answersMs,
    };
  }
}

/** Returns the size of a file, or 0 if the file was removed after the folder was listed. */
function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

const figure = (what: string, unit: string, value: number): Figure => ({
  what,
  unit,
  better: "lower",
  ours: [value],
  peer: [],
});

function momentFigures(moments: readonly Moment[]): readonly Figure[] {
  const names = liveQueries(SHAPE).map(({ name }) => name);
  return moments.flatMap((moment, i) => {
    const when = ["start", "middle", "end"][i]!;
    return [
      figure(`resident memory, ${when}`, "MB", moment.residentMb),
      figure(`files of the data folder, ${when}`, "", moment.files),
      figure(`size of the data folder, ${when}`, "MB", moment.folderMb),
      ...names.map((name, query) => figure(`${name}, p50, ${when}`, "ms", moment.answersMs[query]!)),
    ];
  });
}
