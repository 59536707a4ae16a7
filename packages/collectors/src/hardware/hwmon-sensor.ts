import { counter, gauge, type MetricSpec } from "../metric.ts";

const TYPES = new Set([
  "vrm",
  "beep_enable",
  "update_interval",
  "in",
  "cpu",
  "fan",
  "pwm",
  "temp",
  "curr",
  "power",
  "energy",
  "humidity",
  "intrusion",
  "freq",
]);

/**
 * The parts of a file name in a hwmon folder. For example, `temp1_max` is the property `max` of the first `temp`
 * sensor.
 */
export interface SensorFile {
  readonly type: string;
  readonly number: number;
  readonly property: string;
}

/** Splits a file name. Returns undefined for files that do not belong to a sensor. */
export function explodeSensorFile(name: string): SensorFile | undefined {
  const match = /^([^0-9]+)([0-9]*)?(?:_(.+))?$/.exec(name);
  if (match === null || !TYPES.has(match[1]!)) return undefined;
  return { type: match[1]!, number: Number(match[2] ?? 0), property: match[3] ?? "" };
}

/** A sensor value with the data for its metric, without the labels for chip and sensor. */
export interface SensorReading {
  readonly metric: MetricSpec;
  readonly value: number;
  /** True if the sensor label is the sensor's own label instead of its file name. */
  readonly isNamedByLabel: boolean;
}

const LABELS = ["chip", "sensor"];
const MICRO = 1_000_000;
const MILLI = 0.001;

const clean = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9:_]/g, "_")
    .replace(/^_+|_+$/g, "");

const reading = (name: string, help: string, value: number, make = gauge): SensorReading => ({
  metric: make(name, help, LABELS),
  value,
  isNamedByLabel: false,
});

/** Returns the family of a sensor's property and its value in base units, or undefined if the value is not a number. */
export function sensorMetric(
  sensor: string,
  property: string,
  text: string,
  properties: ReadonlyMap<string, string>,
): SensorReading | undefined {
  const { type } = explodeSensorFile(sensor)!;
  if (type === "beep_enable") {
    if (property !== "") return undefined;
    return reading("node_hwmon_beep_enabled", "Hardware beep enabled", text === "1" ? 1 : 0);
  }
  const value = text.trim() === "" ? NaN : Number(text);
  if (Number.isNaN(value)) return undefined;
  if (type === "vrm") return reading("node_hwmon_voltage_regulator_version", "Hardware voltage regulator", value);
  if (type === "update_interval")
    return reading("node_hwmon_update_interval_seconds", "Hardware monitor update interval", value * MILLI);
  const base = `node_hwmon_${type}`;
  const hasBare = properties.has("");
  const named = property === "" ? base : `${base}_${clean(property)}`;
  const name = property === "input" ? base + (hasBare ? "_input" : "") : named;
  return plainReading(type, property, name, value) ?? withUnit(type, property, name, value, properties);
}

/** Returns the family of a sensor property without a unit, such as a switch or an alarm. */
function plainReading(type: string, property: string, name: string, value: number): SensorReading | undefined {
  if (property === "fault" || property === "alarm")
    return reading(name, `Hardware sensor ${property} status (${type})`, value);
  if (property === "beep") return reading(`${name}_enabled`, "Hardware monitor sensor has beeping enabled", value);
  return undefined;
}

const FAN_SPEEDS = new Set(["input", "min", "max", "target"]);
const POWER_INTERVALS = new Set(["average_interval", "average_interval_min", "average_interval_max"]);

function withUnit(
  type: string,
  property: string,
  name: string,
  value: number,
  properties: ReadonlyMap<string, string>,
): SensorReading | undefined {
  const shown = `(${property})`;
  switch (type) {
    case "in":
    case "cpu":
      return reading(`${name}_volts`, `Hardware monitor for voltage ${shown}`, value * MILLI);
    case "temp": {
      if (property === "type") break;
      const help = `Hardware monitor for temperature (${property === "" ? "input" : property})`;
      return reading(`${name}_celsius`, help, value * MILLI);
    }
    case "curr":
      return reading(`${name}_amps`, `Hardware monitor for current ${shown}`, value * MILLI);
    case "energy":
      return reading(`${name}_joule_total`, `Hardware monitor for joules used so far ${shown}`, value / MICRO, counter);
    case "power":
      return power(property, name, value);
    case "humidity":
      return reading(
        name,
        `Hardware monitor for humidity, as a ratio (multiply with 100.0 to get the humidity as a percentage) ${shown}`,
        value / MICRO,
      );
    case "fan":
      if (!FAN_SPEEDS.has(property)) break;
      return reading(`${name}_rpm`, `Hardware monitor for fan revolutions per minute ${shown}`, value);
    case "freq": {
      if (property !== "input") break;
      if (!properties.has("label")) return undefined;
      const megahertz = reading(`${name}_freq_mhz`, "Hardware monitor for GPU frequency in MHz", value / MICRO);
      return { ...megahertz, isNamedByLabel: true };
    }
    default:
  }
  return reading(name, `Hardware monitor ${type} element ${property}`, value);
}

function power(property: string, name: string, value: number): SensorReading {
  if (property === "accuracy") return reading(name, "Hardware monitor power meter accuracy, as a ratio", value / MICRO);
  if (POWER_INTERVALS.has(property))
    return reading(`${name}_seconds`, `Hardware monitor power usage update interval (${property})`, value * MILLI);
  return reading(`${name}_watt`, `Hardware monitor for power usage in watts (${property})`, value / MICRO);
}
