import { flagKinds } from "@narthex/runtime";
import { defineCollector } from "../collector.ts";
import { NoDataError } from "../no-data-error.ts";
import type { FileTree } from "../host-files/host-files.ts";
import { unsignedOf } from "../host-files/kernel-number.ts";
import { counter } from "../metric.ts";

const ZONE_LABEL = "collector.rapl.enable-zone-label";
const MICROJOULES = 1_000_000;

/** Exports the energy used per power zone from /sys/class/powercap. */
export const rapl = defineCollector({
  name: "rapl",
  enabled: true,
  flags: { [ZONE_LABEL]: flagKinds.flag(false, "Enables service unit metric unit_start_time_seconds") },
  metrics: {
    joules: counter("node_rapl_joules_total", "Current RAPL value in joules", ["index", "path", "rapl_zone"]),
  },
  open({ settings }) {
    const isZoneLabelled = settings.boolean(ZONE_LABEL);
    return ({ sys }, emit) => {
      if (sys.real("class/powercap") === undefined) throw new NoDataError("no power zones");
      const usages = new Map<string, number>();
      for (const folder of sys.list("class/powercap")) {
        const zone = sys.value(`class/powercap/${folder}/name`);
        if (zone === undefined) continue;
        const energy = readEnergy(sys, `class/powercap/${folder}/energy_uj`);
        const { name, index } = nameAndIndex(zone, usages);
        const path = sys.path(`class/powercap/${folder}`);
        if (isZoneLabelled) emit.joules(energy / MICROJOULES, index, path, name);
        else {
          const metric = `node_rapl_${name.replace(/[^a-zA-Z0-9:_]/g, "_")}_joules_total`;
          const spec = counter(metric, `Current RAPL ${name} value in joules`, ["index", "path"]);
          emit.dynamic(spec, energy / MICROJOULES, index, path);
        }
      }
    };
  },
});

/**
 * Returns the energy counter of a zone. Throws NoDataError without permission, because only root may read the counters.
 */
function readEnergy(sys: FileTree, path: string): number {
  try {
    return unsignedOf(sys.read(path).trim(), path);
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "EACCES" || error.code === "EPERM"))
      throw new NoDataError("energy counters cannot be read", { cause: error });
    throw error;
  }
}

/**
 * Returns name and index of a zone: `package-1` has name `package` and index 1. Zones without a number are counted per
 * name.
 */
function nameAndIndex(zone: string, usages: Map<string, number>): { name: string; index: string } {
  const numbered = /^([^-]*)-(\d+)$/.exec(zone);
  const name = numbered?.[1] ?? zone;
  const index = Number(numbered?.[2] ?? usages.get(zone) ?? 0);
  usages.set(name, index + 1);
  return { name, index: String(index) };
}
