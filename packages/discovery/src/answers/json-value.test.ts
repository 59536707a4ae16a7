import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { JsonValue } from "./json-value.ts";

test("the error for an answer that is not JSON does not repeat the answer, which can be a token", async () => {
  for (const text of ["canary-token", '{"a": 1, "b": canary, "c": "a longer text behind the problem"}', "{canary"]) {
    const parsed = JsonValue.parse(text, new ManualClock());
    await expect(parsed).rejects.toThrow("answer is not JSON: ");
    await expect(parsed).rejects.not.toThrow("anary");
  }
});

test("a list with more than a million items is refused", () => {
  const answer = JsonValue.of({ hosts: Array.from({ length: 1_000_001 }, () => 0) });
  expect(() => answer.list("hosts")).toThrow("the list hosts of the answer has more than 1000000 items");
});
