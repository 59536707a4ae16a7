import { flagKinds } from "@narthex/runtime";
import { defineCollector, NoData } from "../collector.ts";
import { integerOf } from "../kernel-text.ts";
import { counter } from "../metric.ts";

const ZONE_LABEL = "collector.rapl.enable-zone-label";
const MICROJOULES = 1_000_000;

/** Energy used per power zone: /sys/class/powercap/intel-rapl*; the counters are root's to read. */
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
      const zones = sys.list("class/powercap").filter((name) => name.includes("rapl:"));
      if (zones.length === 0) throw new NoData("no power zones");
      const usages = new Map<string, number>();
      for (const folder of zones) {
        const zone = sys.value(`class/powercap/${folder}/name`);
        const energy = integerOf(sys.value(`class/powercap/${folder}/energy_uj`));
        if (zone === undefined) continue;
        if (energy === undefined) throw new NoData("energy counters cannot be read");
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

/** `package-1` is the package of index 1; zones without a number are counted per name. */
function nameAndIndex(zone: string, usages: Map<string, number>): { name: string; index: string } {
  const numbered = /^(.*)-(\d+)$/.exec(zone);
  if (numbered !== null) return { name: numbered[1]!, index: numbered[2]! };
  const index = usages.get(zone) ?? 0;
  usages.set(zone, index + 1);
  return { name: zone, index: String(index) };
}
