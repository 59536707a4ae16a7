import { Labels } from "@narthex/model";
import { type Exemplar, OUTCOME_DUPLICATE, OUTCOME_OK, OUTCOME_OUT_OF_ORDER } from "@narthex/storage";
import { expect, test } from "vitest";
import { exemplarOrder, isInvalid } from "./exemplar-order.ts";

const exemplar = (timestamp: number, value: number, id = "a", borrowedTime = false): Exemplar => ({
  labels: Labels.of({ id }),
  value,
  timestamp,
  borrowedTime,
});

test("exemplars are ordered by time, then value; a repeated exemplar is refused", () => {
  const last = exemplar(10, 5);
  expect(exemplarOrder(undefined, last)).toBe(OUTCOME_OK);
  expect(exemplarOrder(last, exemplar(11, 1))).toBe(OUTCOME_OK);
  expect(exemplarOrder(last, exemplar(9, 9))).toBe(OUTCOME_OUT_OF_ORDER);
  expect(exemplarOrder(last, exemplar(10, 6))).toBe(OUTCOME_OK);
  expect(exemplarOrder(last, exemplar(10, 4))).toBe(OUTCOME_OUT_OF_ORDER);
  expect(exemplarOrder(last, last)).toBe(OUTCOME_DUPLICATE);
  const other = exemplar(10, 5, "b");
  expect([exemplarOrder(last, other), exemplarOrder(other, last)].toSorted()).toEqual([
    OUTCOME_OK,
    OUTCOME_OUT_OF_ORDER,
  ]);
});

test("exemplars with equal time and value are ordered by Prometheus' hashes of their labels", () => {
  const named = (value: string): Exemplar => ({ ...exemplar(10, 5), labels: Labels.of({ trace_id: value }) });
  // Prometheus orders exemplars with equal time and value by the hash of their labels. The hash of a is smaller than
  // the hash of b, so a is refused after b.
  expect(exemplarOrder(named("b"), named("a"))).toBe(OUTCOME_OUT_OF_ORDER);
  expect(exemplarOrder(named("a"), named("b"))).toBe(OUTCOME_OK);
  expect(exemplarOrder(named("ü"), named("xxxxxxxxxxxxxxxxxxxx"))).toBe(OUTCOME_OK);
  expect(exemplarOrder(named("xxxxxxxxxxxxxxxxxxxx"), named("a"))).toBe(OUTCOME_OK);
});

test("an exemplar without its own time is a duplicate of the previous one if only the time of the scrape differs", () => {
  const last = exemplar(10, 5, "a", true);
  expect(exemplarOrder(last, exemplar(20, 5, "a", true))).toBe(OUTCOME_DUPLICATE);
  expect(exemplarOrder(last, exemplar(20, 5, "a"))).toBe(OUTCOME_OK);
  expect(exemplarOrder(last, exemplar(20, 6, "a", true))).toBe(OUTCOME_OK);
});

test("the labels of an exemplar may have up to 128 characters", () => {
  expect(isInvalid(exemplar(1, 1, "x".repeat(126)))).toBe(false);
  expect(isInvalid(exemplar(1, 1, "x".repeat(127)))).toBe(true);
  expect(isInvalid(exemplar(1, 1, "😀".repeat(126)))).toBe(false);
});

test("an exemplar's time must be a number of milliseconds that can be stored", () => {
  expect([0, 2 ** 51, -(2 ** 51)].some((time) => isInvalid(exemplar(time, 1)))).toBe(false);
  expect([2 ** 51 + 1, -(2 ** 63), Infinity, NaN].every((time) => isInvalid(exemplar(time, 1)))).toBe(true);
});
