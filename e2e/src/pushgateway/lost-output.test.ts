import { expect, test } from "vitest";
import { freePort } from "../support/ports.ts";
import { narthex } from "../support/running.ts";

test("a role continues when the reader of its log has ended", async () => {
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const env = { ...process.env, NARTHEX_OWN_METRICS: "1" };
  await using running = narthex(["pushgateway", `--web.listen-address=127.0.0.1:${port}`], { env });
  await running.ready(`${base}/-/ready`);
  running.child.stdout!.destroy();
  running.child.stderr!.destroy();
  for (let push = 0; push < 3; push++) {
    // Sends a push that the gateway refuses, so that the gateway writes a log line.
    const { status } = await fetch(`${base}/metrics/job/a`, { method: "PUT", body: "a 1\na 1\n" });
    expect(status).toBe(400);
  }
  const metrics = await (await fetch(`${base}/metrics`)).text();
  expect(metrics).not.toContain('component="uncaught"');
});
