import type { ReadConfiguration } from "./configurations.ts";
import { error, type Finding } from "./finding.ts";

/**
 * Returns findings for configuration files that cannot be read. Without these findings, a check that skipped the files
 * would look successful.
 */
export const unreadFindings = (read: readonly ReadConfiguration<unknown>[]): readonly Finding[] =>
  read
    .filter(({ verdict }) => verdict.config === undefined)
    .map(({ file }) =>
      error(`not checked: ${file} cannot be read`, "correct it first; show its problems: --check=config"),
    );
