import { Labels } from "@narthex/model";
import { expect, test } from "vitest";
import { freePort } from "../../support/ports.ts";
import { api } from "../../support/query.ts";
import { remoteWrite, type WrittenSeries } from "../../support/remote-write.ts";
import { narthex, type Running } from "../../support/running.ts";
import { Workplace } from "../../support/workplace.ts";
import { mayMount, SmallDisk } from "./small-disk.ts";

const SERIES = 100;
const TIMES = 20;
const REQUESTS = 100;
const DISK_MIB = 48;
/** Age in ms of late samples relative to the newest sample of their series. The late samples are one second apart. */
const LATE_MS = 2 * 3_600_000;

/** Returns the times of the samples in one request, from oldest to newest. */
const timesOf = (newest: number, request: number): number[] =>
  Array.from({ length: TIMES }, (_, i) => newest - LATE_MS + (request * TIMES + i) * 1000);

/** Returns a different value for each sample, so that the test detects a wrong sample. */
const valueAt = (series: number, time: number): number => series + ((time / 1000) % 10_000);

const samplesAt = (times: readonly number[]): WrittenSeries[] =>
  Array.from({ length: SERIES }, (_, series) => ({
    labels: Labels.of({ __name__: "late", series: String(series) }),
    timestamps: times,
    values: Float64Array.from(times, (time) => valueAt(series, time)),
    histograms: [],
  }));

interface Matrix {
  readonly result: readonly {
    readonly metric: Readonly<Record<string, string>>;
    readonly values: readonly (readonly [number, string])[];
  }[];
}

/** Checks that the samples of all accepted requests are stored, and nothing else. */
async function expectStored(
  base: string,
  newest: number,
  times: { readonly accepted: number[]; readonly sent: number[] },
) {
  const query = `late[${LATE_MS + 1000}ms] @ ${newest / 1000}`;
  const { result } = await api<Matrix>(base, "query", { query });
  expect(result.length).toBe(SERIES);
  for (const { metric, values } of result) {
    const series = Number(metric["series"]);
    const found = new Map(values.map(([seconds, value]) => [seconds * 1000, Number(value)]));
    expect(times.accepted.filter((time) => found.get(time) !== valueAt(series, time))).toEqual([]);
    const sent = new Set(times.sent);
    expect([...found].filter(([time, value]) => !sent.has(time) || value !== valueAt(series, time))).toEqual([]);
  }
}

test.skipIf(!mayMount())(
  `${SERIES * TIMES * REQUESTS} late samples that arrive while the disk is full survive a kill if they were accepted (needs root for tmpfs)`,
  async () => {
    using workplace = new Workplace();
    using disk = new SmallDisk(workplace.path("disk"), DISK_MIB);
    const port = await freePort();
    const base = `http://127.0.0.1:${port}`;
    workplace.write("prometheus.yml", "storage: {tsdb: {out_of_order_time_window: 3h}}\n");
    const start = (): Running =>
      narthex([
        "server",
        `--config.file=${workplace.path("prometheus.yml")}`,
        `--storage.tsdb.path=${disk.path}/data`,
        `--web.listen-address=127.0.0.1:${port}`,
        "--web.enable-remote-write-receiver",
      ]);
    const newest = Math.floor(Date.now() / 1000) * 1000;
    const accepted = [newest];
    const sent = [newest];
    const refused: number[] = [];
    const send = async (request: number): Promise<void> => {
      const times = timesOf(newest, request);
      sent.push(...times);
      try {
        await remoteWrite(base, samplesAt(times));
        accepted.push(...times);
      } catch (error) {
        expect(String(error)).toMatch(/status 50[03]: /);
        refused.push(request);
      }
    };

    {
      await using server = start();
      await server.ready(`${base}/-/ready`);
      await remoteWrite(base, samplesAt([newest]));
      for (let request = 0; request < REQUESTS; request++) {
        // The disk is filled twice, and space is freed in between.
        if (request === 20 || request === 70) disk.fill();
        if (request === 50) disk.free();
        await send(request);
      }
      expect(refused.length).toBeGreaterThan(20);
      expect(accepted.length).toBeGreaterThan(30 * TIMES);
      server.kill("SIGKILL");
      await server.ended;
    }
    disk.free();
    await using server = start();
    await server.ready(`${base}/-/ready`);
    await expectStored(base, newest, { accepted, sent });
    for (const request of refused.splice(0)) await send(request);
    expect(refused).toEqual([]);
    await expectStored(base, newest, { accepted, sent });
  },
);
