import { type Collector, LINUX_COLLECTORS, PORTABLE_ONLY } from "@narthex/collectors";
import { type Flag, flagKinds, type FlagTable } from "@narthex/runtime";

const stateFlag = (name: string, enabled: boolean): Flag<boolean> =>
  flagKinds.flag(enabled, `Enable the ${name} collector (default: ${enabled ? "enabled" : "disabled"}).`);

/** Name of the switch of a collector, without the dashes. */
export const switchOf = (collector: string): string => `collector.${collector}`;

function tableOf(collectors: readonly Collector[]): FlagTable {
  const table: Record<string, FlagTable[string]> = {};
  for (const collector of collectors) Object.assign(table, collector.flags);
  const switches = new Map(collectors.map(({ name, enabled }) => [name, stateFlag(name, enabled)]));
  for (const name of [...switches.keys()].toSorted()) table[switchOf(name)] = switches.get(name)!;
  return table;
}

/** Every --collector.* flag: those of the collectors, and the switches. */
export const collectorFlags: FlagTable = tableOf(
  process.platform === "linux" ? LINUX_COLLECTORS : [...LINUX_COLLECTORS, ...PORTABLE_ONLY],
);
