import fc from "fast-check";
import { expect, test } from "vitest";
import { formatDuration } from "../format/duration.ts";
import type { Silence } from "../api/alertmanager.ts";
import {
  draftOf,
  draftProblems,
  inZone,
  newDraft,
  readAnnotations,
  requestOf,
  withDuration,
  withEnd,
  withStart,
} from "./silence-draft.ts";

const nowMs = Date.UTC(2026, 10, 20, 6, 41, 19, 951);
const defaults = { nowMs, zone: "UTC", creator: "ann" };
const draft = newDraft("?filter=%7Balertname%3D%22A%22%7D&comment=deploy", defaults);

test("the form takes the filter and comment of a link, and lasts two hours from now", () => {
  expect(draft).toEqual({
    id: null,
    zone: "UTC",
    matchers: [{ name: "alertname", operator: "=", value: "A" }],
    start: "2026-11-20 06:41:19",
    duration: "2h",
    end: "2026-11-20 08:41:19",
    creator: "ann",
    comment: "deploy",
    annotations: "",
  });
  expect(draftProblems(draft)).toEqual({});
});

test("a change of start, duration or end updates the other two fields", () => {
  expect(withDuration(draft, "1d").end).toBe("2026-11-21 06:41:19");
  expect(withDuration(draft, "1x")).toMatchObject({ duration: "1x", end: draft.end });
  expect(withEnd(draft, "2026-11-20 07:11:19").duration).toBe("30m");
  expect(withEnd(draft, "2026-11-19 07:11:19").duration).toBe("2h");
  expect(withStart(draft, "2026-11-20 10:00:00")).toMatchObject({ duration: "2h", end: "2026-11-20 12:00:00" });
});

test("the duration is computed from start and end, for any start and any duration", () => {
  const seconds = fc.integer({ min: 0, max: 4_000_000_000 });
  fc.assert(
    fc.property(seconds, fc.integer({ min: 1, max: 100_000_000 }), (start, length) => {
      const from = newDraft("", { ...defaults, nowMs: start * 1000 });
      const set = withDuration(from, formatDuration(length * 1000));
      expect(withEnd({ ...set, duration: "" }, set.end).duration).toBe(formatDuration(length * 1000));
    }),
  );
});

test("each missing or invalid field has its own error message", () => {
  const wrong = {
    ...draft,
    matchers: [],
    start: "soon",
    end: "",
    duration: "",
    creator: " ",
    comment: "",
    annotations: "x",
  };
  expect(Object.keys(draftProblems(wrong)).sort()).toEqual(
    ["annotations", "comment", "creator", "duration", "end", "matchers", "start"].sort(),
  );
  expect(draftProblems({ ...draft, end: "2026-11-20 06:41:18" }).end).toBe("The end is before the start");
  const absent = [{ name: "a", operator: "!=" as const, value: "b" }];
  expect(draftProblems({ ...draft, matchers: absent }).matchers).toMatch(/must require a value/);
});

test("annotations are lines of name=text, and each name occurs once", () => {
  expect(readAnnotations("a=1\n\n b = x=y ")).toEqual({ a: "1", b: "x=y" });
  for (const text of ["a", "=1", "a=1\na=2"]) expect(readAnnotations(text)).toBeNull();
});

test("a silence that is loaded into the form and sent is unchanged", () => {
  const silence: Silence = {
    id: "5f0c1b1e-58bb-4b2d-9c1f-0c4b8f3f6f5d",
    status: { state: "active" },
    matchers: [
      { name: "a", value: "b", isRegex: false, isEqual: true },
      { name: "c", value: "d.*", isRegex: true, isEqual: false },
    ],
    startsAt: "2026-11-20T06:00:00.000Z",
    endsAt: "2026-11-22T06:30:00.000Z",
    updatedAt: "2026-11-20T06:00:00.000Z",
    createdBy: "ann",
    comment: "why",
    annotations: { ticket: "T-1" },
  };
  const { id, matchers, startsAt, endsAt, createdBy, comment, annotations } = silence;
  const expected = { id, matchers, startsAt, endsAt, createdBy, comment, annotations };
  for (const zone of ["Asia/Tokyo", "UTC"]) expect(requestOf(draftOf(silence, zone))).toEqual(expected);
});

test("a change of the time zone keeps the times of a draft and any invalid text", () => {
  const tokyo = inZone(draft, "Asia/Tokyo");
  expect(tokyo.start).not.toBe(draft.start);
  expect(requestOf(tokyo)).toEqual(requestOf(draft));
  expect(inZone(tokyo, "UTC")).toEqual(draft);
  expect(inZone({ ...draft, end: "soon" }, "Asia/Tokyo").end).toBe("soon");
});
