import { readFileSync } from "node:fs";
import { type FlagTable, type FlagValues, parseFlags } from "./flags.ts";
import { helpText } from "./flag-help.ts";
import type { Host } from "./host.ts";
import { createLogger, type LogFormat, type Logger, type LogLevel } from "./logger.ts";
import { type BuildInfo, buildInfo, type Program, versionText } from "./version.ts";

export interface RoleStart<F> {
  readonly flags: FlagValues<F>;
  readonly given: ReadonlySet<string>;
  readonly logger: Logger;
  readonly build: BuildInfo;
}

interface RoleDescription<F> {
  readonly program: Program;
  readonly about: string;
  readonly table: F;
  /** Returns the message for a bad flag. The message of the Prometheus server differs from that of other servers. */
  readonly errorText?: (message: string) => string;
}

/**
 * Removes characters that unit files and compose files often leave by mistake: a line continuation as the last
 * argument, and quotes around a flag's value (`--web.listen-address=":9091"`).
 */
function tidyArguments(args: readonly string[]): readonly string[] {
  const kept = args.at(-1) === "\\" ? args.slice(0, -1) : args;
  return kept.map((arg) => arg.replace(/^(--[a-z.-]+=)"([^"]*)"$/, "$1$2"));
}

/**
 * Parses the flags of a program. Prints the help, the version or an error and returns the exit status; otherwise
 * creates a logger, and logs a warning for each flag whose feature is not built.
 */
export function startRole<F extends FlagTable>(
  host: Host,
  role: RoleDescription<F>,
): RoleStart<F> | { readonly exit: number } {
  const build = buildInfo(role.program);
  const args = tidyArguments(host.args);
  const outcome = parseFlags(role.table, args, { readArgumentFile: (path) => readFileSync(path, "utf8") });
  switch (outcome.kind) {
    case "help":
      host.stdout(helpText(role.program, role.about, role.table));
      return { exit: 0 };
    case "version":
      host.stdout(versionText(build));
      return { exit: 0 };
    case "error": {
      const line = role.errorText?.(outcome.message) ?? `${role.program}: error: ${outcome.message}, try --help`;
      host.stderr(`${line}${outcome.suggestion === undefined ? "" : `\n${outcome.suggestion}`}\n`);
      return { exit: 1 };
    }
    case "parsed": {
      if (host.checksArguments === true) return { exit: 0 };
      host.nameProcess?.(role.program);
      const { values, given, warnings } = outcome.flags;
      const shared = values as { "log.level"?: LogLevel; "log.format"?: LogFormat };
      const logger = createLogger({
        level: shared["log.level"] ?? "info",
        format: shared["log.format"] ?? "logfmt",
        clock: host.clock,
        write: (line) => host.stderr(line),
      });
      if (args.length !== host.args.length) logger.warn("Ignoring a single backslash after the last flag");
      for (const warning of warnings) logger.warn("Flag has no effect in this build", { flag: warning });
      return { flags: values, given, logger, build };
    }
  }
}
