import type { MetricFamily } from "./metric-family.ts";

/** Units by the last word of a metric's name: the unit of the metric, and the unit of its rate per second. */
const UNITS: Readonly<Record<string, readonly [plain: string, perSecond: string]>> = {
  bytes: ["bytes", "Bps"],
  bits: ["bits", "bps"],
  seconds: ["s", "percentunit"],
  milliseconds: ["ms", "short"],
  ratio: ["percentunit", "short"],
  percent: ["percent", "short"],
  celsius: ["celsius", "short"],
  volts: ["volt", "short"],
  amperes: ["amp", "short"],
  watts: ["watt", "short"],
  joules: ["joule", "watt"],
  hertz: ["hertz", "short"],
  meters: ["lengthm", "short"],
  requests: ["short", "reqps"],
  packets: ["short", "pps"],
  reads: ["short", "rps"],
  writes: ["short", "wps"],
};

/** Returns the word of a metric's name that names its unit, such as `bytes`, or an empty text. */
export function unitWord({ name, unit }: MetricFamily): string {
  const words = name.replace(/_total$/, "").split("_");
  const word = unit === "" ? words.at(-1)! : unit;
  return Object.hasOwn(UNITS, word) ? word : "";
}

/** Returns the unit of a panel that shows a metric or, with `perSecond`, the metric's rate per second. */
export function unitOf(family: MetricFamily, perSecond: boolean): string {
  const word = unitWord(family);
  if (word === "") return perSecond ? "cps" : "short";
  return UNITS[word]![perSecond ? 1 : 0];
}
