import { expect, test } from "vitest";
import { changedPreferences, NONE } from "./preference-record.ts";

test.each(["homeDashboardUID", "timezone", "weekStart", "language"])(
  "the preference %s has at most 500 characters",
  (name) => {
    expect(changedPreferences(NONE, { [name]: "x".repeat(500) })).toMatchObject({ [name]: "x".repeat(500) });
    expect(() => changedPreferences(NONE, { [name]: "x".repeat(501) })).toThrow("at most 500 characters");
  },
);

test("the tab of the query history has at most 500 characters", () => {
  const change = (homeTab: string) => changedPreferences(NONE, { queryHistory: { homeTab } });
  expect(change("starred").queryHistoryTab).toBe("starred");
  expect(() => change("x".repeat(501))).toThrow("at most 500 characters");
});
