import { Labels } from "@narthex/model";
import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { expectSynced, FileCalls } from "../../support/file-calls.ts";
import { freePort } from "../../support/ports.ts";
import { remoteWrite } from "../../support/remote-write.ts";
import { narthex, type Running } from "../../support/running.ts";
import { Workplace } from "../../support/workplace.ts";

interface Recorded extends AsyncDisposable {
  readonly base: string;
  readonly running: Running;
  readonly calls: FileCalls;
}

async function start(workplace: Workplace, flags: readonly string[]): Promise<Recorded> {
  const calls = new FileCalls(workplace.path("calls"));
  const port = await freePort();
  const args = [
    "server",
    `--config.file=${workplace.write("prometheus.yml", "scrape_configs: []\n")}`,
    `--storage.tsdb.path=${workplace.path("data")}`,
    `--web.listen-address=127.0.0.1:${port}`,
    "--web.enable-remote-write-receiver",
    "--web.enable-admin-api",
    ...flags,
  ];
  const running = narthex(args, { env: calls.env });
  const base = `http://127.0.0.1:${port}`;
  await running.ready(`${base}/-/ready`);
  return { base, running, calls, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
}

const write = (base: string): Promise<void> =>
  remoteWrite(base, [
    {
      labels: Labels.of({ __name__: "a" }),
      timestamps: [Date.now()],
      values: Float64Array.of(1),
      histograms: [],
    },
  ]);

const isOfLog = (path: string): boolean => path.includes("/data/wal/0");

test("with --storage.tsdb.wal-fsync=always the log is synced before a write is acknowledged", async () => {
  using workplace = new Workplace();
  await using server = await start(workplace, ["--storage.tsdb.wal-fsync=always"]);
  await write(server.base);
  expectSynced(server.calls.all(), isOfLog);
});

test("with --storage.tsdb.wal-fsync=interval the log is synced soon after a write", async () => {
  using workplace = new Workplace();
  await using server = await start(workplace, ["--storage.tsdb.wal-fsync=interval"]);
  await write(server.base);
  await eventually("the log is on the disk", async () => expectSynced(server.calls.all(), isOfLog));
});

test("with --storage.tsdb.wal-fsync=never the log is not synced", async () => {
  using workplace = new Workplace();
  await using server = await start(workplace, ["--storage.tsdb.wal-fsync=never"]);
  await write(server.base);
  await write(server.base);
  const calls = server.calls.all().filter(({ path }) => isOfLog(path));
  expect(calls.length).toBeGreaterThan(0);
  expect(calls.filter(({ call }) => call === "sync")).toEqual([]);
});

test("the files of a block are synced before it gets its name, and its name before it is announced", async () => {
  using workplace = new Workplace();
  await using server = await start(workplace, []);
  await write(server.base);
  const answer = await fetch(`${server.base}/api/v1/admin/tsdb/snapshot`, { method: "POST" });
  const { data } = (await answer.json()) as { readonly data: { readonly name: string } };
  const calls = server.calls.all();
  const named = calls.findIndex(({ call, path }) => call === "rename" && path.endsWith(".tmp-for-creation"));
  expect(calls[named]?.to).toContain(`/snapshots/${data.name}/`);
  const { path: draft, to: block } = calls[named]!;
  expectSynced(calls, (path) => path.startsWith(`${draft}/`), named);
  const syncsOf = (folder: string, from: number, until: number): number =>
    calls.slice(from, until).filter(({ call, path }) => call === "sync" && path === folder).length;
  for (const folder of [draft, `${draft}/chunks`]) expect(syncsOf(folder, 0, named), folder).toBeGreaterThan(0);
  const parent = block.slice(0, block.lastIndexOf("/"));
  expect(syncsOf(parent, named, calls.length)).toBeGreaterThan(0);
});
