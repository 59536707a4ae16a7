import type { Flag, FlagTable, Logger } from "@narthex/runtime";

/** Flags of a collector that contradict each other, or a pattern that does not compile; ends the start-up. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

/** The collectors' flags after parsing, asked for by their full name without the dashes. */
export class Settings {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #given: ReadonlySet<string>;

  /** `values` holds defaults too; `given` names what the user wrote. */
  constructor(values: Readonly<Record<string, unknown>>, given: ReadonlySet<string>) {
    this.#values = values;
    this.#given = given;
  }

  /** The defaults of a table with some values set; for tests and embedders. */
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

/** A flag under an old name: parsed, not shown. */
export const hiddenFlag = (flag: Flag<string>): Flag<string> => ({ ...flag, hidden: true });

/** A pair of flags of which only one may be given, perhaps with old names for the same. */
export interface FilterFlags {
  readonly include: string;
  readonly exclude: string;
  /** Old name of `exclude`. */
  readonly retiredExclude?: string;
  /** Old name of `include`. */
  readonly retiredInclude?: string;
  /** What to say where both are given, if not EXCLUSIVE_DEVICE_FILTERS. */
  readonly clash?: string;
}

/** node_exporter's words for two device flags at once. */
export const EXCLUSIVE_DEVICE_FILTERS = "device-exclude & device-include are mutually exclusive";

/** The value of a flag that perhaps stands under its old name. */
function current(settings: Settings, name: string, old: string | undefined, logger: Logger | undefined): string {
  if (old === undefined || settings.text(old) === "") return settings.text(name);
  if (settings.isSet(name)) throw new SettingsError(`--${old} and --${name} are mutually exclusive`);
  logger?.warn(`--${old} is DEPRECATED and will be removed in 2.0.0, use --${name}`);
  return settings.text(old);
}

/**
 * The pair of expressions behind include and exclude flags, old names followed. An include given without an exclude
 * takes the exclude's default away; both given is an error.
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
