export { ManualClock, settle } from "./manual-clock.ts";
export { memoryLogger, type LogLine } from "./memory-logger.ts";
export { testHost, type TestHost } from "./test-host.ts";
export { testCases, testSeed } from "./test-seed.ts";
