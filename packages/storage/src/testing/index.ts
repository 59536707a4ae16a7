export { type Contract, describeStorage, histogramOf, type StorageUnderTest } from "./contract.ts";
export { type MemorySeries, MemoryStorage, type MemoryStorageOptions } from "./memory.ts";
export { sameHistogram, staleHistogramLike } from "./same-histogram.ts";
