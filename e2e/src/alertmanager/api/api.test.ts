import { testSeed } from "@narthex/runtime/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BODIES } from "./bodies.ts";
import { filters, randomState } from "./filters.ts";
import { isKnownDifference } from "./known-differences.ts";
import { HTTP_REQUESTS } from "./http-requests.ts";
import { Pair } from "./pair.ts";
import type { Request } from "./request.ts";
import { Random } from "../../support/random.ts";
import { eventually } from "../../support/eventually.ts";
import { lacks } from "../../support/requirements.ts";

const absent = lacks("peers");
let pair: Pair;

beforeAll(async () => {
  if (!absent) pair = await Pair.start();
});

afterAll(async () => {
  if (!absent) await pair[Symbol.asyncDispose]();
});

const compared = (requests: readonly Request[]): Request[] => requests.filter((one) => !isKnownDifference(one));

test.skipIf(absent)("paths, methods and headers are answered as Alertmanager answers them", async () => {
  expect(await pair.unlike(compared(HTTP_REQUESTS))).toEqual([]);
});

test.skipIf(absent)("valid and invalid bodies of every kind get the same answers as from Alertmanager", async () => {
  expect(await pair.unlike(compared(BODIES))).toEqual([]);
  expect(await pair.unlike(["alerts", "alerts/groups"].map((path) => ({ path: `/api/v2/${path}` })))).toEqual([]);
});

const seed = testSeed();

test.skipIf(absent).each([
  ["fallback", ""],
  ["classic", "classic-mode"],
  ["UTF-8", "utf8-strict-mode"],
])(
  `listings of random alerts and silences under every filter agree, matchers read in %s mode (seed ${seed})`,
  async (_, feature) => {
    await using own = await Pair.start([`--enable-feature=${feature}`]);
    const random = new Random(seed);
    expect(await own.unlike(compared([...randomState(random), ...filters(random)]))).toEqual([]);
  },
);

test.skipIf(absent)("limits of silences count what Alertmanager counts", async () => {
  await using own = await Pair.start(["--silences.max-silences=2", "--silences.max-silence-size-bytes=120"]);
  const silence = {
    matchers: [{ name: "a", value: "b", isRegex: false }],
    startsAt: "2030-01-01T00:00:00Z",
    endsAt: "2031-01-01T00:00:00Z",
    createdBy: "me",
  };
  const requests = [10, 60, 0, 1].map((length) => ({
    path: "/api/v2/silences",
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...silence, comment: "x".repeat(length) }),
  }));
  expect(await own.unlike(requests)).toEqual([]);
});

const MUTED = `route:
  receiver: default
  group_by: [alertname]
  group_wait: 0s
  group_interval: 1s
  routes:
    - {receiver: hook, matchers: [kind=mute], mute_time_intervals: [always, never, week]}
    - {receiver: hook, matchers: [kind=active], active_time_intervals: [never]}
    - {receiver: hook, matchers: [kind=both], active_time_intervals: [always], mute_time_intervals: [never]}
receivers: [{name: default}, {name: hook}]
time_intervals:
  - {name: always, time_intervals: [{}]}
  - {name: week, time_intervals: [{weekdays: ['sunday:saturday']}]}
  - {name: never, time_intervals: [{years: ['1999']}]}
`;

test.skipIf(absent)("groups that a time interval mutes are listed and left out as in Alertmanager", async () => {
  await using own = await Pair.start([], MUTED);
  const body = JSON.stringify(
    ["mute", "active", "both", "none"].map((kind) => ({
      labels: { alertname: kind, kind },
      startsAt: "2026-01-01T00:00:00Z",
      endsAt: "2031-01-01T00:00:00Z",
    })),
  );
  const posting = { path: "/api/v2/alerts", method: "POST", headers: { "content-type": "application/json" }, body };
  for (const side of [own.ours, own.theirs]) {
    await side.send(posting);
    await eventually("both groups are flushed", async () => {
      expect((await side.send({ path: "/api/v2/alerts/groups" })).body.match(/"mutedBy":\["/g)).toHaveLength(2);
    });
  }
  const queries = ["", "?muted=false", "?active=false", "?active=false&muted=false", "?muted=true&active=true"];
  const paths = queries.flatMap((query) => [`/api/v2/alerts${query}`, `/api/v2/alerts/groups${query}`]);
  expect(await own.unlike(paths.map((path) => ({ path })))).toEqual([]);
});
