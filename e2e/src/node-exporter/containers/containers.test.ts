import { Labels } from "@narthex/model";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { openTsdb } from "@narthex/tsdb";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { appendSeries } from "../../support/append-series.ts";
import { containerRules } from "./alert-pack.ts";
import { docker, image, inspected, memoryInStats, socket, TestContainers } from "../../support/docker.ts";
import { kernelCounters } from "./kernel-counters.ts";
import { Scraped } from "./scraped.ts";
import { eventually } from "../../support/eventually.ts";
import { type Exporter, ours } from "../exporters.ts";
import { api, instant } from "../../support/query.ts";
import type { WrittenSeries } from "../../support/remote-write.ts";
import { lacks } from "../../support/requirements.ts";
import { serve } from "../../support/serving.ts";
import { Workplace } from "../../support/workplace.ts";

// The missing commands that this test needs. The test compares container metrics with the kernel, the Docker engine and
// alerting rules, while containers are under load.
const absent = lacks("docker");
const containers = new TestContainers(`narthex-containers-${process.pid}`);
const BUSY = "setInterval(() => { const end = Date.now() + 60; while (Date.now() < end); }, 80)";
const FULL = "const kept = Buffer.alloc(120e6, 1); setInterval(() => kept.fill(2), 200)";
const IDLE = "setInterval(() => {}, 1000)";

let exporter: Exporter;
let first: Scraped;

const scrape = async (): Promise<Scraped> => new Scraped(await exporter.metrics());
const of = (name: string): { name: string } => ({ name: containers.named(name) });

beforeAll(async () => {
  if (absent) return;
  containers.run("busy", ["--cpus", "0.3", "--memory", "200m", "--label", "shop.tier=front-end"], BUSY);
  containers.run("full", ["--memory", "400m", "--memory-reservation", "128m", "--cpu-shares", "512"], FULL);
  containers.run("sick", ["--health-cmd", "false", "--health-interval", "1s", "--health-retries", "1"], IDLE);
  containers.run("host", ["--network", "host", "--pids-limit", "50"], IDLE);
  const flags = ["--collector.disable-defaults", "--collector.containers"];
  exporter = await ours([...flags, `--collector.containers.docker-socket=${socket}`]);
  first = await eventually("the engine has reported all containers", async () => {
    const scraped = await scrape();
    for (const name of ["busy", "full", "sick", "host"]) {
      for (const metric of ["container_fs_usage_bytes", "container_start_time_seconds"]) {
        if (Number.isNaN(scraped.value(metric, of(name)))) throw new Error(`${metric} of ${name} is not reported`);
      }
    }
    return scraped;
  });
});

afterAll(async () => {
  await exporter?.[Symbol.asyncDispose]();
  containers[Symbol.dispose]();
});

test.skipIf(absent)("names, images, labels, limits and times are equal to the engine's", async () => {
  const [series] = first.all("container_memory_usage_bytes", of("busy"));
  expect(series!.labels).toMatchObject({
    image,
    container: containers.named("busy"),
    container_label_shop_tier: "front-end",
  });
  expect(series!.labels["id"]).toContain(inspected(containers.named("busy"), "{{.Id}}"));
  const value = (name: string, container: string): number => first.value(`container_${name}`, of(container));
  expect(value("spec_cpu_quota", "busy") / value("spec_cpu_period", "busy")).toBeCloseTo(0.3);
  expect(value("spec_cpu_quota", "full")).toBeNaN();
  expect(value("spec_cpu_shares", "full")).toBe(512);
  expect(value("spec_memory_limit_bytes", "full")).toBe(400 * 2 ** 20);
  expect(value("spec_memory_reservation_limit_bytes", "full")).toBe(128 * 2 ** 20);
  expect(value("spec_memory_limit_bytes", "host")).toBe(0);
  expect(value("threads_max", "host")).toBe(50);
  expect(value("processes", "busy")).toBe(2);
  const startedAt = Date.parse(inspected(containers.named("busy"), "{{.State.StartedAt}}"));
  expect(value("start_time_seconds", "busy")).toBe(Math.floor(startedAt / 1000));
  expect(first.value("container_last_seen", { id: "/" })).toBeGreaterThan(startedAt / 1000);
  expect(first.value("machine_cpu_cores", {})).toBeGreaterThan(0);
  const engine = docker("version", "--format", "{{.Server.Version}}");
  expect(first.value("cadvisor_version_info", { dockerVersion: engine })).toBe(1);
});

