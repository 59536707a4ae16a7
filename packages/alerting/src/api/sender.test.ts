import type { Identity, Principal } from "@narthex/http";
import { Matcher } from "@narthex/model";
import { expect, test } from "vitest";
import { apiRig } from "../testing/api-rig.ts";

type Rig = Awaited<ReturnType<typeof apiRig>>;

function person(name: string, limit?: Identity["limit"]): Principal {
  const rights = { kind: "user", id: 1, role: "Editor", isServerAdmin: false, teams: new Set<number>() } as const;
  return { kind: "user", name, identity: { ...rights, ...(limit !== undefined && { limit }) } };
}

const NOBODY: Principal = { kind: "anonymous", name: "" };
const LIMITED = person("eve", { kind: "matchers", matchers: [new Matcher("=~", "team", "a|b")] });

const silence = (more: object = {}, team = "a"): object => ({
  matchers: [{ name: "team", value: team, isRegex: false }],
  startsAt: "2026-11-20T00:00:00Z",
  endsAt: "2026-11-20T02:00:00Z",
  createdBy: "somebody else",
  comment: "c",
  ...more,
});

const recurring = (team: string): object => ({
  matchers: [{ name: "team", value: team, isRegex: false, isEqual: true }],
  timeIntervals: [{ times: [{ start_time: "09:00", end_time: "17:00" }] }],
  createdBy: "somebody else",
  comment: "c",
});

async function madeAs(r: Rig, principal: Principal, path: string, body: object): Promise<readonly [number, unknown]> {
  r.sender.principal = principal;
  const answer = await r.call("POST", path, body);
  return [answer.status, answer.json];
}

test.each([
  ["a signed-in person", person("ann"), "ann"],
  ["a user of the web config file", { kind: "user", name: "ops" } as const, "somebody else"],
  ["nobody in particular", NOBODY, "somebody else"],
])("a silence of %s has the right author", async (_kind, principal, author) => {
  const r = await apiRig();
  const [, made] = await madeAs(r, principal, "/silences", silence());
  const { silenceID } = made as { silenceID: string };
  expect((await r.get(`/silence/${silenceID}`))[1]).toMatchObject({ createdBy: author });
  expect((await madeAs(r, principal, "/narthex/recurring-silences", recurring("a")))[1]).toMatchObject({
    createdBy: author,
  });
});

test("a limited person sees only the alerts with the labels of the limit", async () => {
  const r = await apiRig();
  const alerts = ["a", "c", ""].map((team) => ({ labels: { alertname: `of ${team}`, ...(team !== "" && { team }) } }));
  await madeAs(r, NOBODY, "/alerts", alerts);
  r.sender.principal = LIMITED;
  const names = ((await r.get("/alerts"))[1] as { labels: { alertname: string } }[]).map((one) => one.labels.alertname);
  expect(names).toEqual(["of a"]);
  expect((await r.get(`/alerts?filter=${encodeURIComponent('team="c"')}`))[1]).toEqual([]);
  expect(JSON.stringify((await r.get("/alerts/groups"))[1])).not.toContain("of c");
});

test("a limited person sees, makes and ends only silences of the own alerts", async () => {
  const r = await apiRig();
  const idOf = ([, body]: readonly [number, unknown]): string => (body as { silenceID: string }).silenceID;
  const own = idOf(await madeAs(r, NOBODY, "/silences", silence()));
  const other = idOf(await madeAs(r, NOBODY, "/silences", silence({}, "c")));
  const broad = idOf(
    await madeAs(r, NOBODY, "/silences", silence({ matchers: [{ name: "team", value: ".+", isRegex: true }] })),
  );
  r.sender.principal = LIMITED;
  expect(((await r.get("/silences"))[1] as { id: string }[]).map(({ id }) => id)).toEqual([own]);
  expect([(await r.get(`/silence/${own}`))[0], (await r.get(`/silence/${other}`))[0]]).toEqual([200, 404]);
  expect((await r.call("DELETE", `/silence/${other}`)).status).toBe(403);
  expect((await r.call("DELETE", `/silence/${broad}`)).status).toBe(403);
  const statusOf = async (body: object): Promise<number> => (await r.post("/silences", body))[0];
  expect(await statusOf(silence({}, "c"))).toBe(403);
  expect(await statusOf(silence({ matchers: [{ name: "job", value: "x", isRegex: false }] }))).toBe(403);
  expect(await statusOf(silence({ matchers: [{ name: "team", value: "a|c", isRegex: true }] }))).toBe(403);
  const negative = [{ name: "team", value: "a", isRegex: false, isEqual: false }];
  expect(await statusOf(silence({ matchers: negative }))).toBe(403);
  expect(await statusOf(silence({ id: other }))).toBe(403);
  expect(await statusOf(silence({ id: own }))).toBe(200);
  expect((await r.call("DELETE", `/silence/${own}`)).status).toBe(200);
});

test("a limited person sees, makes and withdraws only acknowledgements of the own alerts", async () => {
  const r = await apiRig();
  const alerts = ["a", "c"].map((team) => ({ labels: { alertname: `of ${team}`, team } }));
  await madeAs(r, NOBODY, "/alerts", alerts);
  const list = (await r.get("/alerts"))[1] as { fingerprint: string; labels: { team: string } }[];
  const pathOf = (wanted: string): string =>
    `/narthex/alerts/${list.find(({ labels }) => labels.team === wanted)!.fingerprint}/acknowledgement`;
  for (const team of ["a", "c"]) await madeAs(r, NOBODY, pathOf(team), { createdBy: "ops", comment: team });
  r.sender.principal = LIMITED;
  expect((await r.get("/narthex/acknowledgements"))[1]).toMatchObject([{ comment: "a" }]);
  expect((await r.call("DELETE", pathOf("c"))).status).toBe(404);
  expect((await r.call("POST", pathOf("c"), { comment: "mine", replace: true })).status).toBe(404);
  expect((await r.call("DELETE", pathOf("a"))).status).toBe(200);
  expect((await r.call("POST", pathOf("a"), { comment: "mine" })).json).toMatchObject({ createdBy: "eve" });
});

test("a limited person sees, makes and ends only recurring silences of the own alerts", async () => {
  const r = await apiRig();
  const path = "/narthex/recurring-silences";
  const [, made] = await madeAs(r, NOBODY, path, recurring("c"));
  const { id } = made as { id: string };
  expect((await madeAs(r, LIMITED, path, recurring("c")))[0]).toBe(403);
  expect((await madeAs(r, LIMITED, path, recurring("b")))[0]).toBe(200);
  expect((await r.get(path))[1]).toMatchObject([{ createdBy: "eve" }]);
  expect([(await r.get(`${path}/${id}`))[0], (await r.call("DELETE", `${path}/${id}`)).status]).toEqual([404, 403]);
});
