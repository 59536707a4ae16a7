import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeText } from "@narthex/exposition";
import { systemClock } from "@narthex/runtime";
import { memoryLogger } from "@narthex/runtime/testing";
import { afterAll, expect, test } from "vitest";
import { hostFiles } from "./host-files.ts";
import { LINUX_COLLECTORS } from "./registry.ts";
import { openCollection } from "./run.ts";
import { Settings } from "./settings.ts";

const conformance = process.env["NARTHEX_CONFORMANCE"];
const folder = conformance === undefined ? "" : mkdtempSync(join(tmpdir(), "golden-"));
afterAll(() => folder !== "" && rmSync(folder, { recursive: true, force: true }));

/** Values that belong to this machine and this moment. */
const MOVING =
  /^node_(?:scrape_collector_duration_seconds|textfile_mtime_seconds|time_zone|time_seconds|network_(?:receive|transmit)_(?:bytes|packets)_total)/;

const SETTINGS = {
  "collector.arp.device-exclude": "nope",
  "collector.arp.netlink": false,
  "collector.bcache.priorityStats": true,
  "collector.cpu.info": true,
  "collector.cpu.info.bugs-include": "^(cpu_meltdown|spectre_.*|mds)$",
  "collector.cpu.info.flags-include": "^(aes|avx.?|constant_tsc)$",
  "collector.cpufreq": true,
  "collector.hwmon.chip-include": "(applesmc|asus_nb_wmi|coretemp|hwmon4|ieee80211|nct6779)",
  "collector.netclass.ignore-invalid-speed": true,
  "collector.netclass.ignored-devices": "(dmz|int)",
  "collector.netdev.device-include": "lo",
  "collector.qdisc.device-include": "(wlan0|eth0)",
  "collector.qdisc.fixtures": "qdisc/",
  "collector.stat.softirq": true,
  "collector.sysctl.include": ["fs.file-nr", "fs.file-nr:total,current,max", "kernel.threads-max"],
  "collector.sysctl.include-info": ["kernel.seccomp.actions_avail"],
  "collector.textfile.directory": ["textfile/two_metric_files/"],
  "collector.wifi.fixtures": "wifi",
};

const nameOf = (line: string): string => /^(?:# (?:HELP|TYPE) )?([a-zA-Z0-9_:]+)/.exec(line)?.[1] ?? "";

/** Name of the collector whose success the line tells, empty for others. */
const succeeding = (line: string): string => /^node_scrape_collector_success\{collector="(.*)"\}/.exec(line)?.[1] ?? "";

test.skipIf(conformance === undefined)(
  "the collectors print the recorded host line by line as expected (NARTHEX_CONFORMANCE)",
  async () => {
    const source = join(conformance!, "node-exporter");
    execFileSync("tar", ["xzf", join(source, "fixtures.tar.gz"), "-C", folder]);
    const here = process.cwd();
    process.chdir(folder);
    try {
      const expected = readFileSync(join(source, "expected.prom"), "utf8")
        .replaceAll("collector/fixtures/", "")
        .split("\n");
      // Those that ran when it was recorded; others look at this machine.
      const collectors = LINUX_COLLECTORS.filter(({ name }) =>
        expected.some((line) => line.startsWith(`node_scrape_collector_success{collector="${name}"}`)),
      );
      const flags = Object.assign({}, ...collectors.map((collector) => collector.flags)) as Record<string, never>;
      const collection = openCollection(collectors, {
        files: hostFiles({ procfs: "proc", sysfs: "sys", rootfs: ".", udevData: "udev/data" }),
        settings: Settings.of(flags, SETTINGS),
        clock: systemClock,
        logger: memoryLogger(),
        timeLimitMs: 10_000,
      });
      const built = new Set(collection.names);
      const ours = writeText(await collection.gather())
        .split("\n")
        .filter((line) => line !== "");
      const names = new Set(ours.map(nameOf));
      const missing = expected.filter((line) => {
        if (MOVING.test(line.replace(/^# (?:HELP|TYPE) /, "")) || !names.has(nameOf(line))) return false;
        const collector = /^node_scrape_collector_success\{collector="(.*)"\}/.exec(line)?.[1];
        return (collector === undefined || built.has(collector)) && !ours.includes(line);
      });
      expect(missing).toEqual([]);
      const wanted = new Set(expected);
      const recorded = new Set(expected.map(succeeding));
      const isRecorded = (line: string): boolean => recorded.has(succeeding(line));
      const families = new Set(expected.map(nameOf));
      const extra = ours.filter(
        (line) =>
          families.has(nameOf(line)) &&
          isRecorded(line) &&
          !MOVING.test(line.replace(/^# (?:HELP|TYPE) /, "")) &&
          !wanted.has(line),
      );
      expect(extra).toEqual([]);
    } finally {
      process.chdir(here);
    }
  },
);
