export { describeStorage, histogramOf } from "./contract.ts";
export { MemoryStorage } from "./memory.ts";
export { sameHistogram, staleHistogramLike } from "./same-histogram.ts";
