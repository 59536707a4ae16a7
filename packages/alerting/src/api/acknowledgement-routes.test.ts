import { Matcher } from "@narthex/model";
import { expect, test } from "vitest";
import { apiRig, type ApiRigOptions } from "../testing/api-rig.ts";
import { alertOf } from "../testing/rig.ts";

const LIST = "/narthex/acknowledgements";
const SHOWN = { createdBy: "ann", comment: "on it", createdAt: "2026-11-20T00:00:00.000Z" };

/** Returns the API with two firing alerts, and the path of the first alert's acknowledgement. */
async function firing(options: ApiRigOptions = {}) {
  const r = await apiRig(options);
  const alerts = ["DiskFull", "Other"].map((alertname) => alertOf(r, { alertname, i: "1" }));
  for (const alert of alerts) r.alerts.put(alert);
  const { fingerprint } = alerts[0]!;
  return { ...r, alert: alerts[0]!, fingerprint, path: `/narthex/alerts/${fingerprint}/acknowledgement` };
}

test("an acknowledgement is listed until it is withdrawn", async () => {
  const r = await firing();
  expect(await r.get(LIST)).toEqual([200, []]);
  expect(await r.post(r.path, { createdBy: "ann", comment: "on it" })).toEqual([
    200,
    { fingerprint: r.fingerprint, ...SHOWN },
  ]);
  const listed = { fingerprint: r.fingerprint, labels: { alertname: "DiskFull", i: "1" }, ...SHOWN };
  expect(await r.get(LIST)).toEqual([200, [listed]]);
  expect(await r.get(`${LIST}?filter=alertname=DiskFull`)).toEqual([200, [listed]]);
  expect(await r.get(`${LIST}?filter=alertname=Other`)).toEqual([200, []]);
  expect((await r.get(`${LIST}?filter=%7B`))[0]).toBe(400);
  expect(await r.call("DELETE", r.path)).toMatchObject({ status: 200, text: "" });
  expect(await r.call("DELETE", r.path)).toMatchObject({ status: 404, text: "" });
  expect(await r.get(LIST)).toEqual([200, []]);
});

test("the lists of alerts contain acknowledgements only on request, and are otherwise equal", async () => {
  const r = await firing();
  await r.clock.advance(10_000);
  const texts = async (query: string): Promise<string[]> => {
    const answers = ["/alerts", "/alerts/groups"].map((path) => r.call("GET", `${path}${query}`));
    return (await Promise.all(answers)).map(({ text }) => text);
  };
  const before = await texts("");
  await r.post(r.path, { createdBy: "ann", comment: "<b>" });
  expect(await texts("")).toEqual(before);
  expect(await texts("?narthex_acknowledgements=false")).toEqual(before);
  const member =
    ',"acknowledgement":{"createdBy":"ann","comment":"\\u003cb\\u003e","createdAt":"2026-11-20T00:00:10.000Z"}';
  const after = await texts("?narthex_acknowledgements=true");
  expect(after.map((text) => text.split(member).length)).toEqual([2, 2]);
  expect(after.map((text) => text.replace(member, ""))).toEqual(before);
});

test("a signed-in person acknowledges under their own name", async () => {
  const r = await firing({ principal: { kind: "user", name: "bob" } });
  expect(await r.post(r.path, { createdBy: "ann" })).toMatchObject([200, { createdBy: "bob", comment: "" }]);
  const other = await firing({ principal: { kind: "user", name: "bob" } });
  expect(await other.post(other.path, {})).toMatchObject([200, { createdBy: "bob" }]);
});

