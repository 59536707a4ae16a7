import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import type { Volume } from "../machine/machine.ts";
import { fakeContext, fakeMachine, fakeNetwork, roleNamed } from "../testing/fake-context.ts";
import { disk } from "./disk.ts";

const GIB = 1024 ** 3;
const data = (path: string) => ({ path, isFile: false, flag: "--storage.tsdb.path" });

const run = async (volume: Volume | undefined) =>
  disk.run(
    fakeContext({
      machine: fakeMachine({ volumeOf: () => Promise.resolve(volume) }),
      roles: [roleNamed("server", { data: [data("/a")] }), roleNamed("alertmanager", { data: [data("/b")] })],
    }),
  );

const roomy: Volume = { freeBytes: 50 * GIB, totalBytes: 100 * GIB, freeInodes: 500_000, totalInodes: 1_000_000 };

test.each([
  [roomy, "ok", "50 %", ""],
  [{ ...roomy, freeBytes: 5 * GIB }, "warning", "5 %", "--storage.tsdb.retention.size"],
  [{ ...roomy, freeBytes: 1024 }, "error", "0 %", "du -xh /a"],
  [{ ...roomy, freeInodes: 50_000 }, "warning", "50000 inodes", "df -i"],
  [{ ...roomy, freeInodes: 5 }, "error", "5 inodes", "df -i"],
  [{ ...roomy, freeInodes: 0, totalInodes: 0 }, "ok", "50 %", ""],
  [undefined, "warning", "the free space is unknown", "df /a"],
])("disk: %j is %s", async (volume, level, what, hint) => {
  const [first] = await run(volume);
  expect(first).toMatchObject({ level, what: expect.stringContaining(what), hint: expect.stringContaining(hint) });
});

test("disk: folders on the same file system are reported together", async () => {
  expect(await run(roomy)).toMatchObject([{ what: expect.stringMatching(/^\/a, \/b: /) }]);
});

const NOW_S = 1_700_000_000;

/** Returns the metrics page of a server. By default, the server started one day ago. */
const metricsAt = (rate: number, uptimeS = 86_400): string =>
  [
    `prometheus_tsdb_head_samples_appended_total{type="float"} ${rate * uptimeS}`,
    `prometheus_tsdb_head_samples_appended_total{type="histogram"} 0`,
    `prometheus_tsdb_storage_blocks_bytes ${GIB}`,
    `process_start_time_seconds ${NOW_S - uptimeS}`,
  ].join("\n");

const withServer = (body: string) => {
  const role = roleNamed("server", {
    data: [data("/a")],
    listens: [{ address: { host: undefined, port: 9090 }, flag: "--web.listen-address" }],
    retention: { timeMs: 15 * 86_400_000, bytes: 0 },
  });
  const network = fakeNetwork({ "http://127.0.0.1:9090/metrics": { body } });
  const context = fakeContext({ network, roles: [role] });
  return disk.run({ ...context, clock: new ManualClock(NOW_S * 1000) });
};

test.each([
  [1000, "ok", "there is room"],
  [1_000_000, "warning", "but there is room for"],
])("disk: with a server that stores %s samples a second", async (rate, level, what) => {
  expect((await withServer(metricsAt(rate))).at(-1)).toMatchObject({
    level,
    what: expect.stringMatching(new RegExp(`15d of ${rate} samples a second.*${what}`)),
  });
});

test("disk: no retention finding for a server that has just started or serves other metrics", async () => {
  expect(await withServer(metricsAt(1000, 60))).toHaveLength(1);
  expect(await withServer("up 1")).toHaveLength(1);
});
