import { WireWriter } from "@narthex/bytes";
import { METRIC_TYPES } from "../../messages/write-messages.ts";
import type { MetadataRow } from "./sender-messages.ts";

/** Encodes types and help texts as a remote write 1.0 message without series. */
export function encodeMetadata(rows: readonly MetadataRow[]): Uint8Array {
  const out = new WireWriter(16 * 1024);
  for (const { metric, type, help, unit } of rows) {
    out.message(3, () => {
      const number = METRIC_TYPES.indexOf(type);
      if (number > 0) out.uint64(1, number);
      out.string(2, metric);
      if (help !== "") out.string(4, help);
      if (unit !== "") out.string(5, unit);
    });
  }
  return out.written.slice();
}