test("a limited person sees and changes only acknowledgements of alerts with the labels of the limit", async () => {
  const r = await firing();
  const other = r.path.replace(
    r.fingerprint,
    r.alerts.all().find(({ fingerprint }) => fingerprint !== r.fingerprint)!.fingerprint,
  );
  await r.post(other, { createdBy: "ann" });
  const rights = { kind: "user", id: 1, role: "Editor", isServerAdmin: false, teams: new Set<number>() } as const;
  const limit = { kind: "matchers", matchers: [new Matcher("=", "alertname", "DiskFull")] } as const;
  r.sender.principal = { kind: "user", name: "eve", identity: { ...rights, limit } };
  expect(await r.get(LIST)).toEqual([200, []]);
  expect((await r.post(r.path, {}))[0]).toBe(200);
  expect(await r.get(LIST)).toMatchObject([200, [{ fingerprint: r.fingerprint, createdBy: "eve" }]]);
  expect(await r.post(other, { replace: true })).toEqual([404, "the alert does not fire"]);
  expect((await r.call("DELETE", other)).status).toBe(404);
  expect((await r.call("DELETE", r.path)).status).toBe(200);
  r.sender.principal = { kind: "anonymous", name: "" };
  expect(await r.get(LIST)).toMatchObject([200, [{ createdBy: "ann" }]]);
});

test("an acknowledged alert can be taken over on request", async () => {
  const r = await firing();
  await r.post(r.path, { createdBy: "ann" });
  expect(await r.post(r.path, { createdBy: "bob" })).toEqual([
    409,
    '"ann" has already acknowledged the alert: set replace to take it over',
  ]);
  expect(await r.post(r.path, { createdBy: "bob", replace: true })).toMatchObject([200, { createdBy: "bob" }]);
});

test.each([
  [{}, 422, "createdBy in body is required"],
  [{ createdBy: 1 }, 422, "createdBy in body must be of type string: 1"],
  [{ createdBy: "a", comment: [] }, 422, "comment in body must be of type string: []"],
  [{ createdBy: "a", replace: "yes" }, 422, 'replace in body must be of type boolean: "yes"'],
  [[], 422, "acknowledgement in body is required"],
  ["{", 400, "parsing acknowledgement body failed: "],
])("the body %j is refused with %d", async (body, status, message) => {
  const r = await firing();
  const [found, answer] = await r.post(r.path, body);
  expect([found, (answer as { message: string }).message]).toEqual([status, expect.stringContaining(message)]);
});

test("an alert that does not fire cannot be acknowledged", async () => {
  const r = await firing();
  const path = "/narthex/alerts/0000000000000000/acknowledgement";
  expect(await r.post(path, { createdBy: "ann" })).toEqual([404, "the alert does not fire"]);
});

test("the explanation of an alert names the person who acknowledged it", async () => {
  const r = await firing();
  await r.post(r.path, { createdBy: "ann", comment: "on it" });
  const sentence = '"ann" acknowledged it at 2026-11-20T00:00:00.000Z ("on it"). Notifications are still sent.';
  expect(await r.get(`/narthex/alerts/${r.fingerprint}/why`)).toMatchObject([
    200,
    { state: "active", acknowledgement: SHOWN, sentences: expect.arrayContaining([sentence]) as unknown },
  ]);
  await r.clock.advance(1000);
  r.alerts.put({ ...r.alert, endsAt: r.clock.now(), updatedAt: r.clock.now() });
  const [, explained] = await r.get(`/narthex/alerts/${r.fingerprint}/why`);
  expect(explained).not.toHaveProperty("acknowledgement");
});

test("notifications contain the acknowledgement of a firing alert, are still repeated, and end without it", async () => {
  const r = await firing();
  await r.post(r.path, { createdBy: "ann", comment: "on it" });
  await r.clock.advance(10_000);
  const last = () => r.notified.filter(({ notification }) => notification.groupKey.includes("DiskFull")).at(-1)!;
  expect(last().notification.alerts).toMatchObject([{ acknowledgement: { createdBy: "ann", comment: "on it" } }]);
  await r.clock.advance(660_000);
  expect(last().at).toBe(670);
  r.alerts.put({ ...r.alert, endsAt: r.clock.now(), updatedAt: r.clock.now() });
  await r.clock.advance(60_000);
  expect(last().notification.alerts).toMatchObject([{ resolved: true }]);
  expect(last().notification.alerts[0]).not.toHaveProperty("acknowledgement");
});
