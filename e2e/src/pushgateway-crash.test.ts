import { expect, test } from "vitest";
import { Dice } from "./dice.ts";
import { eventually } from "./eventually.ts";
import { Pusher } from "./pushgateway-crash/pusher.ts";
import { Running } from "./running.ts";
import { chosenSeed } from "./seed.ts";
import { Workplace } from "./workplace.ts";

// A process of its own is 50 gateways, each with a file and pushers of its own, so that one SIGKILL strikes 50 of them.
const GATEWAYS = 50;
const KILLS = 10;
const PUSHERS = 2;
const program = new URL("pushgateway-crash/many-gateways.ts", import.meta.url).pathname;

test(
  `of ${GATEWAYS * KILLS} gateways killed between and during pushes none loses an acknowledged push or keeps half of one`,
  { timeout: 180_000 },
  async () => {
    const seed = chosenSeed();
    process.stdout.write(`NARTHEX_SEED=${seed}\n`);
    const dice = new Dice(seed);
    using place = new Workplace();
    const pushers = Array.from({ length: GATEWAYS }, (_, gateway) =>
      Array.from(
        { length: PUSHERS },
        (_unused, i) => new Pusher(`g${gateway}p${i}`, new Dice(seed + gateway * 100 + i)),
      ),
    );
    let interrupted = 0;
    for (let kill = 0; kill <= KILLS; kill++) {
      await using running = new Running(process.execPath, [
        "--disable-warning=ExperimentalWarning",
        program,
        place.folder,
        String(GATEWAYS),
      ]);
      const ports = await listening(running);
      await Promise.all(pushers.map((group, gateway) => expectWhole(group, ports[gateway]!)));
      if (kill === KILLS) break;
      // Of some gateways all pushes are answered when the signal comes, others are in the middle of one.
      const work = pushers.flatMap((group, gateway) =>
        group.map((pusher) => pusher.push(ports[gateway]!, gateway % 5 === 0 ? 1 : Infinity)),
      );
      const least = dice.roll(150);
      const before = acknowledgedBy(pushers);
      await eventually(`${least} pushes more are acknowledged`, async () => {
        if (acknowledgedBy(pushers) < before + least) throw new Error(`${acknowledgedBy(pushers) - before} are`);
      });
      running.kill("SIGKILL");
      await running.ended;
      await Promise.all(work);
      interrupted += GATEWAYS;
    }
    expect(interrupted).toBe(500);
    expect(acknowledgedBy(pushers)).toBeGreaterThan(500);
  },
);

const acknowledgedBy = (pushers: readonly (readonly Pusher[])[]): number =>
  pushers.flat().reduce((sum, pusher) => sum + pusher.acknowledged, 0);

/** The gateways' ports. */
async function listening(running: Running): Promise<readonly number[]> {
  const ports: number[] = [];
  await eventually("all gateways listen", async () => {
    for (const [, gateway, port] of running.stdout.matchAll(/^(\d+) \S+:(\d+)$/gm))
      ports[Number(gateway)] = Number(port);
    if (Object.keys(ports).length < GATEWAYS) throw new Error(running.output);
  });
  return ports;
}

async function expectWhole(pushers: readonly Pusher[], port: number): Promise<void> {
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  expect(pushers.flatMap((pusher) => pusher.verdict(metrics) ?? [])).toEqual([]);
}
