import { testSeed } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { Random } from "../../support/random.ts";
import { eventually, Fatal } from "../../support/eventually.ts";
import { Pusher } from "./pusher.ts";
import { narthex, Running } from "../../support/running.ts";
import { Workplace } from "../../support/workplace.ts";

// Number of Pushgateways in one process. Each Pushgateway has its own file and clients, so one SIGKILL tests all of
// them.
const GATEWAYS = 50;
const KILLS = 10;
const PUSHERS = 2;
const program = new URL("many-gateways.ts", import.meta.url).pathname;

test(`${GATEWAYS * KILLS} gateways that were killed between and during pushes lost no acknowledged push and kept no partial one`, async () => {
  const seed = testSeed();
  process.stdout.write(`NARTHEX_SEED=${seed}\n`);
  const random = new Random(seed);
  using workplace = new Workplace();
  const pushers = Array.from({ length: GATEWAYS }, (_, gateway) =>
    Array.from(
      { length: PUSHERS },
      (_unused, i) => new Pusher(`g${gateway}p${i}`, new Random(seed + gateway * 100 + i)),
    ),
  );
  for (let kill = 0; kill <= KILLS; kill++) {
    await using running = new Running(process.execPath, [
      "--disable-warning=ExperimentalWarning",
      program,
      workplace.folder,
      String(GATEWAYS),
    ]);
    const ports = await listening(running);
    await Promise.all(pushers.map((group, gateway) => expectWhole(group, ports[gateway]!)));
    if (kill === KILLS) break;
    // Every fifth gateway gets only a limited number of pushes, so that all of them are answered before the kill. At
    // the other gateways, clients are still waiting for a response when the process is killed.
    const work = pushers.flatMap((group, gateway) =>
      group.map((pusher) => pusher.push(ports[gateway]!, gateway % 5 === 0 ? 1 : Infinity)),
    );
    const least = random.below(150);
    const before = acknowledgedBy(pushers);
    await eventually(`${least} pushes more are acknowledged`, async () => {
      if (acknowledgedBy(pushers) < before + least) throw new Error(`${acknowledgedBy(pushers) - before} are`);
    });
    running.kill("SIGKILL");
    await running.ended;
    await Promise.all(work);
  }
  expect(acknowledgedBy(pushers)).toBeGreaterThan(500);
});

// Number of kills of the actual program. NARTHEX_KILLS=500 is for a longer manual run.
const PROGRAM_KILLS = Number(process.env["NARTHEX_KILLS"] ?? 10);

test(
  "narthex pushgateway, killed at a random moment while clients push, has every acknowledged push completely after a restart",
  { timeout: 600_000 + PROGRAM_KILLS * 15_000 },
  async () => {
    const seed = testSeed();
    process.stdout.write(`NARTHEX_SEED=${seed}\n`);
    const random = new Random(seed);
    using workplace = new Workplace();
    const pushers = Array.from({ length: 4 }, (_, i) => new Pusher(`p${i}`, new Random(seed + i)));
    for (let kill = 0; kill <= PROGRAM_KILLS; kill++) {
      await using running = narthex([
        "pushgateway",
        "--web.listen-address=127.0.0.1:0",
        `--persistence.file=${workplace.path("groups.db")}`,
      ]);
      const port = await listeningAt(running);
      await expectWhole(pushers, port);
      if (kill === PROGRAM_KILLS) break;
      const before = acknowledgedBy([pushers]);
      const work = pushers.map((pusher) => pusher.push(port, Infinity));
      // In some rounds the process is killed during the first push, in others after many pushes.
      if (random.chance(80)) {
        await eventually("a push is acknowledged", async () => {
          if (acknowledgedBy([pushers]) === before) throw new Error("none is");
        });
      }
      for (let turns = random.below(500); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
      running.kill("SIGKILL");
      await running.ended;
      await Promise.all(work);
    }
    expect(acknowledgedBy([pushers])).toBeGreaterThan(PROGRAM_KILLS);
  },
);

const acknowledgedBy = (pushers: readonly (readonly Pusher[])[]): number =>
  pushers.flat().reduce((sum, pusher) => sum + pusher.acknowledged, 0);

/** Waits until the Pushgateways listen. Resolves with their ports. */
async function listening(running: Running): Promise<readonly number[]> {
  const ports: number[] = [];
  await eventually("all gateways listen", async () => {
    for (const [, gateway, port] of running.stdout.matchAll(/^(\d+) \S+:(\d+)$/gm))
      ports[Number(gateway)] = Number(port);
    if (Object.keys(ports).length < GATEWAYS) throw new Error(running.output);
  });
  return ports;
}

async function listeningAt(running: Running): Promise<number> {
  return eventually("the gateway listens", async () => {
    if (running.child.exitCode !== null) throw new Fatal(running.output);
    const port = /msg="Listening on" address=\S+:(\d+)/.exec(running.output)?.[1];
    if (port === undefined) throw new Error(running.output);
    return Number(port);
  });
}

async function expectWhole(pushers: readonly Pusher[], port: number): Promise<void> {
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  expect(pushers.flatMap((pusher) => pusher.verdict(metrics) ?? [])).toEqual([]);
}
