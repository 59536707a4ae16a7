import { expect, test } from "vitest";
import { alertMatcher } from "../matchers/matcher-text.ts";
import { silenceSize } from "./silence-size.ts";

test("silenceSize() returns the size that Alertmanager computes for the same silence", () => {
  const silence = {
    id: "e5c41f2d-b972-4b78-8100-d589a156ec6f",
    matchers: [alertMatcher("=", "a", "b")],
    startsAt: Date.parse("2030-01-01T00:00:00Z"),
    endsAt: Date.parse("2031-01-01T00:00:00Z"),
    updatedAt: Date.parse("2026-11-20T22:20:00.900Z"),
    createdBy: "me",
    comment: "x".repeat(60),
    annotations: {},
  };
  expect(silenceSize(silence, silence.endsAt + 432_000_000)).toBe(155);
});

test("silenceSize() counts types of matchers, annotations, times before 1970 and long texts", () => {
  const sizeOf = (more: object, expiresAt = 0): number =>
    silenceSize(
      {
        id: "",
        matchers: [],
        startsAt: 0,
        endsAt: 0,
        updatedAt: 0,
        createdBy: "",
        comment: "",
        annotations: {},
        ...more,
      },
      expiresAt,
    );
  // Size of an empty silence in bytes: three empty times, the empty set of matchers, and the enclosing message.
  const empty = sizeOf({});
  expect(empty).toBe(12);
  const matcher = (type: "=" | "=~" | "!=" | "!~") => ({ matchers: [alertMatcher(type, "a", "b")] });
  expect(["=", "=~", "!=", "!~"].map((type) => sizeOf(matcher(type as "=")) - empty)).toEqual([8, 10, 10, 10]);
  expect(sizeOf({ annotations: { a: "b", c: "" } }) - empty).toBe(8 + 5);
  expect([
    sizeOf({ comment: "é" }),
    sizeOf({ comment: "x".repeat(127) }),
    sizeOf({ comment: "x".repeat(128) }),
  ]).toEqual([empty + 4, empty + 130, empty + 132]);
  expect([1000, 127_000, 128_000, -1000, 1].map((startsAt) => sizeOf({ startsAt }) - empty)).toEqual([2, 2, 3, 11, 4]);
  expect(sizeOf({}, 1000) - empty).toBe(2);
});
