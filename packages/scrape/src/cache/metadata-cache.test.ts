import { ENTRY_END, ENTRY_NOTHING, ExpositionError, TextReader } from "@narthex/exposition";
import { expect, test } from "vitest";
import { MetadataCache } from "./metadata-cache.ts";

/** Passes all metadata lines of a scraped body without series to the cache. */
function take(cache: MetadataCache, page: string): void {
  const reader = new TextReader(new TextEncoder().encode(page));
  cache.begin(0);
  for (let kind = reader.next(); kind !== ENTRY_END; kind = reader.next()) {
    if (kind !== ENTRY_NOTHING) cache.take(kind, reader);
  }
}

const families = (count: number): string => Array.from({ length: count }, (_, i) => `# TYPE f${i} gauge\n`).join("");

test("a target has at most half a million families", () => {
  const cache = new MetadataCache();
  take(cache, families(500_000));
  expect(cache.size).toBe(500_000);
  expect(() => take(cache, "# TYPE other gauge\n")).toThrow(new ExpositionError("more than 500000 metric families", 0));
  // After a failed scrape, removes the families that the scrape did not contain. A body with too many families thus
  // affects only one scrape.
  cache.finish(false);
  expect(() => take(cache, "# TYPE other gauge\n")).toThrow(ExpositionError);
  cache.finish(false);
  take(cache, "# TYPE other gauge\n");
  expect(cache.size).toBe(1);
});

test("new help texts of one family in each scrape are not kept, and the last one applies", () => {
  const cache = new MetadataCache();
  take(cache, Array.from({ length: 100_000 }, (_, i) => `# HELP f ${i}\n`).join(""));
  cache.settlePreamble(0);
  expect(cache.isSettled(0)).toBe(false);
  expect(cache.list()).toEqual([{ metric: "f", type: "unknown", help: "99999", unit: "" }]);
  cache.finish(true);
  take(cache, "# HELP f 7\n");
  expect(cache.list()[0]!.help).toBe("7");
});
