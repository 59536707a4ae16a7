import { expect, test } from "vitest";
import { apiRig } from "../testing/api-rig.ts";

const PATH = "/narthex/recurring-silences";
const MATCHER = { name: "a", value: "b", isRegex: false, isEqual: true };

const rule = (more: object = {}): object => ({
  matchers: [{ name: "a", value: "b" }],
  timeIntervals: [{ weekdays: ["sunday"] }],
  createdBy: "me",
  comment: "c",
  ...more,
});

const next = (count: number, more: object = {}): readonly object[] =>
  Array.from({ length: count }, (_, i) => ({
    startsAt: new Date(Date.UTC(2026, 10, 22 + 7 * i)).toISOString(),
    endsAt: new Date(Date.UTC(2026, 10, 23 + 7 * i)).toISOString(),
    ...more,
  }));

test("a rule is shown with its next occurrences until it is deleted", async () => {
  const r = await apiRig();
  const [status, made] = (await r.post(PATH, rule())) as [number, { id: string; next: { silenceID: string }[] }];
  const { id } = made;
  const shown = (count: number): object => ({
    id,
    matchers: [MATCHER],
    timeIntervals: [{ weekdays: ["sunday"] }],
    createdBy: "me",
    comment: "c",
    createdAt: "2026-11-20T00:00:00.000Z",
    next: next(count, { silenceID: expect.any(String) }),
  });
  expect([status, made]).toEqual([200, shown(3)]);
  expect(r.silences.all().map((each) => each.id)).toEqual([made.next[0]!.silenceID]);
  expect(await r.get(PATH)).toEqual([200, [shown(3)]]);
  expect(await r.get(`${PATH}?occurrences=1`)).toEqual([200, [shown(1)]]);
  expect(await r.get(`${PATH}/${id}?occurrences=`)).toEqual([200, shown(3)]);
  expect(await r.get(`${PATH}/${id}?occurrences=5`)).toEqual([200, shown(5)]);
  expect(await r.get(`${PATH}/${id}?occurrences=100`)).toEqual([
    422,
    { code: 601, message: 'occurrences in query must be of type int64: "100"' },
  ]);
  expect(await r.call("DELETE", `${PATH}/${id}`)).toMatchObject({ status: 200, text: "" });
  expect(await r.call("DELETE", `${PATH}/${id}`)).toMatchObject({ status: 404, text: "" });
  expect(await r.call("GET", `${PATH}/${id}`)).toMatchObject({ status: 404, text: "" });
});

test("matchers of a rule may be negative or patterns, and annotations are shown", async () => {
  const r = await apiRig();
  const matchers = [{ name: "a", value: "b|c", isRegex: true, isEqual: false }];
  expect(await r.post(PATH, rule({ matchers, annotations: { t: "1" } }))).toMatchObject([
    200,
    { matchers, annotations: { t: "1" } },
  ]);
});

test("occurrences of time intervals are shown before there is a rule", async () => {
  const r = await apiRig();
  const timeIntervals = ["weekdays: [sunday]"];
  expect(await r.post(`${PATH}/preview?occurrences=2`, { timeIntervals })).toEqual([200, next(2)]);
  expect(await r.post(`${PATH}/preview`, { timeIntervals: [{ years: ["2020"] }] })).toEqual([
    400,
    "invalid recurring silence: the time intervals do not occur within the next four years",
  ]);
  expect(await r.get(PATH)).toEqual([200, []]);
});

test.each([
  [rule({ comment: undefined }), 422, "comment in body is required"],
  [rule({ createdBy: null }), 422, "createdBy in body is required"],
  [rule({ matchers: undefined }), 422, "matchers in body is required"],
  [rule({ timeIntervals: undefined }), 422, "timeIntervals in body is required"],
  [rule({ comment: 5 }), 422, "comment in body must be of type string: 5"],
  [rule({ createdBy: [] }), 422, "createdBy in body must be of type string: []"],
  [rule({ matchers: [] }), 422, "matchers in body should have at least 1 items"],
  [rule({ matchers: "a=b" }), 422, "matchers in body should have at least 1 items"],
  [rule({ matchers: [MATCHER, null] }), 422, "matchers.1.name in body must be of type string: undefined"],
  [rule({ matchers: [{ name: "a" }] }), 422, "matchers.0.value in body must be of type string: undefined"],
  [rule({ timeIntervals: [] }), 422, "timeIntervals in body should have at least 1 items"],
  [rule({ timeIntervals: {} }), 422, "timeIntervals in body should have at least 1 items"],
  [rule({ annotations: [] }), 422, "annotations in body must be an object of strings"],
  [rule({ annotations: { a: 1 } }), 422, "annotations in body must be an object of strings"],
  [[], 422, "recurringSilence in body is required"],
  ["null", 422, "recurringSilence in body is required"],
  ["1", 422, "recurringSilence in body is required"],
  ["", 422, "recurringSilence in body is required"],
  ["{", 400, "parsing recurringSilence body failed: "],
])("the rule %j is refused with %d", async (body, status, message) => {
  const r = await apiRig();
  const [found, answer] = await r.post(PATH, body);
  expect([found, (answer as { message: string }).message]).toEqual([status, expect.stringContaining(message)]);
});

test("a rule is refused if it silences all alerts, or if the mode does not allow one of its names", async () => {
  const r = await apiRig({ context: { mode: "classic" } });
  const matchers = [{ name: "a", value: "" }];
  expect((await r.post(PATH, rule({ matchers })))[0]).toBe(400);
  expect(await r.post(PATH, rule({ matchers: [{ name: "a.b", value: "c" }] }))).toEqual([
    400,
    'invalid silence: invalid label matcher 0 in set 0: invalid label name "a.b"',
  ]);
});
