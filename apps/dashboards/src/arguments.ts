/** A command line, split into flags and `cfg:` arguments. */
export interface SplitArguments {
  readonly flags: readonly string[];
  /** The text `section.key=value` of each `cfg:` argument, in the order of the command line. */
  readonly overrides: readonly string[];
}

/**
 * Removes `cfg:` arguments from a command line. Like Grafana, accepts `server` as the first word, and flags with one
 * dash.
 */
export function splitArguments(args: readonly string[]): SplitArguments {
  const rest = args[0] === "server" ? args.slice(1) : args;
  const isOverride = (word: string): boolean => word.startsWith("cfg:");
  const flags = rest.filter((word) => !isOverride(word)).map((word) => word.replace(/^-(?=[a-zA-Z]{2})/, "--"));
  const within = flags.flatMap((word, i) =>
    word === "--configOverrides" ? (flags[i + 1] ?? "").split(/\s+/) : configOverrides(word),
  );
  return { flags, overrides: [...rest, ...within].filter(isOverride).map((word) => word.slice("cfg:".length)) };
}

const configOverrides = (word: string): readonly string[] =>
  word.startsWith("--configOverrides=") ? word.slice("--configOverrides=".length).split(/\s+/) : [];
