import type { Steps } from "@narthex/runtime";
import { runInTurns } from "../collection/turns.ts";
import { integerAttribute } from "../host-files/attribute.ts";
import { defineCollector, type Emitter } from "../collector.ts";
import { rangeListOf } from "../host-files/kernel-text.ts";
import type { FileTree } from "../host-files/host-files.ts";
import { withDriverFiles } from "../host-files/read-ahead.ts";
import { gauge } from "../metric.ts";

const CPU = ["cpu"];
const KILO = 1000;

const metrics = {
  cpuinfo_cur_freq: gauge("node_cpu_frequency_hertz", "Current CPU thread frequency in hertz.", CPU),
  cpuinfo_avg_freq: gauge("node_cpu_frequency_avg_hertz", "Average CPU thread frequency in hertz.", CPU),
  cpuinfo_min_freq: gauge("node_cpu_frequency_min_hertz", "Minimum CPU thread frequency in hertz.", CPU),
  cpuinfo_max_freq: gauge("node_cpu_frequency_max_hertz", "Maximum CPU thread frequency in hertz.", CPU),
  scaling_cur_freq: gauge("node_cpu_scaling_frequency_hertz", "Current scaled CPU thread frequency in hertz.", CPU),
  scaling_min_freq: gauge("node_cpu_scaling_frequency_min_hertz", "Minimum scaled CPU thread frequency in hertz.", CPU),
  scaling_max_freq: gauge("node_cpu_scaling_frequency_max_hertz", "Maximum scaled CPU thread frequency in hertz.", CPU),
  governor: gauge("node_cpu_scaling_governor", "Current enabled CPU frequency governor.", ["cpu", "governor"]),
};

/** Returns the folders of the online CPUs that have a frequency driver, by CPU. */
function* findingDrivers(sys: FileTree): Steps<[cpu: string, folder: string][]> {
  const offline = new Set(rangeListOf(sys.read("devices/system/cpu/offline")).map(String));
  const found: [string, string][] = [];
  for (const name of sys.list("devices/system/cpu")) {
    const cpu = name.slice("cpu".length);
    if (!/^cpu\d+$/.test(name) || offline.has(cpu)) continue;
    yield;
    const folder = `devices/system/cpu/${name}/cpufreq`;
    if (sys.isFolder(folder)) found.push([cpu, folder]);
  }
  return found;
}

/** Files that make Linux 4.15 to 5.17 sleep for 10 to 20 ms for each CPU. */
const MEASURED = ["cpuinfo_cur_freq", "cpuinfo_avg_freq", "scaling_cur_freq"];

const FILES = [
  "cpuinfo_cur_freq",
  "cpuinfo_avg_freq",
  "cpuinfo_min_freq",
  "cpuinfo_max_freq",
  "scaling_cur_freq",
  "scaling_min_freq",
  "scaling_max_freq",
] as const;

/** Exports clock rates and governors per CPU from /sys/devices/system/cpu/cpuN/cpufreq. Skips missing files. */
export const cpufreq = defineCollector({
  name: "cpufreq",
  enabled: true,
  metrics,
  open({ clock }) {
    return async ({ sys }, emit) => {
      const folders = await runInTurns(clock, findingDrivers(sys));
      const slow = folders.flatMap(([, folder]) => MEASURED.map((file) => `${folder}/${file}`));
      const emitAll = function* (ready: FileTree): Steps<void> {
        for (const [cpu, folder] of folders) {
          yield;
          emitCpu(ready, cpu, folder, emit);
        }
      };
      return withDriverFiles(sys, slow, (ready) => runInTurns(clock, emitAll(ready)), { isParallel: true });
    };
  },
});

function emitCpu(sys: FileTree, cpu: string, folder: string, emit: Emitter<typeof metrics>): void {
  for (const file of FILES) {
    const kilohertz = integerAttribute(sys, `${folder}/${file}`);
    if (kilohertz !== undefined) emit[file](kilohertz * KILO, cpu);
  }
  const current = sys.read(`${folder}/scaling_governor`).trim();
  if (current === "") return;
  for (const governor of sys.read(`${folder}/scaling_available_governors`).trim().split(" "))
    emit.governor(governor === current ? 1 : 0, cpu, governor);
}
