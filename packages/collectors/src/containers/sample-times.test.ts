import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { openCollection } from "../collection/collection.ts";
import { Settings } from "../settings.ts";
import { containerHost } from "../testing/container-host.ts";
import { pageOf } from "../testing/host-tree.ts";
import { containers } from "./containers.ts";

/** Metrics that describe a control group, the machine or the exporter. cAdvisor writes no time with them either. */
const TIMELESS =
  /^(?:machine_|cadvisor_version_info|node_scrape_|container_(?:spec|start_time|creation_time|scrape_error))/;

test("a sample has the time of the reading if the flag is set, and if it is a measured value", async () => {
  using host = containerHost(2);
  host.group("/system.slice/web.service", { "cpu.max": "50000 100000\n" });
  const clock = new ManualClock(1_800_000_000_000);
  const opened = (timestamps: boolean) => {
    const flags = { "collector.containers.docker-socket": [], "collector.containers.timestamps": timestamps };
    const settings = Settings.of(containers.flags, flags);
    return openCollection([containers], { files: host, settings, clock, logger: memoryLogger(), timeLimitMs: 1000 });
  };
  const times = async (collection: ReturnType<typeof opened>, isWanted: (name: string) => boolean) => {
    const lines = (await pageOf(collection)).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    const wanted = lines.filter((line) => isWanted(line));
    expect(wanted.length).toBeGreaterThan(5);
    return [...new Set(wanted.map((line) => / (\d{13})$/.exec(line)?.[1] ?? "none"))];
  };
  const timed = opened(true);
  for (const time of ["1800000000000", "1800000015000"]) {
    expect(await times(timed, (name) => !TIMELESS.test(name))).toEqual([time]);
    expect(await times(timed, (name) => TIMELESS.test(name))).toEqual(["none"]);
    await clock.advance(15_000);
  }
  expect(await times(opened(false), () => true)).toEqual(["none"]);
});
