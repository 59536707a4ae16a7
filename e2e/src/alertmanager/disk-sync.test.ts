import { expect, test } from "vitest";
import { FileCalls } from "../support/file-calls.ts";
import { freePort } from "../support/ports.ts";
import { narthex } from "../support/running.ts";
import { Workplace } from "../support/workplace.ts";

test("before a silence is acknowledged, it and the directory entry of its log are synced to the disk", async () => {
  using workplace = new Workplace();
  const calls = new FileCalls(workplace.path("calls"));
  const port = await freePort();
  const config = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n";
  await using running = narthex(
    [
      "alertmanager",
      `--config.file=${workplace.write("alertmanager.yml", config)}`,
      `--storage.path=${workplace.path("data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--cluster.listen-address=",
    ],
    { env: calls.env },
  );
  const base = `http://127.0.0.1:${port}`;
  await running.ready(`${base}/-/ready`);
  const syncs = (path: string): number =>
    calls.all().filter((one) => one.call === "sync" && one.path === workplace.path(path)).length;
  for (const comment of ["first", "second"]) {
    const before = syncs("data/alertmanager.db-wal");
    const response = await fetch(`${base}/api/v2/silences`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        matchers: [{ name: "a", value: "b", isRegex: false }],
        startsAt: new Date().toISOString(),
        endsAt: "2099-01-01T00:00:00Z",
        createdBy: "test",
        comment,
      }),
    });
    expect(response.status).toBe(200);
    expect(syncs("data/alertmanager.db-wal")).toBeGreaterThan(before);
  }
  expect(syncs("data")).toBeGreaterThan(0);
});
