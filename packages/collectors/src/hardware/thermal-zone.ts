import { defineCollector, type Emitter } from "../collector.ts";
import type { FileTree } from "../host-files/host-files.ts";
import { integerOf } from "../host-files/kernel-number.ts";
import { withDriverFiles } from "../host-files/read-ahead.ts";
import { gauge } from "../metric.ts";

const metrics = {
  temp: gauge("node_thermal_zone_temp", "Zone temperature in Celsius", ["zone", "type"]),
  current: gauge("node_cooling_device_cur_state", "Current throttle state of the cooling device", ["name", "type"]),
  maximum: gauge("node_cooling_device_max_state", "Maximum throttle state of the cooling device", ["name", "type"]),
};

/** Exports temperatures and cooling states from /sys/class/thermal. */
export const thermalZone = defineCollector({
  name: "thermal_zone",
  enabled: true,
  metrics,
  collect({ sys }, emit) {
    const zones = sys.list("class/thermal");
    const slow = zones
      .flatMap((name) =>
        name.startsWith("thermal_zone") ? [`${name}/temp`] : [`${name}/cur_state`, `${name}/max_state`],
      )
      .map((file) => `class/thermal/${file}`);
    return withDriverFiles(sys, slow, (ready) => {
      for (const name of zones) emitZone(ready, name, emit);
    });
  },
});

function emitZone(sys: FileTree, name: string, emit: Emitter<typeof metrics>): void {
  const folder = `class/thermal/${name}`;
  const read = (file: string): number | undefined => integerOf(sys.value(`${folder}/${file}`));
  const type = sys.value(`${folder}/type`) ?? "";
  if (name.startsWith("thermal_zone")) {
    const millidegrees = read("temp");
    if (millidegrees !== undefined) emit.temp(millidegrees / 1000, name.slice("thermal_zone".length), type);
  } else if (name.startsWith("cooling_device")) {
    const [current, maximum] = [read("cur_state"), read("max_state")];
    if (current === undefined || maximum === undefined) return;
    const device = name.slice("cooling_device".length);
    emit.current(current, device, type);
    emit.maximum(maximum, device, type);
  }
}