test.skipIf(absent)("counters are between two readings of the kernel's files", async () => {
  const pid = inspected(containers.named("busy"), "{{.State.Pid}}");
  for (let round = 0; round < 3; round++) {
    const before = kernelCounters(pid);
    const scraped = await scrape();
    const after = kernelCounters(pid);
    const busy = of("busy");
    const reported = {
      usage: scraped.value("container_cpu_usage_seconds_total", busy),
      periods: scraped.value("container_cpu_cfs_periods_total", busy),
      throttled: scraped.value("container_cpu_cfs_throttled_seconds_total", busy),
      faults: scraped.value("container_memory_failures_total", {
        ...busy,
        failure_type: "pgfault",
        scope: "hierarchy",
      }),
      received: scraped.value("container_network_receive_bytes_total", { ...busy, interface: "eth0" }),
      sent: scraped.value("container_network_transmit_bytes_total", { ...busy, interface: "eth0" }),
    };
    for (const [name, value] of Object.entries(reported)) {
      const [least, most] = [before[name as keyof typeof reported], after[name as keyof typeof reported]];
      expect(value, `${name} in round ${round}: ${least} ≤ ${value} ≤ ${most}`).toBeGreaterThanOrEqual(least);
      expect(value, `${name} in round ${round}: ${least} ≤ ${value} ≤ ${most}`).toBeLessThanOrEqual(most);
    }
  }
  expect((await scrape()).value("container_cpu_usage_seconds_total", of("busy"))).toBeGreaterThan(
    first.value("container_cpu_usage_seconds_total", of("busy")),
  );
});

test.skipIf(absent)("memory is within 5 % of what docker stats shows", async () => {
  for (const name of ["full", "busy"]) {
    const shown = memoryInStats(containers.named(name));
    const reported = (await scrape()).value("container_memory_working_set_bytes", of(name));
    expect(Math.abs(reported - shown) / shown, `${name}: ${reported} against ${shown}`).toBeLessThan(0.05);
  }
});

test.skipIf(absent)("a container on the host's network does not repeat the host's counters", () => {
  expect(first.all("container_network_receive_bytes_total", of("host"))).toEqual([]);
  expect(first.all("container_network_receive_bytes_total", { id: "/" }).length).toBeGreaterThan(0);
  expect(
    first.all("container_network_receive_bytes_total", of("busy")).map(({ labels }) => labels["interface"]),
  ).toEqual(["eth0"]);
});

test.skipIf(absent)("the alert pack's expressions for containers have data", async () => {
  await eventually("the sick container's check fails", async () => {
    expect((await scrape()).value("container_health_state", of("sick"))).toBe(0);
  });
  const last = await scrape();
  using workplace = new Workplace();
  const now = Math.floor(Date.now() / 1000) * 1000;
  {
    await using db = await openTsdb(workplace.path("data"), { clock: new ManualClock(now), logger: memoryLogger() });
    await appendSeries(db.appendable, historyOf(first, last, now));
  }
  await using server = await serve("narthex", workplace, "data", {
    config: "global: { scrape_interval: 1h }\n",
    flags: [],
  });
  for (const { name, left, whole } of containerRules) {
    expect((await instant(server.base, left, now / 1000)).length, `${name}: ${left}`).toBeGreaterThan(0);
    await api(server.base, "query", { query: whole, time: String(now / 1000) });
  }
  expect(await instant(server.base, "absent(container_last_seen)", now / 1000)).toEqual([]);
  const sick = await instant(server.base, "container_health_state == 0", now / 1000);
  expect(sick.map(({ metric }) => metric["name"])).toContain(containers.named("sick"));
  const share = await instant(server.base, containerRules[1]!.left, now / 1000);
  expect(share.map(({ metric }) => metric["container"])).toContain(containers.named("busy"));
});

/**
 * Returns eight minutes of samples, one every 20 s, interpolated between two scrapes. Range selectors of the alerting
 * rules need this history.
 */
function historyOf(from: Scraped, to: Scraped, endMs: number): WrittenSeries[] {
  const keyOf = (one: { name: string; labels: Readonly<Record<string, string>> }): string =>
    JSON.stringify([one.name, one.labels]);
  const starts = new Map(from.series.map((one) => [keyOf(one), one.value]));
  const steps = 24;
  const timestamps = Array.from({ length: steps + 1 }, (_, i) => endMs - (steps - i) * 20_000);
  return to.series
    .filter(({ name }) => name.startsWith("container_"))
    .map((one) => ({
      labels: Labels.of({ ...one.labels, __name__: one.name, instance: "host:9100" }),
      timestamps,
      values: Float64Array.from(timestamps, (_, i) => {
        const start = starts.get(keyOf(one)) ?? one.value;
        return start + ((one.value - start) * i) / steps;
      }),
      histograms: [],
    }));
}

test.skipIf(absent)("a restart shows a new start time, and the age of a removed container grows", async () => {
  const busy = of("busy");
  docker("restart", "-t", "0", busy.name);
  const startedAt = Math.floor(Date.parse(inspected(busy.name, "{{.State.StartedAt}}")) / 1000);
  await eventually("the new start is reported", async () => {
    const scraped = await scrape();
    expect(scraped.value("container_start_time_seconds", busy)).toBe(startedAt);
    expect(scraped.value("container_cpu_usage_seconds_total", busy)).toBeLessThan(
      first.value("container_cpu_usage_seconds_total", busy) + 30,
    );
  });
  docker("rm", "-f", busy.name);
  const scraped = await eventually("the container is missed", async () => {
    const found = await scrape();
    expect(found.all("container_memory_usage_bytes", busy)).toEqual([]);
    return found;
  });
  const seen = scraped.value("container_last_seen", busy);
  await pause(1500);
  const later = await scrape();
  expect(later.value("container_last_seen", busy)).toBe(seen);
  expect(later.value("container_last_seen", { id: "/" })).toBeGreaterThan(seen);
});
