export { type Contract, describeStorage, histogramOf, type StorageUnderTest } from "./contract.ts";
export { MemoryStorage, type MemoryStorageOptions } from "./memory.ts";
export type { MemorySeries } from "./memory-querier.ts";
export { sameHistogram, staleHistogramLike } from "./same-histogram.ts";
