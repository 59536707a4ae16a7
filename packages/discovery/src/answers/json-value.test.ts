import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { JsonValue } from "./json-value.ts";

test("the error for an answer that is not JSON does not repeat the answer, which can be a token", async () => {
  for (const text of ["canary-token", '{"a": 1, "b": canary, "c": "a longer text behind the problem"}', "{canary"]) {
    const error = await JsonValue.parse(text, new ManualClock()).catch((reason: unknown) => reason as Error);
    expect(String(error)).toContain("answer is not JSON: ");
    expect(String(error)).not.toContain("anary");
  }
});

test("a list with more than a million items is refused", () => {
  const answer = JsonValue.of({ hosts: Array.from({ length: 1_000_001 }, () => 0) });
  expect(() => answer.list("hosts")).toThrow("the list hosts of the answer has more than 1000000 items");
});
