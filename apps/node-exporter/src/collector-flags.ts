import { type Collector, LINUX_COLLECTORS, PORTABLE_ONLY } from "@narthex/collectors";
import { type Flag, flagKinds, type FlagTable } from "@narthex/runtime";

const stateFlag = (name: string, enabled: boolean): Flag<boolean> =>
  flagKinds.flag(enabled, `Enable the ${name} collector (default: ${enabled ? "enabled" : "disabled"}).`);

/** Returns the name of the flag that enables a collector, without the dashes. */
const switchOf = (collector: string): string => `collector.${collector}`;

function tableOf(collectors: readonly Collector[]): FlagTable {
  const table: Record<string, FlagTable[string]> = {};
  for (const collector of collectors) Object.assign(table, collector.flags);
  const switches = new Map(collectors.map(({ name, enabled }) => [name, stateFlag(name, enabled)]));
  for (const name of [...switches.keys()].toSorted()) table[switchOf(name)] = switches.get(name)!;
  return table;
}

/** All --collector.* flags: settings of collectors, and flags that enable or disable them. */
export const collectorFlags: FlagTable = tableOf(
  process.platform === "linux" ? LINUX_COLLECTORS : [...LINUX_COLLECTORS, ...PORTABLE_ONLY],
);

/** Flags that enable or disable collectors. */
export interface Switches {
  readonly values: Readonly<Record<string, unknown>>;
  /** Names of the flags that were given. */
  readonly given: ReadonlySet<string>;
}

/**
 * Returns the values of all flags. The flag `--collector.NAME` is true if this collector runs and false otherwise, so
 * that a collector can check whether another collector runs.
 */
export function resolvedFlags(
  values: Readonly<Record<string, unknown>>,
  enabled: readonly Collector[],
): Readonly<Record<string, unknown>> {
  const running = new Set(enabled.map(({ name }) => switchOf(name)));
  const isSwitch = (flag: string): boolean => /^collector\.\w+$/.test(flag);
  const settled = Object.entries(values).map(([flag, value]) => [flag, isSwitch(flag) ? running.has(flag) : value]);
  return Object.fromEntries(settled) as Readonly<Record<string, unknown>>;
}

/**
 * Returns the collectors to run: the default ones, or none with --collector.disable-defaults. Flags for single
 * collectors take precedence.
 */
export function enabledCollectors(collectors: readonly Collector[], { values, given }: Switches): readonly Collector[] {
  const isBare = values["collector.disable-defaults"] === true;
  return collectors.filter(({ name }) => {
    const flag = switchOf(name);
    return isBare && !given.has(flag) ? false : values[flag] === true;
  });
}
