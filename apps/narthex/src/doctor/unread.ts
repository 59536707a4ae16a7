import type { ReadConfiguration } from "./configurations.ts";
import { error, type Finding } from "./finding.ts";

/** What a check says of configuration files that it cannot go by: that it has not looked is no sign that all is well. */
export const unreadFindings = (read: readonly ReadConfiguration<unknown>[]): readonly Finding[] =>
  read
    .filter(({ verdict }) => verdict.config === undefined)
    .map(({ file }) =>
      error(`not looked at: ${file} cannot be read`, "mend it first; see what is wrong: --check=config"),
    );
