import { type Flag, FlagError } from "./flags.ts";

type Extras = Pick<Flag<unknown>, "hidden" | "short" | "notBuilt">;

const once = <T>(
  fallback: T,
  help: string,
  read: (text: string) => T,
  print: (value: T) => string,
  extras: Extras = {},
): Flag<T> => ({
  default: fallback,
  help,
  read,
  print,
  boolean: false,
  repeatable: false,
  ...extras,
});

export const text = (fallback: string, help: string, extras?: Extras): Flag<string> =>
  once(
    fallback,
    help,
    (value) => value,
    (value) => value,
    extras,
  );

export const flag = (fallback: boolean, help: string, extras: Extras = {}): Flag<boolean> => ({
  default: fallback,
  help,
  boolean: true,
  repeatable: false,
  print: String,
  read(value) {
    if (/^(1|t|T|true|TRUE|True)$/.test(value)) return true;
    if (/^(0|f|F|false|FALSE|False)$/.test(value)) return false;
    throw new FlagError(`strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`);
  },
  ...extras,
});

export const integer = (fallback: number, help: string, extras?: Extras): Flag<number> =>
  once(
    fallback,
    help,
    (value) => {
      if (!/^[+-]?\d+$/.test(value))
        throw new FlagError(`strconv.ParseFloat: parsing ${JSON.stringify(value)}: invalid syntax`);
      return Number(value);
    },
    String,
    extras,
  );

export const number = (fallback: number, help: string, extras?: Extras): Flag<number> =>
  once(
    fallback,
    help,
    (value) => {
      const parsed = Number(value);
      if (value.trim() === "" || Number.isNaN(parsed))
        throw new FlagError(`strconv.ParseFloat: parsing ${JSON.stringify(value)}: invalid syntax`);
      return parsed;
    },
    String,
    extras,
  );

/** Returns a flag whose value is one of a fixed list. */
export const choice = <C extends string>(fallback: C, choices: readonly C[], help: string, extras?: Extras): Flag<C> =>
  once(
    fallback,
    help,
    (value) => {
      if (!(choices as readonly string[]).includes(value))
        throw new FlagError(`enum value must be one of ${choices.join(",")}, got '${value}'`);
      return value as C;
    },
    String,
    extras,
  );

/** Returns a text flag that may be repeated. The default is used only if the flag is not given. */
export const list = (fallback: readonly string[], help: string, extras: Extras = {}): Flag<readonly string[]> => ({
  default: fallback,
  help,
  boolean: false,
  repeatable: true,
  print: (value) => value.join(","),
  read: (value, previous) => [...(previous ?? []), value],
  ...extras,
});

/**
 * Returns a flag that the caller's functions parse and print, for example durations and sizes. Errors of the parser
 * become flag errors.
 */
export const parsed = <T>(
  fallback: T,
  read: (text: string) => T,
  print: (value: T) => string,
  help: string,
  extras?: Extras,
): Flag<T> =>
  once(
    fallback,
    help,
    (value) => {
      try {
        return read(value);
      } catch (error) {
        throw new FlagError(error instanceof Error ? error.message : String(error), { cause: error });
      }
    },
    print,
    extras,
  );

/** The flag --log.level, which all programs have. Its error messages are those of Prometheus. */
export const logLevel: Flag<"debug" | "info" | "warn" | "error"> = once(
  "info",
  "Only log messages with the given severity or above. One of: [debug, info, warn, error]",
  (value) => {
    const level = value.toLowerCase();
    if (level !== "debug" && level !== "info" && level !== "warn" && level !== "error")
      throw new FlagError(`unrecognized log level ${value}`);
    return level;
  },
  String,
);

export const logFormat: Flag<"logfmt" | "json"> = once(
  "logfmt",
  "Output format of log messages. One of: [logfmt, json]",
  (value) => {
    if (value !== "logfmt" && value !== "json") throw new FlagError(`unrecognized log format ${value}`);
    return value;
  },
  String,
);
