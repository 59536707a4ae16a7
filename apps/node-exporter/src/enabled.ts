import type { Collector } from "@narthex/collectors";
import { switchOf } from "./collector-flags.ts";

/** What the command line says, as far as it concerns switching. */
export interface Switches {
  readonly values: Readonly<Record<string, unknown>>;
  /** Names of the flags that were given. */
  readonly given: ReadonlySet<string>;
}

/** The flags as they come out: the switch of every collector says whether it runs, which other collectors may ask. */
export function settledFlags(
  values: Readonly<Record<string, unknown>>,
  enabled: readonly Collector[],
): Readonly<Record<string, unknown>> {
  const running = new Set(enabled.map(({ name }) => switchOf(name)));
  const isSwitch = (flag: string): boolean => /^collector\.\w+$/.test(flag);
  const settled = Object.entries(values).map(([flag, value]) => [flag, isSwitch(flag) ? running.has(flag) : value]);
  return Object.fromEntries(settled) as Readonly<Record<string, unknown>>;
}

/** The collectors to run: their own defaults, none with --collector.disable-defaults; a switch that is given wins. */
export function enabledCollectors(collectors: readonly Collector[], { values, given }: Switches): readonly Collector[] {
  const isBare = values["collector.disable-defaults"] === true;
  return collectors.filter(({ name }) => {
    const flag = switchOf(name);
    return isBare && !given.has(flag) ? false : values[flag] === true;
  });
}
