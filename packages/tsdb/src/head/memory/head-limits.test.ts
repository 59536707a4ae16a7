import { Labels } from "@narthex/model";
import { createSampleBatch, OUTCOME_FULL, OUTCOME_OK } from "@narthex/storage";
import { expect, test, vi } from "vitest";
import { Head } from "../head.ts";
import { HEAD_LIMITS, type HeadLimits } from "./head-capacity.ts";

/** Appends one sample of a series. Returns the outcome and the reason for a refusal. */
function append(head: Head, name: string): [outcome: number | undefined, refusal: string] {
  const app = head.appender();
  const batch = createSampleBatch(1);
  batch.refs[0] = app.series(Labels.of({ [name]: name }));
  batch.timestamps[0] = 1000;
  batch.count = 1;
  app.append(batch);
  app.rollback();
  return [batch.outcomes[0], head.memory.capacity.refusal];
}

/** Functions that make the head report that `taken` items of a resource are in use, by resource. */
const TAKE: Partial<Record<keyof HeadLimits, (head: Head, taken: number) => void>> = {
  series: ({ memory }, taken) => void vi.spyOn(memory.series, "takenRows", "get").mockReturnValue(taken),
  references: ({ memory }, taken) => void vi.spyOn(memory.series, "spentReferences", "get").mockReturnValue(taken),
  pairs: ({ memory }, taken) => void vi.spyOn(memory.postings, "takenPairs", "get").mockReturnValue(taken),
  symbols: ({ memory }, taken) => void vi.spyOn(memory.symbols, "taken", "get").mockReturnValue(taken),
  names: ({ memory }, taken) => void vi.spyOn(memory.postings, "takenNames", "get").mockReturnValue(taken),
};

test.each(Object.entries(TAKE))(
  "a head refuses a series when its limit of %s is reached, but not one series earlier",
  (...row) => {
    const [name, take] = row as [keyof HeadLimits, NonNullable<(typeof TAKE)[keyof HeadLimits]>];
    const head = new Head(0);
    // The series has one label whose name and value are the same text, so it takes only one symbol and one label pair.
    take(head, HEAD_LIMITS[name] - 2);
    expect(append(head, "a")).toEqual([OUTCOME_OK, ""]);
    take(head, HEAD_LIMITS[name]);
    expect(append(head, "b")).toEqual([OUTCOME_FULL, expect.stringContaining(String(HEAD_LIMITS[name]))]);
  },
);
