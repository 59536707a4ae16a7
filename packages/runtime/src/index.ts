export { BinaryHeap } from "./binary-heap.ts";
export { sortedInSteps } from "./sorted-in-steps.ts";
export { LazyList, listForJson, writeJson } from "./json-pieces.ts";
export { jsonProblem, parseJsonInTurns, parsingJson } from "./parse-json.ts";
export { TimeSlice, runInTimeSlices, runStepByStep, runToEnd, type Steps } from "./time-slice.ts";
export { type Clock, reasonOf, systemClock } from "./clock.ts";
export { FileBacked, type FileBackedOptions, type ReadText } from "./file-backed.ts";
export { DataPathError, dataPathProblem, makeDataFolder, prepareDataFile } from "./data-folder.ts";
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
export { eventLoop, type LoopReport, type Operation, type OperationKind } from "./event-loop/event-loop.ts";
export { type Host, processHost, showsOwnMetrics, stopRequested } from "./host.ts";
export { errorText, shortened } from "./error-text.ts";
export { exposeGc } from "./expose-gc.ts";
export { collectGarbage, IdleCollector } from "./idle-collector.ts";
export { InternalErrors, isProgramFault, type ReportError } from "./internal-errors.ts";
export { invariant, InvariantError } from "./invariant.ts";
export {
  formatAddress,
  isEveryHost,
  type ListenAddress,
  ListenAddressError,
  parseListenAddress,
  reachableHost,
} from "./listen-address.ts";
export { Lifecycle, type Part } from "./lifecycle.ts";
export { AnswerBudget } from "./listening/answer-budget.ts";
export { startListening } from "./listening/start-listening.ts";
export { cutWhenStalled } from "./listening/stalled-client.ts";
export {
  HttpListeners,
  type HttpListenersOptions,
  type ListenPlace,
  SERVER_OPTIONS,
} from "./listening/http-listeners.ts";
export { cleanPath, escapePath, healthChecks, requestPath } from "./listening/request-path.ts";
export { logOnChange, type StateLog } from "./log-on-change.ts";
export {
  createLogger,
  type LogFields,
  type LogFormat,
  type Logger,
  type LoggerOptions,
  type LogLevel,
} from "./logger.ts";
export { mapWithLimit } from "./map-with-limit.ts";
export { maskPassword } from "./mask-password.ts";
export { Mutex } from "./mutex.ts";
export { PageReturn } from "./process-memory/page-return.ts";
export { pageReleaser, returnFreedMemory, returnMemoryOfStart } from "./process-memory/return-memory.ts";
export { processExists } from "./process-exists.ts";
export type { PreparedChange } from "./prepared-change.ts";
export { type ProfilePage, ProfilePages, profilePages } from "./profiling/profile-pages.ts";
export { FileLockedError } from "./file-claim.ts";
export { type FileLock, lockFile } from "./file-lock.ts";
export { datedToken, tokenExpiry } from "./dated-token.ts";
export { seededRandom } from "./random.ts";
export { SimulatedClock } from "./simulated-clock.ts";
export { runUntilStopped } from "./run-until-stopped.ts";
export { replaceDataFile, syncFolder } from "./replace-data-file.ts";
export { type RoleStart, startRole } from "./role-start.ts";
export { surviveUncaughtErrors, uncaughtErrors } from "./uncaught-errors.ts";
export { type BuildInfo, buildInfo, buildInformation, NARTHEX_VERSION, type Program, versionText } from "./version.ts";
