import { expect, test } from "vitest";
import { memberItem, profileOf, tokenView, userItem } from "./profile-view.ts";
import type { Session } from "../sessions/sessions.ts";
import type { User } from "./users.ts";

const NOW = Date.UTC(2026, 10, 20);
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const USER: User = {
  id: 7,
  uid: "u",
  login: "ann",
  email: "a@x",
  name: "Ann",
  role: "Editor",
  isServerAdmin: true,
  isDisabled: false,
  createdAt: NOW - DAY,
  updatedAt: NOW,
};
const session = (id: number, rotatedAt: number): Session => ({
  id,
  userId: 7,
  token: "t",
  previousToken: "",
  createdAt: NOW - DAY,
  rotatedAt,
  address: "10.0.0.1",
  agent: "b",
});

test("a user is returned in Grafana's formats, without the password", () => {
  const shared = { uid: "u", name: "Ann", login: "ann", email: "a@x", avatarUrl: "", isDisabled: false };
  const seen = { lastSeenAt: "2026-11-19T23:58:00.000Z", lastSeenAtAge: "2m", isProvisioned: false, authLabels: [] };
  const sessions = [session(1, NOW - 2 * MINUTE), session(2, NOW - 3 * MINUTE)];
  expect(userItem(USER, { sessions, labels: [], now: NOW })).toEqual({ ...shared, ...seen, id: 7, isAdmin: true });
  expect(memberItem(USER, { sessions, labels: [], now: NOW })).toEqual({
    ...shared,
    ...seen,
    orgId: 1,
    userId: 7,
    role: "Editor",
    isExternallySynced: false,
  });
  expect(profileOf(USER)).toEqual({
    ...shared,
    id: 7,
    theme: "",
    orgId: 1,
    isGrafanaAdmin: true,
    isExternal: false,
    isExternallySynced: false,
    isGrafanaAdminExternallySynced: false,
    authLabels: [],
    updatedAt: "2026-11-20T00:00:00.000Z",
    createdAt: "2026-11-19T00:00:00.000Z",
  });
});

test("a session is returned with its address and browser, and as active if it belongs to the request", () => {
  const shown = {
    id: 1,
    clientIp: "10.0.0.1",
    browser: "b",
    browserVersion: "",
    os: "",
    osVersion: "",
    device: "Other",
    createdAt: "2026-11-19T00:00:00.000Z",
    seenAt: "2026-11-20T00:00:00.000Z",
  };
  expect(tokenView(session(1, NOW), session(1, NOW))).toEqual({ ...shown, isActive: true });
  expect(tokenView(session(1, NOW), session(2, NOW))).toEqual({ ...shown, isActive: false });
  expect(tokenView(session(1, NOW), undefined)).toEqual({ ...shown, isActive: false });
});

test.each([
  [MINUTE - 1, "< 1 minute"],
  [MINUTE, "1m"],
  [60 * MINUTE - 1, "59m"],
  [60 * MINUTE, "1h"],
  [DAY - 1, "23h"],
  [DAY, "1d"],
  [30 * DAY - 1, "29d"],
  [30 * DAY, "1M"],
  [365 * DAY - 1, "12M"],
  [2 * 365 * DAY, "2y"],
])("a user whose last activity was %d ms ago was seen %s ago", (ms, age) => {
  expect(userItem({ ...USER, createdAt: NOW - ms }, { sessions: [], labels: [], now: NOW })).toMatchObject({
    lastSeenAtAge: age,
  });
});
