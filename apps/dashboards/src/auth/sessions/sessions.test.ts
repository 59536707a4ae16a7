import { ManualClock } from "@narthex/runtime/testing";
import { SharedMemory } from "@narthex/store/testing";
import { expect, test } from "vitest";
import { loadSettings } from "../../settings/load-settings.ts";
import { Sessions } from "./sessions.ts";

const MINUTE = 60_000;
const { values: settings } = loadSettings({ env: {}, overrides: [], ini: undefined, readFile: () => "" });

test("after any instance has received the new token, the previous token is valid for half a minute more, whichever instance issued the new one", async () => {
  const [database, clock] = [new SharedMemory(), new ManualClock()];
  const [here, there] = await Promise.all([1, 2].map(() => Sessions.open(database.open(), clock, settings)));
  const { newToken: first } = await here!.begin(1, "", "");
  expect(await there!.find(first)).toBeDefined();
  await clock.advance(11 * MINUTE);
  const { newToken: second } = (await here!.find(first))!;
  // A delayed request with the first token is accepted by the other instance, which does not know the new token yet.
  expect(await there!.find(first)).toBeDefined();
  expect(await there!.find(second!)).toBeDefined();
  await clock.advance(30_000);
  expect(await there!.find(first)).toBeDefined();
  await clock.advance(1);
  expect(await there!.find(first)).toBeUndefined();
  // The first token is invalid even on the instance that has not received the new token.
  expect(await here!.find(first)).toBeUndefined();
});

test("the previous token stays valid until a request contains the new one", async () => {
  const clock = new ManualClock();
  const sessions = await Sessions.open(new SharedMemory().open(), clock, settings);
  const { newToken: first } = await sessions.begin(1, "", "");
  await clock.advance(11 * MINUTE);
  expect((await sessions.find(first))!.newToken).toBeDefined();
  await clock.advance(60 * MINUTE);
  expect(await sessions.find(first)).toBeDefined();
});

test("expired sessions are removed from the store at the next login, and a user has at most 100", async () => {
  const [database, clock] = [new SharedMemory(), new ManualClock()];
  const sessions = await Sessions.open(database.open(), clock, settings);
  const ids = async (): Promise<readonly string[]> =>
    (await database.open().collection("sessions").entries())
      .map(({ key }) => key)
      .filter((key) => !key.startsWith("#"));
  await sessions.begin(1, "", "");
  await sessions.begin(2, "", "");
  await clock.advance(8 * 24 * 60 * MINUTE);
  await sessions.begin(1, "", "");
  expect([sessions.size, await ids()]).toEqual([1, ["3"]]);
  const { newToken } = await sessions.begin(2, "", "");
  for (let i = 0; i < 100; i++) {
    await clock.advance(1);
    await sessions.begin(1, "", "");
  }
  expect(sessions.ofUser(1)).toHaveLength(100);
  expect(sessions.ofUser(1).some(({ id }) => id === 3)).toBe(false);
  expect(await sessions.find(newToken)).toBeDefined();
  expect((await ids()).length).toBe(101);
});

test("sessions do not end when the clock is set back and later corrected", async () => {
  const [now, clock] = [1000 * 24 * 60 * MINUTE, new ManualClock(1000 * 24 * 60 * MINUTE)];
  const sessions = await Sessions.open(new SharedMemory().open(), clock, settings);
  const { newToken: before } = await sessions.begin(1, "", "");
  for (const wall of [now - 24 * 60 * MINUTE, now + MINUTE]) {
    clock.setWall(wall);
    const { newToken: meanwhile } = await sessions.begin(2, "", "");
    expect([await sessions.find(before), await sessions.find(meanwhile)]).not.toContain(undefined);
    expect(sessions.size).toBe(wall < now ? 2 : 3);
  }
});

test("a session survives restarts after its token was replaced and received, but ends with its lifetime", async () => {
  const [database, clock] = [new SharedMemory(), new ManualClock()];
  const restarted = () => Sessions.open(database.open(), clock, settings);
  const { newToken: first } = await (await restarted()).begin(1, "", "");
  await clock.advance(11 * MINUTE);
  const found = await (await restarted()).find(first);
  const second = found!.newToken!;
  for (let i = 0; i < 2; i++) expect((await (await restarted()).find(second))?.session.userId).toBe(1);
  await clock.advance(31 * 24 * 60 * MINUTE);
  expect((await restarted()).size).toBe(0);
});

