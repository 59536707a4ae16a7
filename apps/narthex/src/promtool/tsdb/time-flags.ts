import { type Flag, FlagError, flagKinds } from "@narthex/runtime";

/** Largest time limit in ms, about 70,000 years. A later time means no limit. */
const LIMIT_MS = 2 ** 51;

const time = (fallback: number, shown: string, help: string): Flag<number> =>
  flagKinds.parsed(
    fallback,
    (text) => {
      if (!/^[+-]?\d+$/.test(text))
        throw new FlagError(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
      return Math.max(-LIMIT_MS, Math.min(LIMIT_MS, Number(text)));
    },
    (value) => (Math.abs(value) === LIMIT_MS ? shown : String(value)),
    help,
  );

/** Flags of all commands that print samples. */
export const dumpFlags = {
  "sandbox-dir-root": flagKinds.text(
    "",
    "Root directory where a sandbox directory will be created, this sandbox is used in case WAL replay generates chunks (default is the database path). The sandbox is cleaned up at the end.",
  ),
  "min-time": time(
    -LIMIT_MS,
    "-9223372036854775808",
    "Minimum timestamp to dump, in milliseconds since the Unix epoch.",
  ),
  "max-time": time(LIMIT_MS, "9223372036854775807", "Maximum timestamp to dump, in milliseconds since the Unix epoch."),
  match: flagKinds.list(["{__name__=~'(?s:.*)'}"], "Series selector. Can be specified multiple times."),
};
