import { settle } from "@narthex/runtime/testing";
import { expect, test, vi } from "vitest";
import type { Collector } from "../collector.ts";
import { cpufreq } from "../cpu/cpufreq.ts";
import { drm } from "../hardware/drm.ts";
import { fibrechannel } from "../hardware/fibrechannel.ts";
import { hwmon } from "../hardware/hwmon.ts";
import { infiniband } from "../hardware/infiniband.ts";
import { powerSupply } from "../hardware/power-supply.ts";
import { thermalZone } from "../hardware/thermal-zone.ts";
import { hostTree, seriesFrom } from "../testing/host-tree.ts";
import { withDriverFiles } from "./read-ahead.ts";

/** Contents of further files that a collector needs in order to reach the driver's file. */
const AROUND: Readonly<Record<string, string>> = {
  "sys/devices/system/cpu/offline": "\n",
  "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "\n",
  "sys/class/infiniband/mlx/fw_ver": "1\n",
  "sys/class/infiniband/mlx/ports/1/link_layer": "InfiniBand\n",
  "sys/class/infiniband/mlx/ports/1/state": "4: ACTIVE\n",
  "sys/class/infiniband/mlx/ports/1/phys_state": "5: LinkUp\n",
  "sys/class/infiniband/mlx/ports/1/rate": "40 Gb/sec (4X QDR)\n",
  "sys/class/drm/card0/device/uevent": "DRIVER=amdgpu\n",
};

test.each<[Collector, string]>([
  [cpufreq, "devices/system/cpu/cpu0/cpufreq/scaling_cur_freq"],
  [hwmon, "class/hwmon/hwmon0/temp1_input"],
  [thermalZone, "class/thermal/thermal_zone0/temp"],
  [powerSupply, "class/power_supply/BAT0/capacity"],
  [infiniband, "class/infiniband/mlx/ports/1/hw_counters/out_of_buffer"],
  [fibrechannel, "class/fc_host/host0/statistics/rx_frames"],
  [drm, "class/drm/card0/device/gpu_busy_percent"],
])("$name reads a file whose driver may sleep on another thread", async (collector, path) => {
  using host = hostTree({ ...AROUND, [`sys/${path}`]: "77\n" });
  const here: string[] = [];
  const sys = {
    ...host.sys,
    read: (file: string) => (here.push(file), host.sys.read(file)),
    value: (file: string) => (here.push(file), host.sys.value(file)),
  };
  const series = await seriesFrom(collector, { ...host, sys });
  expect(series.join("\n")).toMatch(/[ .]0?77/);
  expect(here).not.toContain(path);
});

test.each([
  ["one thread", false, 1],
  ["all free threads in parallel", true, 3],
])("withDriverFiles() uses %s", async (_title, isParallel, most) => {
  vi.stubEnv("UV_THREADPOOL_SIZE", "16");
  vi.resetModules();
  const { withDriverFiles: fresh } = await import("./read-ahead.ts");
  vi.unstubAllEnvs();
  vi.resetModules();
  using host = hostTree({ "sys/a": "1" });
  let running = 0;
  const read = async (): Promise<never> => {
    running++;
    return Promise.withResolvers<never>().promise;
  };
  void fresh(host.sys, ["a", "b", "c", "d", "e"], () => {}, { isParallel, read });
  await settle();
  expect(running).toBe(most);
});

test("withDriverFiles() passes on the error of a file, and reads other files when they are needed", async () => {
  using host = hostTree({ "sys/a": " 1 \n", "sys/long": "x".repeat(5000), "sys/other": "2" });
  const seen: unknown[] = [];
  await withDriverFiles(host.sys, ["a", "long", "missing"], (ready) => {
    host.write("sys/missing", "late");
    seen.push(
      ready.read("a"),
      ready.value("a"),
      ready.read("long").length,
      ready.value("missing"),
      ready.value("other"),
    );
    expect(() => ready.read("missing")).toThrow("ENOENT");
  });
  expect(seen).toEqual([" 1 \n", "1", 5000, undefined, "2"]);
});
