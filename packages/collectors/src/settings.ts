import type { Flag, FlagTable, Logger } from "@narthex/runtime";

/**
 * Error that flags of a collector contradict each other, or that a pattern does not compile. The program then does not
 * start.
 */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

/** The parsed flags of the collectors, by their full name without the dashes. */
export class Settings {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #given: ReadonlySet<string>;

  /** Creates settings. `values` includes defaults; `given` contains the names that the user set. */
  constructor(values: Readonly<Record<string, unknown>>, given: ReadonlySet<string>) {
    this.#values = values;
    this.#given = given;
  }

  /** Creates settings from the defaults of a flag table and some given values. */
  static of(table: FlagTable, given: Readonly<Record<string, unknown>> = {}): Settings {
    const values = Object.fromEntries(Object.entries(table).map(([name, flag]) => [name, flag.default]));
    return new Settings({ ...values, ...given }, new Set(Object.keys(given)));
  }

  isSet(name: string): boolean {
    return this.#given.has(name);
  }

  text(name: string): string {
    const value = this.#values[name];
    return typeof value === "string" ? value : "";
  }

  boolean(name: string): boolean {
    return this.#values[name] === true;
  }

  number(name: string): number {
    const value = this.#values[name];
    return typeof value === "number" ? value : 0;
  }

  list(name: string): readonly string[] {
    const value = this.#values[name];
    return Array.isArray(value) ? (value as readonly string[]) : [];
  }
}

/** Returns a flag for an old name, which is parsed but not shown in --help. */
export const hiddenFlag = (flag: Flag<string>): Flag<string> => ({ ...flag, hidden: true });

/** Names of an include flag and an exclude flag. Only one of these two flags may be given. */
export interface FilterFlags {
  readonly include: string;
  readonly exclude: string;
  /** Old name of the exclude flag. */
  readonly retiredExclude?: string;
  /** Old name of the include flag. */
  readonly retiredInclude?: string;
  /** Error message if both flags are given; default: EXCLUSIVE_DEVICE_FILTERS. */
  readonly clash?: string;
}

/** node_exporter's error message if both device flags are given. */
export const EXCLUSIVE_DEVICE_FILTERS = "device-exclude & device-include are mutually exclusive";

/** Returns the value of a flag that the user may also give under an old name. */
function current(settings: Settings, name: string, old: string | undefined, logger: Logger | undefined): string {
  if (old === undefined || settings.text(old) === "") return settings.text(name);
  if (settings.isSet(name)) throw new SettingsError(`--${old} and --${name} are mutually exclusive`);
  logger?.warn(`--${old} is DEPRECATED and will be removed in 2.0.0, use --${name}`);
  return settings.text(old);
}

/**
 * Returns the expressions of the include and exclude flags, including old names. The default of exclude does not apply
 * if include is given. Both flags together are an error.
 */
export function filterExpressions(
  settings: Settings,
  flags: FilterFlags,
  logger?: Logger,
): { include: string; exclude: string } {
  const include = current(settings, flags.include, flags.retiredInclude, logger);
  const excludeGiven =
    settings.isSet(flags.exclude) || (flags.retiredExclude !== undefined && settings.isSet(flags.retiredExclude));
  const exclude = current(settings, flags.exclude, flags.retiredExclude, logger);
  if (include === "") return { include, exclude };
  if (!excludeGiven) return { include, exclude: "" };
  if (exclude !== "") throw new SettingsError(flags.clash ?? EXCLUSIVE_DEVICE_FILTERS);
  return { include, exclude };
}
