import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createLogger, systemClock } from "@narthex/runtime";
import { openPostgres } from "@narthex/store";
import { median } from "./calibration.ts";
import { rounds } from "./flags.ts";
import { freePort } from "./free-port.ts";
import { PostgresServer } from "./postgres.ts";
import { pause, Program } from "./program.ts";
import type { BenchCase, CaseResult } from "./report.ts";
import { ScratchFolder } from "./scratch-folder.ts";

const peers = process.env["NARTHEX_PEERS"] ?? "/usr/bin";
const own = new URL("../../bin/narthex", import.meta.url).pathname;
const USUAL_ROUNDS = 5;
const ROUNDS = rounds(USUAL_ROUNDS);
const SILENCES = 11;
const PATIENCE_MS = 60_000;

const logger = createLogger({
  level: "error",
  format: "logfmt",
  clock: systemClock,
  write: (line) => process.stderr.write(line),
});

const BOUND_MS = { silence: 200, lease: 6000 } as const;

/** Measures the delay until a change on one of two clustered Alertmanagers reaches the other. */
export const instancesCase: BenchCase = {
  name: "instances",
  usualRounds: USUAL_ROUNDS,
  async run(): Promise<CaseResult> {
    using folder = new ScratchFolder();
    await using postgres = await PostgresServer.start(folder.path);
    await using ours = await Pair.ofDatabase(folder.path, postgres.url);
    await using peer = await Pair.ofCluster(folder.path);
    const [seenOurs, seenPeer]: [number[], number[]] = [[], []];
    for (let round = -1; round < ROUNDS; round++) {
      const both = [await ours.silenceMs(), await peer.silenceMs()] as const;
      if (round < 0) continue;
      seenOurs.push(both[0]);
      seenPeer.push(both[1]);
    }
    const handovers: number[] = [];
    for (let round = 0; round < ROUNDS; round++) handovers.push(await handoverMs(postgres.url, `bench ${round}`));
    const unit = "ms";
    const better = "lower";
    return {
      setting: `ours on one PostgreSQL database, the peer in a cluster of two; ${SILENCES} silences a round; ${version()}`,
      figures: [
        {
          what: `a silence posted at one is seen at the other, p50, at most ${BOUND_MS.silence}`,
          unit,
          better,
          ours: seenOurs,
          peer: seenPeer,
        },
        {
          what: `the lease of a holder that went without a word is another's, at most ${BOUND_MS.lease}`,
          unit,
          better,
          ours: handovers,
          peer: [],
        },
      ],
    };
  },
};

const version = (): string =>
  execFileSync(join(peers, "prometheus-alertmanager"), ["--version"], { encoding: "utf8" }).split("\n")[0]!;

/**
 * Measures the handover of a lease between two instances: one instance takes the lease and closes without releasing it.
 * Resolves with the time in ms until the other instance has the lease.
 */
async function handoverMs(url: string, key: string): Promise<number> {
  const open = { url, env: {}, application: "narthex bench", clock: systemClock, logger, random: Math.random };
  const [one, two] = [await openPostgres(open), await openPostgres(open)];
  try {
    const { signal } = new AbortController();
    await two.leases.take(key, signal);
    await two.close();
    const began = performance.now();
    const lease = await one.leases.take(key, signal);
    const took = performance.now() - began;
    if (lease === undefined) throw new Error("the store has no lease to give");
    lease.release();
    return took;
  } finally {
    await one.close();
  }
}

/** Two instances of a program that form a cluster. */
class Pair implements AsyncDisposable {
  readonly #programs: readonly Program[];
  readonly #bases: readonly [string, string];
  #made = 0;

  private constructor(programs: readonly Program[], bases: readonly [string, string]) {
    this.#programs = programs;
    this.#bases = bases;
  }

  static ofDatabase(folder: string, url: string): Promise<Pair> {
    const environment = { NARTHEX_STORE_URL: url };
    return Pair.#start(folder, "ours", (args) => new Program(own, ["alertmanager", ...args], environment), [
      ["--cluster.listen-address="],
      ["--cluster.listen-address="],
    ]);
  }

  static async ofCluster(folder: string): Promise<Pair> {
    const [a, b] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
    const listen = (address: string): string => `--cluster.listen-address=${address}`;
    return Pair.#start(folder, "peer", (args) => new Program(join(peers, "prometheus-alertmanager"), args), [
      [listen(a)],
      [listen(b), `--cluster.peer=${a}`],
    ]);
  }

  static async #start(
    folder: string,
    name: string,
    run: (args: readonly string[]) => Program,
    more: readonly [readonly string[], readonly string[]],
  ): Promise<Pair> {
    const file = join(folder, "alertmanager.yml");
    writeFileSync(file, "route: {receiver: quiet}\nreceivers: [{name: quiet}]\n");
    const programs: Program[] = [];
    const bases: string[] = [];
    for (const [i, cluster] of more.entries()) {
      const address = `127.0.0.1:${await freePort()}`;
      const storage = `--storage.path=${join(folder, `${name}-${i}`)}`;
      programs.push(run([`--config.file=${file}`, storage, `--web.listen-address=${address}`, ...cluster]));
      bases.push(`http://${address}`);
      await programs.at(-1)!.ready(`http://${address}/-/ready`);
    }
    return new Pair(programs, [bases[0]!, bases[1]!]);
  }

  /**
   * Returns the median time in ms from the answer to the POST of a silence until the other instance has the silence.
   */
  async silenceMs(): Promise<number> {
    const taken: number[] = [];
    for (let i = 0; i < SILENCES; i++) {
      const id = await this.#silence();
      const began = performance.now();
      while (!(await fetch(`${this.#bases[1]}/api/v2/silence/${id}`).then(isFound))) {
        if (performance.now() - began > PATIENCE_MS) throw new Error(`the other instance never has silence ${id}`);
        await pause(1);
      }
      taken.push(performance.now() - began);
    }
    return median(taken);
  }

  async #silence(): Promise<string> {
    const response = await fetch(`${this.#bases[0]}/api/v2/silences`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        matchers: [{ name: "group", value: String(this.#made++), isRegex: false }],
        startsAt: new Date().toISOString(),
        endsAt: new Date(Date.now() + 3_600_000).toISOString(),
        createdBy: "bench",
        comment: "one of several",
      }),
    });
    if (!response.ok) throw new Error(`POST of a silence: ${response.status} ${await response.text()}`);
    return ((await response.json()) as { silenceID: string }).silenceID;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#programs.map((program) => program[Symbol.asyncDispose]()));
  }
}

async function isFound(response: Response): Promise<boolean> {
  await response.arrayBuffer();
  return response.ok;
}
