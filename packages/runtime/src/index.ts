export { Breath, breathing, finished, type Steps } from "./breath.ts";
export { type Clock, reasonOf, systemClock } from "./clock.ts";
export { helpText } from "./flag-help.ts";
export * as flagKinds from "./flag-kinds.ts";
export {
  type Flag,
  FlagError,
  type FlagsOutcome,
  type FlagTable,
  type FlagValues,
  type ParsedFlags,
  parseFlags,
  type ParseOptions,
} from "./flags.ts";
export { type Host, processHost, stopRequested } from "./host.ts";
export { invariant, InvariantError } from "./invariant.ts";
export { formatAddress, type ListenAddress, ListenAddressError, parseListenAddress } from "./listen-address.ts";
export { Lifecycle, type Part } from "./lifecycle.ts";
export { logOnChange, type StateLog } from "./log-on-change.ts";
export {
  createLogger,
  type LogFields,
  type LogFormat,
  type Logger,
  type LoggerOptions,
  type LogLevel,
} from "./logger.ts";
export { seededRandom } from "./random.ts";
export { type RoleStart, startRole } from "./role-start.ts";
export { type BuildInfo, buildInfo, NARTHEX_VERSION, type Program, versionText } from "./version.ts";
