export { ManualClock, settle } from "./manual-clock.ts";
export { memoryLogger, type LogLine } from "./memory-logger.ts";
export { temporaryFolder } from "./temporary-folder.ts";
export { testHost, type TestHost } from "./test-host.ts";
export { testCases, testSeed } from "./test-seed.ts";
export { expectArrivals, expectEveryFlag, type FlagRow, logRows, type ReadyRole } from "./flag-arrivals.ts";
export { whileRunning } from "./while-running.ts";
export { RecordedCalls } from "./recorded-calls.ts";
