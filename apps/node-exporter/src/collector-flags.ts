import { type Collector, LINUX_COLLECTORS, PORTABLE_ONLY } from "@narthex/collectors";
import { type Flag, flagKinds, type FlagTable } from "@narthex/runtime";
import { UNBUILT_COLLECTORS, UNBUILT_FLAGS } from "./unbuilt-flags.ts";

const stateFlag = (name: string, enabled: boolean, notBuilt?: string): Flag<boolean> =>
  flagKinds.flag(
    enabled,
    `Enable the ${name} collector (default: ${enabled ? "enabled" : "disabled"}).`,
    notBuilt === undefined ? {} : { notBuilt },
  );

/** Name of the switch of a collector, without the dashes. */
export const switchOf = (collector: string): string => `collector.${collector}`;

function tableOf(collectors: readonly Collector[]): FlagTable {
  const table: Record<string, FlagTable[string]> = {};
  for (const collector of collectors) Object.assign(table, collector.flags);
  Object.assign(table, UNBUILT_FLAGS);
  const switches = new Map(
    UNBUILT_COLLECTORS.map(([name, enabled]) => [name, stateFlag(name, enabled, "the collector is not built")]),
  );
  for (const { name, enabled } of collectors) switches.set(name, stateFlag(name, enabled));
  for (const name of [...switches.keys()].toSorted()) table[switchOf(name)] = switches.get(name)!;
  return table;
}

/** Every --collector.* flag: those of the collectors, those of node_exporter's that are not built, the switches. */
export const collectorFlags: FlagTable = tableOf(
  process.platform === "linux" ? LINUX_COLLECTORS : [...LINUX_COLLECTORS, ...PORTABLE_ONLY],
);
