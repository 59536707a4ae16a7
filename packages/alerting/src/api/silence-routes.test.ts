import { expect, test } from "vitest";
import { apiRig } from "../testing/api-rig.ts";

const HOUR = 3_600_000;
const UNKNOWN = "11111111-1111-4111-8111-111111111111";

const silence = (more: object = {}): object => ({
  matchers: [{ name: "a", value: "b", isRegex: false }],
  startsAt: "2026-11-20T00:00:00Z",
  endsAt: "2026-11-20T02:00:00Z",
  createdBy: "me",
  comment: "c",
  ...more,
});

const at = (hour: number): string => new Date(Date.UTC(2026, 10, 20, hour)).toISOString();

async function made(r: Awaited<ReturnType<typeof apiRig>>, more: object): Promise<string> {
  const [, answer] = await r.post("/silences", silence(more));
  return (answer as { silenceID: string }).silenceID;
}

test("a silence is shown with all its fields, alone and in the list, until it is ended", async () => {
  const r = await apiRig();
  const matchers = [
    { isEqual: false, isRegex: false, name: "x", value: "<y>" },
    { isEqual: true, isRegex: true, name: "a.b", value: "b|c" },
  ];
  const id = await made(r, { matchers, annotations: { t: "1" } });
  const shown = {
    id,
    status: { state: "active" },
    updatedAt: "2026-11-20T00:00:00.000Z",
    annotations: { t: "1" },
    comment: "c",
    createdBy: "me",
    endsAt: "2026-11-20T02:00:00.000Z",
    matchers,
    startsAt: "2026-11-20T00:00:00.000Z",
  };
  expect(await r.get(`/silence/${id}`)).toEqual([200, shown]);
  expect(await r.get("/silences")).toEqual([200, [shown]]);
  await r.clock.advance(1000);
  expect(await r.call("DELETE", `/silence/${id}`)).toMatchObject({ status: 200, text: "" });
  await r.clock.advance(1);
  expect(await r.get(`/silence/${id}`)).toMatchObject([
    200,
    { status: { state: "expired" }, endsAt: "2026-11-20T00:00:01.000Z" },
  ]);
});

test("silences are listed by state: those that end first, that begin first, and that ended last", async () => {
  const r = await apiRig();
  const spans = [
    [0, 9],
    [0, 5],
    [7, 9],
    [6, 10],
    [0, 1],
    [0, 2],
  ] as const;
  for (const [from, to] of spans)
    await made(r, {
      startsAt: at(from),
      endsAt: at(to),
      matchers: [{ name: "a", value: `${from}-${to}`, isRegex: false }],
    });
  await r.clock.advance(3 * HOUR);
  const listed = async (query: string): Promise<readonly string[]> =>
    ((await r.get(`/silences${query}`))[1] as { matchers: { value: string }[] }[]).map(
      ({ matchers }) => matchers[0]!.value,
    );
  expect(await listed("")).toEqual(["0-5", "0-9", "6-10", "7-9", "0-2", "0-1"]);
  expect(await listed("?active=false")).toEqual(["6-10", "7-9", "0-2", "0-1"]);
  expect(await listed("?pending=false&expired=false")).toEqual(["0-5", "0-9"]);
  expect(await listed("?filter=a=0-5")).toEqual(["0-5"]);
  expect(await listed("?filter=a=~0-5")).toEqual([]);
  expect(await listed("?filter=a=0-5&filter=a=0-9")).toEqual([]);
});

test.each([
  [{ endsAt: at(0) }, 400, "Failed to create silence: start time must be before end time"],
  [{ startsAt: "0001-01-01T00:00:00.000Z", endsAt: at(1) }, 200, undefined],
  [{ startsAt: at(-2), endsAt: at(-1) }, 400, "Failed to create silence: end time can't be in the past"],
  [{ startsAt: at(-2), endsAt: at(0) }, 200, undefined],
  [
    { matchers: [{ name: "a", value: "", isRegex: false }] },
    400,
    "invalid silence: matcher set 0: at least one matcher must not match the empty string",
  ],
  [
    { matchers: [{ name: "a", value: "(", isRegex: true }] },
    400,
    /^invalid silence: invalid label matcher 0 in set 0: invalid regular expression "\("/,
  ],
  [
    {
      matchers: [
        { name: "a", value: "b", isRegex: false },
        { name: "", value: "b", isRegex: false },
      ],
    },
    400,
    'invalid silence: invalid label matcher 1 in set 0: invalid label name ""',
  ],
  [{ id: UNKNOWN }, 404, "silence not found"],
])("POST /silences of %j answers %d", async (more, status, message) => {
  const r = await apiRig();
  const [found, answer] = await r.post("/silences", silence(more));
  if (message === undefined)
    expect([found, typeof (answer as { silenceID: string }).silenceID]).toEqual([status, "string"]);
  else
    expect([found, answer]).toEqual([status, typeof message === "string" ? message : expect.stringMatching(message)]);
});

test("names outside the classic alphabet are allowed in silences in the newer modes only", async () => {
  const matchers = [{ name: "a.b", value: "c", isRegex: false }];
  const classic = await apiRig({ context: { mode: "classic" } });
  expect(await classic.post("/silences", silence({ matchers }))).toEqual([
    400,
    'invalid silence: invalid label matcher 0 in set 0: invalid label name "a.b"',
  ]);
});

test.each([
  ["GET", UNKNOWN, 404, undefined],
  ["DELETE", UNKNOWN, 404, undefined],
  ["GET", UNKNOWN.replaceAll("-", ""), 404, undefined],
  ["GET", `urn:uuid:${UNKNOWN}`, 404, undefined],
  ["GET", `{${UNKNOWN}}`, 404, undefined],
  ["GET", "x", 422, { code: 601, message: 'silenceID in path must be of type uuid: "x"' }],
  ["DELETE", "x", 422, { code: 601, message: 'silenceID in path must be of type uuid: "x"' }],
  ["GET", "?a", 404, { code: 404, message: "path /api/v2/silence/ was not found" }],
] as const)("%s /silence/%s answers %d", async (method, id, status, json) => {
  const r = await apiRig();
  expect(await r.call(method, `/silence/${id}`)).toMatchObject({ status, json });
});

test("the response for a silence that the store refuses contains the reason", async () => {
  const r = await apiRig();
  const id = await made(r, {});
  await r.store.close();
  expect(await r.post("/silences", silence())).toEqual([500, expect.stringMatching(/^the silence was not stored: /)]);
  expect(await r.call("DELETE", `/silence/${id}`)).toMatchObject({ status: 500 });
});
