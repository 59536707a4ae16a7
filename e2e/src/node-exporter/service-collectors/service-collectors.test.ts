import { createServer } from "node:http";
import { existsSync, rmSync } from "node:fs";
import {
  type BusAnswer,
  type BusCall,
  messageBus,
  type NtpPacket,
  ntpServer,
  ntpTime,
  systemdAnswers,
} from "@narthex/collectors/testing";
import { testSeed } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { Random } from "../../support/random.ts";
import { onLoopback } from "../../support/loopback.ts";
import { type Exporter, ours, theirProgram, theirs } from "../exporters.ts";
import { differences, familyLines } from "../family-lines.ts";
import { randomLogind } from "./random-logind.ts";
import { randomRunit } from "./random-runit.ts";
import { randomSupervisord } from "./random-supervisord.ts";
import { randomSystemd } from "./random-systemd.ts";
import { Workplace } from "../../support/workplace.ts";

const lacksPeer = !existsSync(theirProgram);

/** Matches metrics that are not about services, or that depend on the time. */
const LEFT_OUT = /^(?:node_exporter_build_info|node_scrape_collector_duration_seconds|node_ntp_(?:rtt|offset)_seconds)/;

const BARE = ["--collector.disable-defaults", "--web.disable-exporter-metrics"];

interface Pair extends AsyncDisposable {
  /** Resolves with the lines that only one of the two exporters prints. */
  differences(): Promise<string[]>;
}

/** Starts our exporter and node_exporter, both with only the given collector. */
async function pair(collector: string, flags: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Pair> {
  const args = [...BARE, `--collector.${collector}`, ...flags];
  const exporters: Exporter[] = [];
  for (const start of [theirs, ours]) {
    // oxlint-disable-next-line no-await-in-loop -- two concurrent starts would slow each other down
    exporters.push(await start(args, undefined, env));
  }
  const lines = async (exporter: Exporter) => familyLines(await exporter.metrics(), LEFT_OUT);
  return {
    differences: async () => differences(await lines(exporters[0]!), await lines(exporters[1]!)),
    async [Symbol.asyncDispose]() {
      await Promise.all(exporters.map((exporter) => exporter[Symbol.asyncDispose]()));
    },
  };
}

/**
 * Compares both exporters in random states of a service such as systemd. `set` brings the service into a random state.
 */
async function compare(both: Pair, rounds: number, set: (random: Random) => void): Promise<void> {
  const seed = testSeed();
  for (let round = 0; round < rounds; round++) {
    set(new Random(seed + round));
    // oxlint-disable-next-line no-await-in-loop -- one state at a time
    expect(await both.differences(), `NARTHEX_SEED=${seed}, round ${round}`).toEqual([]);
  }
}

/** Starts a D-Bus server for both exporters. The test changes the services on it between scrapes. */
async function changingBus() {
  const state: { answer: (call: BusCall) => BusAnswer } = { answer: () => undefined };
  const bus = await messageBus((call) => state.answer(call));
  return Object.assign(bus, { state, env: { DBUS_SYSTEM_BUS_ADDRESS: bus.address } });
}

test.skipIf(lacksPeer)("systemd's units are printed as node_exporter prints them", async () => {
  await using bus = await changingBus();
  await using both = await pair(
    "systemd",
    [
      "--collector.systemd.unit-include=.+",
      "--collector.systemd.unit-exclude=.+\\.(device|slice)|x.*",
      "--collector.systemd.enable-task-metrics",
      "--collector.systemd.enable-restarts-metrics",
      "--collector.systemd.enable-start-time-metrics",
    ],
    bus.env,
  );
  await compare(both, 80, (random) => (bus.state.answer = systemdAnswers(randomSystemd(random))));
});

test.skipIf(lacksPeer)("logind's sessions are printed as node_exporter prints them", async () => {
  await using bus = await changingBus();
  await using both = await pair("logind", [], bus.env);
  await compare(both, 40, (random) => (bus.state.answer = randomLogind(random)));
});

test.skipIf(lacksPeer)("supervisord's processes are printed as node_exporter prints them", async () => {
  let answer = "";
  const server = createServer((_request, response) =>
    response.writeHead(200, { "content-type": "text/xml" }).end(answer),
  );
  await using served = await onLoopback(server);
  await using both = await pair("supervisord", [`--collector.supervisord.url=http://127.0.0.1:${served.port}/RPC2`]);
  await compare(both, 60, (random) => (answer = randomSupervisord(random)));
});

test.skipIf(lacksPeer)("runit's services are printed as node_exporter prints them", async () => {
  using workplace = new Workplace();
  const folder = workplace.path("all", "service");
  await using both = await pair("runit", [`--collector.runit.servicedir=${folder}`]);
  await compare(both, 60, (random) => {
    rmSync(workplace.path("all"), { recursive: true, force: true });
    if (random.chance(95)) randomRunit(random, folder);
  });
});

/**
 * Returns a simulated NTP server: a function that returns its response at a time in ms. The server's clock has a fixed
 * error, near the collector's limits or far beyond them.
 */
function randomNtpServer(random: Random): (now: number) => NtpPacket {
  const ahead = random.pick([0, 0, 0, 900, -900, 5000]);
  const longAgo = random.pick([0n, 1n, ntpTime(0), ntpTime(-1), ntpTime(2_500_000_000_000), 2n ** 64n - 1n]);
  const reference = random.chance(70) ? ntpTime(Date.now() + ahead - 1000 - random.below(100_000_000)) : longAgo;
  const rest = {
    reference,
    leap: random.pick([0, 0, 0, 1, 2, 3]),
    stratum: random.pick([1, 2, 3, 15, 16, 0, 255]),
    rootDelay: random.pick([0, 1, 0x1234, 0xffff, 0x4000_0000]),
    rootDispersion: random.pick([0, 1, 0x8765, 0x1ffff, 0x4000_0000]),
    ...(random.chance(8) ? { mode: random.below(8) } : {}),
    ...(random.chance(4) ? { isForged: true } : {}),
    ...(random.chance(4) ? { bytes: random.below(48) } : {}),
  };
  return (now) => ({ ...rest, received: ntpTime(now + ahead), sent: ntpTime(now + ahead) });
}

test.skipIf(lacksPeer)("an NTP server is judged as node_exporter judges it", async () => {
  let packet: ((now: number) => NtpPacket) | undefined;
  await using server = await ntpServer(() => packet?.(Date.now()));
  await using both = await pair("ntp", [
    `--collector.ntp.server-port=${server.port}`,
    "--collector.ntp.local-offset-tolerance=400ms",
    "--collector.ntp.max-distance=2s",
  ]);
  await compare(both, 120, (random) => (packet = randomNtpServer(random)));
});