test("a session is stored with its browser and network, and with digests of its tokens", async () => {
  const [database, clock] = [new SharedMemory(), new ManualClock(1000)];
  const sessions = await Sessions.open(database.open(), clock, settings);
  const { session, newToken } = await sessions.begin(7, "10.0.0.1", "x".repeat(300));
  const times = { createdAt: 1000, rotatedAt: 1000, seenAt: 1000 };
  const token = expect.stringMatching(/^[0-9a-f]{64}$/);
  expect(session).toEqual({
    id: 1,
    userId: 7,
    token,
    previousToken: "",
    ...times,
    address: "10.0.0.1",
    agent: "x".repeat(256),
  });
  expect(newToken).toMatch(/^[0-9a-f]{32}$/);
  expect(await sessions.find("")).toBeUndefined();
  expect([sessions.lifetimeMs, sessions.rotationDue(session)]).toEqual([30 * 24 * 60 * MINUTE, 1000 + 10 * MINUTE]);
});

test.each([
  ["idle", 7 * 24 * 60 * MINUTE, 1],
  ["lifetime", 6 * 24 * 60 * MINUTE, 5],
])("a session past its %s is ended by the next request", async (_, stepMs, steps) => {
  const [database, clock] = [new SharedMemory(), new ManualClock()];
  const sessions = await Sessions.open(database.open(), clock, settings);
  let { newToken: token } = (await sessions.begin(1, "", "")) as { newToken?: string };
  for (let i = 0; i < steps; i++) {
    await clock.advance(stepMs);
    const found = await sessions.find(token!);
    expect(found?.session.userId).toBe(1);
    token = found!.newToken!;
  }
  await clock.advance(steps === 1 ? 7 * 24 * 60 * MINUTE + 1 : 1);
  expect([await sessions.find(token!), sessions.size]).toEqual([undefined, 0]);
  expect((await database.open().collection("sessions").entries()).filter(({ key }) => !key.startsWith("#"))).toEqual(
    [],
  );
});

test("a token is replaced once when a new one is due, and a session that has ended gets no new token", async () => {
  const clock = new ManualClock();
  const sessions = await Sessions.open(new SharedMemory().open(), clock, settings);
  const { newToken: first, session } = await sessions.begin(1, "", "");
  await clock.advance(10 * MINUTE - 1);
  expect(Object.keys((await sessions.find(first))!)).toEqual(["session"]);
  await clock.advance(1);
  const second = (await sessions.find(first))!;
  expect(second.newToken).toMatch(/^[0-9a-f]{32}$/);
  expect(Object.keys((await sessions.find(first))!)).toEqual(["session"]);
  expect((await sessions.rotate(session))?.newToken).toMatch(/^[0-9a-f]{32}$/);
  await sessions.end(session);
  expect(await sessions.rotate(session)).toBeUndefined();
});

test("all sessions of a user are ended together, except one that is kept", async () => {
  const sessions = await Sessions.open(new SharedMemory().open(), new ManualClock(), settings);
  const made = [];
  for (const user of [1, 1, 1, 2]) made.push((await sessions.begin(user, "", "")).session);
  await sessions.endAll(1, made[1]);
  expect([sessions.ofUser(1).map(({ id }) => id), sessions.ofUser(2).map(({ id }) => id)]).toEqual([[2], [4]]);
  await sessions.endAll(1);
  expect(sessions.size).toBe(1);
});

test("a search for expired sessions takes place every ten seconds at most, and removes at most 1,000", async () => {
  const [database, clock] = [new SharedMemory(), new ManualClock(1_000_000)];
  const day = 24 * 60 * MINUTE;
  const document = { token: "", previousToken: "", createdAt: 0, rotatedAt: 0, address: "", agent: "" };
  const stored = Array.from({ length: 1500 }, (_, i) => {
    const session = { ...document, id: i + 1, userId: i, token: `t${i}` };
    return { key: String(session.id), value: JSON.stringify(session), expiresAt: 1000 * day };
  });
  const collection = database.open().collection("sessions");
  for (const entry of stored) await collection.put(entry);
  const sessions = await Sessions.open(database.open(), clock, settings);
  await clock.advance(31 * day);
  const sizes: number[] = [];
  for (const pause of [0, 9_000, 1000]) {
    await clock.advance(pause);
    await sessions.begin(1, "", "");
    sizes.push(sessions.size);
  }
  expect(sizes).toEqual([501, 502, 3]);
});
