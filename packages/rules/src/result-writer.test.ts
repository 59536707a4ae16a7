import { Labels } from "@narthex/model";
import { ManualClock } from "@narthex/runtime/testing";
import type { Appendable, Appender } from "@narthex/storage";
import { MemoryStorage } from "@narthex/storage/testing";
import { expect, test } from "vitest";
import { endSeries, writeResults } from "./result-writer.ts";
import { WrittenSeries } from "./written-series.ts";

/**
 * Returns a storage that throws for each batch of samples. `ends` records whether each transaction was committed or
 * rolled back.
 */
function failingStorage(): { readonly storage: Appendable; readonly ends: string[] } {
  const memory = new MemoryStorage();
  const ends: string[] = [];
  const appender = (): Appender => {
    const open = memory.appender();
    return {
      series: (labels) => open.series(labels),
      append() {
        throw new RangeError("Array buffer allocation failed");
      },
      appendHistogram: () => 0,
      appendExemplar: () => 0,
      commit() {
        ends.push("commit");
        return open.commit();
      },
      rollback() {
        ends.push("rollback");
        open.rollback();
      },
    };
  };
  return { storage: { appender }, ends };
}

test("if the storage throws while samples are appended, the transaction is rolled back", async () => {
  const clock = new ManualClock();
  const labels = Labels.of({ __name__: "m" });
  const { storage, ends } = failingStorage();
  await expect(writeResults(clock, storage, [{ labels, value: 1 }], WrittenSeries.NONE, 0)).rejects.toThrow(RangeError);
  await expect(endSeries(clock, storage, [labels], 0)).rejects.toThrow(RangeError);
  expect(ends).toEqual(["rollback", "rollback"]);
});
