import { expect, test } from "vitest";
import { ReferenceModel } from "./reference-model.ts";

const found = (samples: Record<number, string>): ReadonlyMap<string, ReadonlyMap<number, string>> =>
  new Map([["a", new Map(Object.entries(samples).map(([time, value]) => [Number(time), value]))]]);

function committed(ledger: ReferenceModel, time: number, value: string): void {
  ledger.attempt("a", time, value);
  ledger.promise("a", time, "power cut");
}

test("a sample whose presence is promised and that is not found is reported as lost", () => {
  const ledger = new ReferenceModel();
  committed(ledger, 1, "x");
  expect(ledger.compare(found({}), "power cut")).toEqual(["a at 1 = x survives a power cut, but is gone"]);
});

test("a deleted sample that is found is reported, but not one that was appended after the deletion", () => {
  const ledger = new ReferenceModel();
  committed(ledger, 1, "x");
  ledger.deleted(
    ledger.deleting(() => true, 0, 2),
    "power cut",
  );
  expect(ledger.compare(found({ 1: "x" }), "kill")).toHaveLength(1);
  // A power cut has lost both the sample and its deletion. The client then sends a sample with the same timestamp.
  ledger.settle(found({}), "power cut");
  committed(ledger, 1, "y");
  expect(ledger.compare(found({ 1: "y" }), "power cut")).toEqual([]);
});

test("after a fault of the disk, samples that were missing may be found again", () => {
  const ledger = new ReferenceModel();
  committed(ledger, 1, "x");
  ledger.allowLoss(() => true);
  expect(ledger.compare(found({}), "kill")).toEqual([]);
  ledger.settle(found({}), "power cut");
  ledger.settle(found({}), "power cut");
  expect(ledger.compare(found({ 1: "x" }), "kill")).toEqual([]);
  expect(ledger.compare(found({ 1: "y" }), "kill")).toHaveLength(1);
});

test("a refused deletion may take effect at the next power cut, but not if only the process ends", () => {
  const ledger = new ReferenceModel();
  committed(ledger, 1, "x");
  ledger.deleting(() => true, 0, 2);
  ledger.settle(found({ 1: "x" }), "kill");
  expect(ledger.compare(found({}), "kill")).toHaveLength(1);
  expect(ledger.compare(found({}), "power cut")).toEqual([]);
  ledger.settle(found({ 1: "x" }), "power cut");
  expect(ledger.compare(found({}), "power cut")).toHaveLength(1);
});
