import { parseDuration } from "@narthex/model";

/** Definition of a setting: its default, and how its text is parsed. */
export interface Setting<T> {
  readonly default: T;
  readonly help: string;
  read(text: string): T;
  /** Whether the value is shown as stars in lists of settings. */
  readonly isSecret: boolean;
}

/** Thrown for an invalid value. The message describes the expected value. */
export class SettingError extends Error {
  override readonly name = "SettingError";
}

export const text = (fallback: string, help: string): Setting<string> => ({
  default: fallback,
  help,
  read: (value) => value,
  isSecret: false,
});

export const secret = (fallback: string, help: string): Setting<string> => ({
  ...text(fallback, help),
  isSecret: true,
});

/** Values that Go's ini reader accepts as true and as false. */
const TRUE = new Set(["1", "t", "true", "y", "yes", "on"]);
const FALSE = new Set(["0", "f", "false", "n", "no", "off", ""]);

export const flag = (fallback: boolean, help: string): Setting<boolean> => ({
  default: fallback,
  help,
  read(value) {
    const word = value.toLowerCase();
    if (TRUE.has(word)) return true;
    if (FALSE.has(word)) return false;
    throw new SettingError(`${JSON.stringify(value)} is neither true nor false`);
  },
  isSecret: false,
});

export const integer = (fallback: number, help: string): Setting<number> => ({
  default: fallback,
  help,
  read(value) {
    if (value === "") return fallback;
    if (!/^[+-]?\d{1,15}$/.test(value)) throw new SettingError(`${JSON.stringify(value)} is not a whole number`);
    return Number(value);
  },
  isSecret: false,
});

/**
 * Defines a setting whose value is a duration, parsed to ms. A number without a unit is in days, as in Grafana's older
 * settings.
 */
export const duration = (fallback: string, help: string): Setting<number> => ({
  default: parseDuration(fallback),
  help,
  read(value) {
    if (value === "") return parseDuration(fallback);
    try {
      return parseDuration(/^\d{1,6}$/.test(value) ? `${value}d` : value);
    } catch (cause) {
      throw new SettingError(`${JSON.stringify(value)} is not a duration such as 7d or 30m`, { cause });
    }
  },
  isSecret: false,
});

/** Defines a setting whose value is a duration with a unit, parsed to ms. An empty value is 0. */
export const interval = (fallback: string, help: string): Setting<number> => ({
  default: parseDuration(fallback),
  help,
  read(value) {
    if (value === "") return 0;
    try {
      return parseDuration(value);
    } catch (cause) {
      throw new SettingError(`${JSON.stringify(value)} is not an interval such as 5s or 1m`, { cause });
    }
  },
  isSecret: false,
});

export const choice = <C extends string>(fallback: C, choices: readonly C[], help: string): Setting<C> => ({
  default: fallback,
  help,
  read(value) {
    const found = choices.find((one) => one.toLowerCase() === value.toLowerCase());
    if (found !== undefined) return found;
    if (value === "") return fallback;
    throw new SettingError(`${JSON.stringify(value)} is none of ${choices.join(", ")}`);
  },
  isSecret: false,
});
