import { integerAttribute } from "../host-files/attribute.ts";
import { defineCollector } from "../collector.ts";
import { rangeListOf } from "../host-files/kernel-text.ts";
import { gauge } from "../metric.ts";

const CPU = ["cpu"];
const KILO = 1000;

/** Clock rates and governors per CPU: /sys/devices/system/cpu/cpuN/cpufreq. Missing files are skipped. */
export const cpufreq = defineCollector({
  name: "cpufreq",
  enabled: true,
  metrics: {
    cpuinfo_cur_freq: gauge("node_cpu_frequency_hertz", "Current CPU thread frequency in hertz.", CPU),
    cpuinfo_avg_freq: gauge("node_cpu_frequency_avg_hertz", "Average CPU thread frequency in hertz.", CPU),
    cpuinfo_min_freq: gauge("node_cpu_frequency_min_hertz", "Minimum CPU thread frequency in hertz.", CPU),
    cpuinfo_max_freq: gauge("node_cpu_frequency_max_hertz", "Maximum CPU thread frequency in hertz.", CPU),
    scaling_cur_freq: gauge("node_cpu_scaling_frequency_hertz", "Current scaled CPU thread frequency in hertz.", CPU),
    scaling_min_freq: gauge(
      "node_cpu_scaling_frequency_min_hertz",
      "Minimum scaled CPU thread frequency in hertz.",
      CPU,
    ),
    scaling_max_freq: gauge(
      "node_cpu_scaling_frequency_max_hertz",
      "Maximum scaled CPU thread frequency in hertz.",
      CPU,
    ),
    governor: gauge("node_cpu_scaling_governor", "Current enabled CPU frequency governor.", ["cpu", "governor"]),
  },
  collect({ sys }, emit) {
    const files = [
      "cpuinfo_cur_freq",
      "cpuinfo_avg_freq",
      "cpuinfo_min_freq",
      "cpuinfo_max_freq",
      "scaling_cur_freq",
      "scaling_min_freq",
      "scaling_max_freq",
    ] as const;
    const offline = new Set(rangeListOf(sys.read("devices/system/cpu/offline")).map(String));
    for (const name of sys.list("devices/system/cpu")) {
      if (!/^cpu\d+$/.test(name)) continue;
      const folder = `devices/system/cpu/${name}/cpufreq`;
      const cpu = name.slice("cpu".length);
      if (offline.has(cpu) || sys.real(folder) === undefined) continue;
      for (const file of files) {
        const kilohertz = integerAttribute(sys, `${folder}/${file}`);
        if (kilohertz !== undefined) emit[file](kilohertz * KILO, cpu);
      }
      const current = sys.read(`${folder}/scaling_governor`).trim();
      if (current === "") continue;
      for (const governor of sys.read(`${folder}/scaling_available_governors`).trim().split(" "))
        emit.governor(governor === current ? 1 : 0, cpu, governor);
    }
  },
});
