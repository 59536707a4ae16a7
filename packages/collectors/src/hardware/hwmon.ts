import { basename, dirname } from "node:path";
import { trimLetters } from "@narthex/model";
import { flagKinds } from "@narthex/runtime";
import { defineCollector, type Emitter } from "../collector.ts";
import { NoDataError } from "../no-data-error.ts";
import { keepAndDrop, type NameFilter } from "../device-filter.ts";
import type { FileTree } from "../host-files/host-files.ts";
import { withDriverFiles } from "../host-files/read-ahead.ts";
import { explodeSensorFile, sensorMetric } from "./hwmon-sensor.ts";
import { gauge } from "../metric.ts";

const CHIPS = { include: "collector.hwmon.chip-include", exclude: "collector.hwmon.chip-exclude" };
const SENSORS = { include: "collector.hwmon.sensor-include", exclude: "collector.hwmon.sensor-exclude" };

const metrics = {
  chipNames: gauge("node_hwmon_chip_names", "Annotation metric for human-readable chip names", ["chip", "chip_name"]),
  label: gauge("node_hwmon_sensor_label", "Label for given chip and sensor", ["chip", "sensor", "label"]),
};

type HwmonEmitter = Emitter<typeof metrics>;

/** Exports temperatures, voltages, fans and power of monitoring chips from /sys/class/hwmon. */
export const hwmon = defineCollector({
  name: "hwmon",
  enabled: true,
  flags: {
    [CHIPS.include]: flagKinds.text("", "Regexp of hwmon chip to include (mutually exclusive to device-exclude)."),
    [CHIPS.exclude]: flagKinds.text("", "Regexp of hwmon chip to exclude (mutually exclusive to device-include)."),
    [SENSORS.include]: flagKinds.text("", "Regexp of hwmon sensor to include (mutually exclusive to sensor-exclude)."),
    [SENSORS.exclude]: flagKinds.text("", "Regexp of hwmon sensor to exclude (mutually exclusive to sensor-include)."),
  },
  metrics,
  open({ settings }) {
    const isChipWanted = keepAndDrop(settings, CHIPS);
    const isSensorWanted = keepAndDrop(settings, SENSORS);
    return ({ sys }, emit) => {
      if (sys.real("class/hwmon") === undefined) throw new NoDataError("no monitoring chips");
      const folders = sys.list("class/hwmon").map((name) => `class/hwmon/${name}`);
      const chips = chipNames(sys, folders).filter(([, chip]) => isChipWanted(chip));
      const slow = chips.flatMap(([folder]) => [...sensorFiles(sys, folder), ...sensorFiles(sys, `${folder}/device`)]);
      return withDriverFiles(sys, slow, (ready) => {
        for (const [folder, chip] of chips) emitChip(ready, folder, chip, isSensorWanted, emit);
      });
    };
  },
});

/** Replaces characters that metric names and chip labels may not contain. */
const clean = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9:_]/g, "_")
    .replace(/^_+|_+$/g, "");

/**
 * Returns a chip name that stays the same after a reboot: bus and device, otherwise the chip's own name, otherwise the
 * folder name.
 */
function baseName(sys: FileTree, folder: string): string {
  const device = sys.real(`${folder}/device`);
  if (device !== undefined) {
    const name = clean(basename(device));
    const bus = clean(basename(dirname(device)));
    if (name !== "") return bus === "" ? name : `${bus}_${name}`;
  }
  return clean(sys.value(`${folder}/name`) ?? "") || clean(basename(sys.real(folder) ?? folder));
}

/**
 * Returns a chip label for each folder. Chips of the same device are distinguished by their name, or by their folder.
 */
function chipNames(sys: FileTree, folders: readonly string[]): [folder: string, chip: string][] {
  const chips = folders.map((folder) => ({
    folder,
    base: baseName(sys, folder),
    name: clean(sys.value(`${folder}/name`) ?? ""),
  }));
  return chips.map(({ folder, base, name }) => {
    const same = chips.filter((chip) => chip.base === base);
    if (same.length === 1) return [folder, base];
    const isNameUnique = name !== "" && same.filter((chip) => chip.name === name).length === 1;
    return [folder, `${base}_${isNameUnique ? name : clean(basename(folder))}`];
  });
}

/** Returns the paths of sensor files. Their drivers may have to ask the device. */
const sensorFiles = (sys: FileTree, folder: string): readonly string[] =>
  sys
    .list(folder)
    .filter((file) => explodeSensorFile(file) !== undefined)
    .map((file) => `${folder}/${file}`);

/** Reads the properties of each sensor, for example `input`, `max` and `label` of `temp1`. */
function readSensors(sys: FileTree, folder: string, sensors: Map<string, Map<string, string>>): void {
  for (const file of sys.list(folder)) {
    const parts = explodeSensorFile(file);
    const value = parts === undefined ? undefined : readSensor(sys, `${folder}/${file}`);
    if (parts === undefined || value === undefined) continue;
    const sensor = parts.type + String(parts.number);
    let properties = sensors.get(sensor);
    if (properties === undefined) sensors.set(sensor, (properties = new Map()));
    properties.set(parts.property, value);
  }
}

/** Reads a sensor file. Returns undefined if the driver refuses, for example because the hardware is absent. */
function readSensor(sys: FileTree, path: string): string | undefined {
  try {
    return trimLetters(sys.read(path), "\n");
  } catch {
    return undefined;
  }
}

function emitChip(sys: FileTree, folder: string, chip: string, isWanted: NameFilter, emit: HwmonEmitter): void {
  const sensors = new Map<string, Map<string, string>>();
  readSensors(sys, folder, sensors);
  readSensors(sys, `${folder}/device`, sensors);
  const name = clean(sys.value(`${folder}/name`) ?? "");
  if (name !== "") emit.chipNames(1, chip, name);
  for (const [sensor, properties] of sensors) {
    if (!isWanted(`${chip};${sensor}`)) continue;
    const label = properties.get("label");
    if (label !== undefined) emit.label(1, chip, sensor, label);
    for (const [property, text] of properties) {
      if (property === "label") continue;
      const reading = sensorMetric(sensor, property, text, properties);
      if (reading === undefined) continue;
      emit.dynamic(reading.metric, reading.value, chip, reading.isNamedByLabel ? clean(label!) : sensor);
    }
  }
}
