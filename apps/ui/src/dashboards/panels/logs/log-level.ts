/** The severity of a log line. */
export type LogLevel = "critical" | "error" | "warning" | "info" | "debug" | "trace" | "unknown";

/** Names of labels and fields that contain the level, in the order in which they are tried. */
const LEVEL_NAMES = ["detected_level", "level", "severity_text", "severity", "lvl", "loglevel"];
/** Number of characters at the start of a log line in which a word for its level is searched. */
const SEARCHED_CHARS = 500;

const WORDS: readonly (readonly [level: LogLevel, words: readonly string[]])[] = [
  ["critical", ["emerg", "emergency", "fatal", "alert", "crit", "critical", "panic"]],
  ["error", ["err", "error", "eror"]],
  ["warning", ["warn", "warning"]],
  ["info", ["info", "information", "informational", "notice"]],
  ["debug", ["debug", "dbug"]],
  ["trace", ["trace"]],
];
const LEVELS: ReadonlyMap<string, LogLevel> = new Map(
  WORDS.flatMap(([level, words]) => words.map((word) => [word, level] as const)),
);

/**
 * Returns the level of a log line from its labels or fields, otherwise from the first word in its text that names a
 * level.
 */
export function levelOf(values: ReadonlyMap<string, string>, text: string): LogLevel {
  for (const name of LEVEL_NAMES) {
    const level = LEVELS.get(values.get(name)?.toLowerCase() ?? "");
    if (level !== undefined) return level;
  }
  for (const [word] of text.slice(0, SEARCHED_CHARS).matchAll(/[a-z]{3,13}/gi)) {
    const level = LEVELS.get(word.toLowerCase());
    if (level !== undefined) return level;
  }
  return "unknown";
}
