import { expect, test } from "vitest";
import { PostgresServer } from "../support/postgres-server.ts";
import { type DashboardsInstance, startDashboards } from "../support/dashboards-instance.ts";
import { lacks } from "../support/requirements.ts";
import { Workplace } from "../support/workplace.ts";

interface AuditRecord {
  readonly id: string;
  readonly action: string;
  readonly kind: string;
  readonly uid: string;
}

const AUTHORIZATION = `Basic ${btoa("admin:secret")}`;

/**
 * Adds dashboard folders one after the other until the dashboards instance is killed. Returns the uids of the folders
 * whose creation was acknowledged.
 */
async function addFolders(base: string, name: string, most: number): Promise<readonly string[]> {
  const acknowledged: string[] = [];
  for (let i = 0; i < most; i++) {
    const uid = `${name}-${i}`;
    try {
      const answer = await fetch(`${base}/api/folders`, {
        method: "POST",
        headers: { authorization: AUTHORIZATION, "content-type": "application/json" },
        body: JSON.stringify({ uid, title: uid }),
      });
      if (answer.status === 200) acknowledged.push(uid);
    } catch {
      return acknowledged;
    }
  }
  return acknowledged;
}

async function read(base: string, path: string): Promise<string> {
  const answer = await fetch(base + path, { headers: { authorization: AUTHORIZATION } });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
  return text;
}

/** Returns the number of audit records for each added folder, by uid, from the exported audit log. */
async function recordsOf(base: string): Promise<ReadonlyMap<string, number>> {
  const lines = (await read(base, "/api/narthex/audit/export?kind=folder&action=created")).trim().split("\n");
  const counts = new Map<string, number>();
  for (const line of lines) {
    const { uid } = JSON.parse(line) as AuditRecord;
    counts.set(uid, (counts.get(uid) ?? 0) + 1);
  }
  return counts;
}

/** Checks that the audit log has exactly one record for each stored folder, and no other records. */
async function checkRecords(base: string, acknowledged: readonly string[]): Promise<void> {
  const folders = JSON.parse(await read(base, "/api/folders?limit=1000")) as readonly { uid: string }[];
  const uids = folders.map(({ uid }) => uid).toSorted();
  const records = await recordsOf(base);
  expect([...records.keys()].toSorted()).toEqual(uids);
  expect([...records.values()].every((count) => count === 1)).toBe(true);
  expect(acknowledged.filter((uid) => !records.has(uid))).toEqual([]);
}

test.skipIf(lacks("postgres"))(
  "two instances of one database lose no record of the audit log, even if one is killed under load",
  async () => {
    using workplace = new Workplace();
    await using database = await PostgresServer.start();
    const url = await database.database("dashboards");
    const settings = { GF_DATABASE_URL: url, GF_DATABASE_TYPE: "postgres" };
    const start = (name: string) => startDashboards(workplace, name, settings);
    const [one, two] = await Promise.all([start("one"), start("two")]);
    await using _one = one.running;
    await using _two = two.running;
    await Promise.all([one, two].map(({ running, base }) => running.ready(`${base}/api/health`)));
    const working = [
      ...["a", "b", "c", "d"].map((name) => addFolders(one.base, `one-${name}`, 100)),
      ...["a", "b"].map((name) => addFolders(two.base, `two-${name}`, 30)),
    ];
    // Adds some dashboard folders before the first instance is killed.
    await addFolders(one.base, "first", 5);
    one.running.kill("SIGKILL");
    const acknowledged = (await Promise.all(working)).flat();
    expect(acknowledged.length).toBeGreaterThan(60);
    await checkRecords(two.base, acknowledged);
    // A page of the audit log, whose records must be sorted by time.
    const page = JSON.parse(await read(two.base, "/api/narthex/audit?limit=50")) as {
      readonly records: readonly AuditRecord[];
      readonly next: string;
    };
    const ids = page.records.map(({ id }) => id);
    expect([ids.length, page.next]).toEqual([50, ids.at(-1)]);
    expect(ids).toEqual(ids.toSorted().toReversed());
  },
);

test("a killed instance with a file has a record of each folder in it", async () => {
  using workplace = new Workplace();
  const start = async (): Promise<DashboardsInstance> => {
    const instance = await startDashboards(workplace, "data");
    await instance.running.ready(`${instance.base}/api/health`);
    return instance;
  };
  const first = await start();
  await using _first = first.running;
  const working = ["a", "b", "c"].map((name) => addFolders(first.base, name, 300));
  await addFolders(first.base, "first", 10);
  first.running.kill("SIGKILL");
  const acknowledged = (await Promise.all(working)).flat();
  await first.running.ended;
  const second = await start();
  await using _second = second.running;
  await checkRecords(second.base, acknowledged);
});
