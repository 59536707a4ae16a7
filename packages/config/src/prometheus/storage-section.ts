import { INVALID } from "../decode/codec.ts";
import { byteSize, millis } from "../decode/measures.ts";
import { decimal, integer64, oneOf } from "../decode/plain-values.ts";
import { field, optional, section } from "../decode/section.ts";
import type { RetentionConfig, StorageConfig } from "./storage.ts";

const floatEncoding = oneOf<"" | "xor" | "xor2">(
  ["", "xor", "xor2"],
  (found) =>
    "'storage.tsdb.chunk_encoding.floats' must be 'xor' or 'xor2', or the field must be omitted entirely, " +
    `got ${JSON.stringify(found)}`,
);

const retention = section<RetentionConfig>(
  "config.plain",
  {
    timeMs: field("time", millis, 0),
    sizeBytes: field("size", byteSize, 0),
    percentage: field("percentage", decimal, 0),
  },
  (value, at, report) => {
    if (value.sizeBytes < 0) {
      const message = `'storage.tsdb.retention.size' must be greater than or equal to 0, got ${value.sizeBytes}`;
      report(at.sizeBytes, "retention", message, "write 0 for no limit");
      return INVALID;
    }
    if (value.percentage < 0 || value.percentage > 100) {
      const message = `'storage.tsdb.retention.percentage' must be in the range [0, 100], got ${value.percentage}`;
      report(at.percentage, "retention", message);
      return INVALID;
    }
    return value;
  },
);

const chunkEncoding = section<{ floats: "" | "xor" | "xor2" }>("config.plain", {
  floats: field("floats", floatEncoding, ""),
});

interface RawTsdb {
  /**
   * The key `outofordertimewindow`, under which Prometheus prints the out-of-order window. The key is accepted so that
   * a printed configuration can be loaded, but its value is ignored.
   */
  readonly window: number;
  readonly outOfOrderTimeWindowMs: number;
  readonly staleSeriesCompactionThreshold: number;
  readonly chunkEncoding: { readonly floats: "" | "xor" | "xor2" };
  readonly retention: RetentionConfig | undefined;
}

const tsdb = section<RawTsdb>("config.plain", {
  window: field("outofordertimewindow", integer64, 0, true),
  outOfOrderTimeWindowMs: field("out_of_order_time_window", millis, 0),
  staleSeriesCompactionThreshold: field("stale_series_compaction_threshold", decimal, 0),
  chunkEncoding: field("chunk_encoding", chunkEncoding, chunkEncoding.empty()),
  retention: optional("retention", retention),
});

const exemplars = section<{ maxExemplars: number }>("config.plain", {
  maxExemplars: field("max_exemplars", integer64, 0),
});

interface RawStorage {
  readonly tsdb: RawTsdb;
  readonly exemplars: { readonly maxExemplars: number } | undefined;
}

const raw = section<RawStorage>("config.plain", {
  tsdb: field("tsdb", tsdb, tsdb.empty()),
  exemplars: optional("exemplars", exemplars),
});

const nested = (value: StorageConfig): RawStorage => ({
  tsdb: {
    window: value.outOfOrderTimeWindowMs,
    outOfOrderTimeWindowMs: value.outOfOrderTimeWindowMs,
    staleSeriesCompactionThreshold: value.staleSeriesCompactionThreshold,
    chunkEncoding: { floats: value.floatChunkEncoding },
    retention: value.retention,
  },
  exemplars: value.maxExemplars === undefined ? undefined : { maxExemplars: value.maxExemplars },
});

const flat = (value: RawStorage): StorageConfig => ({
  outOfOrderTimeWindowMs: value.tsdb.outOfOrderTimeWindowMs,
  staleSeriesCompactionThreshold: value.tsdb.staleSeriesCompactionThreshold,
  floatChunkEncoding: value.tsdb.chunkEncoding.floats,
  retention: value.tsdb.retention,
  maxExemplars: value.exemplars?.maxExemplars,
});

/** Codec of the section `storage`. The result is one flat object with the keys of all nested sections. */
export const storageSection = {
  goType: raw.goType,
  decode(...input: Parameters<typeof raw.decode>) {
    const value = raw.decode(...input);
    return value === INVALID ? INVALID : flat(value);
  },
  encode: (value: StorageConfig) => raw.encode(nested(value)),
  isZero: (value: StorageConfig) => raw.isZero(nested(value)),
  empty: (): StorageConfig => flat(raw.empty()),
};
