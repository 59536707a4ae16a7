import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  expectArrivals,
  expectEveryFlag,
  type FlagRow,
  logRows,
  type ReadyRole,
  RecordedCalls,
  temporaryFolder,
} from "@narthex/runtime/testing";
import { afterAll, test, vi } from "vitest";
import { collectorFlags } from "./collector-flags.ts";
import { flags } from "./flags.ts";

/** Modules whose functions and classes receive the values of flags. */
const PARTS = ["@narthex/collectors", "./guarded-server.ts", "./open-server.ts", "./scrape-route.ts"];

const calls = new RecordedCalls();
/** Replaces systemd's sockets by an empty list, because they belong to another process. */
const INSTEAD = { systemdSockets: () => ({ descriptors: [] }) };
for (const part of PARTS) vi.doMock(part, async (load) => calls.record(await load<object>(), INSTEAD));
vi.resetModules();
const { main } = await import("./main.ts");
afterAll(() => {
  for (const part of PARTS) vi.doUnmock(part);
  vi.resetModules();
});

const cwd = temporaryFolder();
const webConfig = join(cwd, "web.yml");
writeFileSync(webConfig, "");

const exporter = { main, table: flags, calls, cwd, ready: "TLS is" };
const ALWAYS = ["--web.listen-address=127.0.0.1:0"];

const statusOf =
  (path: string) =>
  async ({ fetch: send }: ReadyRole): Promise<number> =>
    (await send(path)).status;

const ROWS: Readonly<Record<string, FlagRow>> = {
  "path.procfs": ["/proc/.", "hostFiles/0/procfs"],
  "path.sysfs": ["/sys/.", "hostFiles/0/sysfs"],
  "path.rootfs": ["/.", "hostFiles/0/rootfs"],
  "path.udev.data": ["/run/udev/.", "hostFiles/0/udevData"],
  "web.telemetry-path": ["/numbers", [statusOf("/numbers"), 200]],
  "web.disable-exporter-metrics": ["true", ["scrapeRoute/0/self", undefined]],
  "web.max-requests": ["41", "scrapeRoute/0/maxRequests"],
  "web.listen-address": ["localhost:0", "openServer/0/listen"],
  "web.config.file": [webConfig, "guardedServer/0/webConfigFile"],
  ...logRows("openCollection/1/logger"),
};

/** Flags that are tested separately, because they would hide the effect of other flags. */
const ALONE: Readonly<Record<string, FlagRow>> = {
  "collector.disable-defaults": ["true", ["openCollection/0", []]],
  "web.systemd-socket": ["true", ["guardedServer/0/descriptors", []]],
};

const isRunning =
  (collector: string) =>
  ({ calls: recorded }: ReadyRole): boolean =>
    (recorded.at("openCollection/0") as readonly { readonly name: string }[]).some(({ name }) => name === collector);

const switches = Object.keys(collectorFlags).filter((flag) => /^collector\.\w+$/.test(flag));
const SWITCHES = Object.fromEntries(
  switches.map((flag): [string, FlagRow] => {
    const isOn = collectorFlags[flag]!.default === false;
    return [flag, [String(isOn), [isRunning(flag.replace("collector.", "")), isOn]]];
  }),
);

/** Values of flags that accept only certain words. */
const CHOSEN: Readonly<Record<string, string>> = {
  "collector.ipvs.backend-labels": "proto",
};

/** A valid value of the flag other than its default. */
function otherValue(flag: string): string {
  const chosen = CHOSEN[flag];
  if (chosen !== undefined) return chosen;
  const kind = collectorFlags[flag]!;
  if (kind.boolean) return String(kind.default !== true);
  const isTaken = (text: string): boolean => {
    try {
      return kind.read(text, undefined) !== kind.default;
    } catch {
      return false;
    }
  };
  return ["probe", "disk", "7", "7s"].find(isTaken)!;
}

/** Settings of the collectors by flag. A collector receives a setting under the name of its flag, without dashes. */
const SETTINGS = Object.fromEntries(
  Object.keys(collectorFlags)
    .filter((flag) => !switches.includes(flag))
    .map((flag): [string, FlagRow] => [flag, [otherValue(flag), `Settings/0/${flag}`]]),
);

test("every flag of the node exporter has a row, or its help says that it has no effect", () =>
  expectEveryFlag(flags, [ROWS, ALONE, SWITCHES, SETTINGS], ["runtime.gomaxprocs"]));

test("the value of each flag arrives at the parts of the node exporter that use it", () =>
  expectArrivals(exporter, ALWAYS, ROWS));

test("the values of the collectors' flags arrive at the collectors", async () => {
  await expectArrivals(exporter, ALWAYS, SWITCHES);
  for (const [flag, row] of Object.entries({ ...ALONE, ...SETTINGS }))
    await expectArrivals(exporter, ALWAYS, { [flag]: row });
});
