import { expect, test } from "vitest";
import { alertMatcher } from "../matchers/matcher-text.ts";
import { silenceSize } from "./silence-size.ts";

test("silenceSize() counts what Alertmanager counts for the same silence", () => {
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
