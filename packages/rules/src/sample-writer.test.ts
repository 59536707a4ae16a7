import { Labels } from "@narthex/model";
import { runToEnd } from "@narthex/runtime";
import { type Appender, OUTCOME_OK, OUTCOME_UNKNOWN_SERIES, type SeriesRef } from "@narthex/storage";
import { MemoryStorage } from "@narthex/storage/testing";
import { expect, test } from "vitest";
import type { RuleSample } from "./rule-query.ts";
import { SampleWriter } from "./sample-writer.ts";
import { WrittenSeries } from "./written-series.ts";

const samplesOf = (names: readonly string[]): RuleSample[] =>
  names.map((name, value) => ({ labels: Labels.of({ __name__: name }), value }));

/** Returns an appender that does not know some references, and records for which labels it was asked. */
function forgetful(storage: MemoryStorage, removed: ReadonlySet<SeriesRef>, asked: string[]): Appender {
  const appender = storage.appender();
  return {
    series(labels) {
      asked.push(labels.get("__name__"));
      return appender.series(labels) + (removed.size > 0 ? 100 : 0);
    },
    append(batch) {
      const known = batch.refs.map((ref) => (ref > 100 ? ref - 100 : ref));
      const result = { ...batch, refs: known };
      appender.append(result);
      for (let i = 0; i < batch.count; i++) if (removed.has(batch.refs[i]!)) batch.outcomes[i] = OUTCOME_UNKNOWN_SERIES;
    },
    appendHistogram: () => OUTCOME_OK,
    appendExemplar: () => OUTCOME_OK,
    commit: () => appender.commit(),
    rollback: () => appender.rollback(),
  };
}

test("series are looked up once, and again if the storage has removed them or if they change", () => {
  const storage = new MemoryStorage();
  const asked: string[] = [];
  const samples = samplesOf(["a", "b", "c"]);
  const first = new SampleWriter(forgetful(storage, new Set(), asked), samples, WrittenSeries.NONE);
  runToEnd(first.append(1000));
  expect(first.hasChanged).toBe(true);
  const stored = first.accepted();
  expect(asked.splice(0)).toEqual(["a", "b", "c"]);

  const second = new SampleWriter(forgetful(storage, new Set(), asked), samples, stored);
  runToEnd(second.append(2000));
  expect(second.hasChanged).toBe(false);
  expect(asked).toEqual([]);

  const ref = stored.refAt(1, samples[1]!.labels);
  const third = new SampleWriter(forgetful(storage, new Set([ref]), asked), samples, stored);
  runToEnd(third.append(3000));
  expect(asked.splice(0)).toEqual(["b"]);
  expect([...third.outcomes]).toEqual([OUTCOME_OK, OUTCOME_OK, OUTCOME_OK]);
  expect(third.accepted().refAt(1, samples[1]!.labels)).toBe(ref + 100);

  const others = [samples[0]!, samples[2]!];
  const fourth = new SampleWriter(forgetful(storage, new Set(), asked), others, stored);
  runToEnd(fourth.append(4000));
  expect(fourth.hasChanged).toBe(true);
  expect(asked).toEqual(["c"]);
  expect([...fourth.accepted().byKey.keys()]).toEqual(others.map(({ labels }) => labels.key));
});
