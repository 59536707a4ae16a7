import type { BuildInfo, Clock, FlagValues, Host, Logger, RoleStart } from "@narthex/runtime";
import type { flags as flagTable } from "./flags.ts";

export interface Context {
  readonly host: Host;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly build: BuildInfo;
  readonly flags: FlagValues<typeof flagTable>;
  /** Names of the flags that were given. */
  readonly given: ReadonlySet<string>;
}

export const openContext = (host: Host, { flags, given, logger, build }: RoleStart<typeof flagTable>): Context => ({
  host,
  clock: host.clock,
  logger,
  build,
  flags,
  given,
});
