import { expect, test } from "vitest";
import { FileCalls } from "../support/file-calls.ts";
import { freePort } from "../support/ports.ts";
import { narthex } from "../support/running.ts";
import { Workplace } from "../support/workplace.ts";

test("before a push is answered, it and the directory entry of its log are synced to the disk", async () => {
  using workplace = new Workplace();
  const calls = new FileCalls(workplace.path("calls"));
  const port = await freePort();
  const file = workplace.path("groups.db");
  await using running = narthex(
    ["pushgateway", `--web.listen-address=127.0.0.1:${port}`, `--persistence.file=${file}`],
    { env: calls.env },
  );
  const base = `http://127.0.0.1:${port}`;
  await running.ready(`${base}/-/ready`);
  const syncs = (path: string): number => calls.all().filter((one) => one.call === "sync" && one.path === path).length;
  for (const method of ["PUT", "POST", "DELETE"]) {
    const before = syncs(`${file}-wal`);
    const body = method === "DELETE" ? null : `m ${method.length}\n`;
    const { status } = await fetch(`${base}/metrics/job/j`, { method, body });
    expect(status).toBe(method === "DELETE" ? 202 : 200);
    expect(syncs(`${file}-wal`), method).toBeGreaterThan(before);
  }
  expect(syncs(workplace.folder)).toBeGreaterThan(0);
});
