import { ManualClock } from "@narthex/runtime/testing";
import { SharedMemory } from "@narthex/store/testing";
import { expect, test } from "vitest";
import { loadSettings } from "../settings/load-settings.ts";
import { Sessions } from "./sessions.ts";

const MINUTE = 60_000;
const { values: settings } = loadSettings({ env: {}, overrides: [], ini: undefined, readFile: () => "" });

test("the token before counts until half a minute after any instance has seen the new one, whoever gave it", async () => {
  const [database, clock] = [new SharedMemory(), new ManualClock()];
  const [here, there] = await Promise.all([1, 2].map(() => Sessions.open(database.open(), clock, settings)));
  const { newToken: first } = await here!.begin(1, "", "");
  expect(await there!.find(first)).toBeDefined();
  await clock.advance(11 * MINUTE);
  const { newToken: second } = (await here!.find(first))!;
  // A request that was under way reaches the other instance, which has known the first token for long.
  expect(await there!.find(first)).toBeDefined();
  expect(await there!.find(second!)).toBeDefined();
  await clock.advance(20_000);
  expect(await there!.find(first)).toBeDefined();
  await clock.advance(11_000);
  expect(await there!.find(first)).toBeUndefined();
  // Nor does it count where the new one has never been seen.
  expect(await here!.find(first)).toBeUndefined();
});

test("the token before counts for as long as nobody has brought the new one", async () => {
  const clock = new ManualClock();
  const sessions = await Sessions.open(new SharedMemory().open(), clock, settings);
  const { newToken: first } = await sessions.begin(1, "", "");
  await clock.advance(11 * MINUTE);
  expect((await sessions.find(first))!.newToken).toBeDefined();
  await clock.advance(60 * MINUTE);
  expect(await sessions.find(first)).toBeDefined();
});

test("sessions that are over leave the store at the next login, and a user has 100 at most", async () => {
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

test("a clock that is set back ends no session, nor does it when it is right again", async () => {
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

test("a session outlasts restarts after its token was replaced and seen, but not its lifetime", async () => {
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
