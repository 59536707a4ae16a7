import { createHash } from "node:crypto";
import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PushGroups, readSnapshot, writeSnapshot } from "@narthex/pushing";
import { ManualClock, memoryLogger, temporaryFolder, testHost, whileRunning } from "@narthex/runtime/testing";
import { openSqlite } from "@narthex/store";
import { expect, test } from "vitest";
import { main } from "./main.ts";

const withGateway = <T>(args: readonly string[], use: (url: string) => Promise<T>): Promise<T> =>
  whileRunning(testHost(['--web.listen-address="127.0.0.1:0"', ...args]), main, use);

const text = async (url: string): Promise<string> => (await fetch(url)).text();

/** Sends a push like curl, which sets a form's Content-Type although the body is plain text. */
const push = (url: string, body: string, method = "POST"): Promise<Response> =>
  fetch(url, { method, body, headers: { "content-type": "application/x-www-form-urlencoded" }, redirect: "manual" });

test("main() accepts curl's push and shows it at /metrics together with its own metrics", async () => {
  await withGateway(["\\"], async (url) => {
    expect((await push(`${url}/metrics/job/some_job`, "some_metric 3.14\n")).status).toBe(200);
    const body = await text(`${url}/metrics`);
    expect(body).toContain('# TYPE some_metric untyped\nsome_metric{instance="",job="some_job"} 3.14\n');
    expect(body).toMatch(/^pushgateway_http_requests_total\{code="200",handler="push",method="post"\} 1$/m);
    expect(body).toMatch(/^pushgateway_build_info\{/m);
    expect(await text(`${url}/api/v1/metrics`)).toContain('"labels":{"job":"some_job"},"last_push_successful":true');
  });
});

test("main() answers invalid requests as a Pushgateway does", async () => {
  await withGateway([], async (url) => {
    const refused = await push(`${url}/metrics/job/j`, "x y\n");
    expect([refused.status, await refused.text()]).toEqual([
      400,
      'text format parsing error in line 1: expected float as value, got "y"\n',
    ]);
    expect((await push(`${url}/metrics`, "m 1\n", "PUT")).status).toBe(405);
    expect((await push(`${url}/metrics/job`, "m 1\n")).status).toBe(404);
    expect((await push(`${url}/metrics/job/a//b`, "m 1\n")).headers.get("location")).toBe("/metrics/job/a/b");
    expect((await push(`${url}/metrics/job/`, "m 1\n")).status).toBe(307);
    expect((await push(`${url}/api/v1/admin/wipe`, "", "PUT")).status).toBe(404);
    const quit = await push(`${url}/-/quit`, "", "PUT");
    expect([quit.status, await quit.text()]).toEqual([403, "Lifecycle API is not enabled."]);
    expect(await text(`${url}/-/healthy`)).toBe("OK");
  });
});

test("main() answers 202 without a check if the check is off, and fails scrapes while metrics conflict", async () => {
  await withGateway(["--push.disable-consistency-check"], async (url) => {
    expect((await push(`${url}/metrics/job/a`, "m 1\n")).status).toBe(202);
    expect((await push(`${url}/metrics/job/b`, "# TYPE m counter\nm 1\n")).status).toBe(202);
    const failed = await fetch(`${url}/metrics`);
    expect(failed.status).toBe(500);
    expect(await failed.text()).toMatch(/^An error has occurred while serving metrics:\n\ncollected metric "m" \{/);
    expect((await push(`${url}/metrics/job/b`, "", "DELETE")).status).toBe(202);
    expect((await fetch(`${url}/metrics`)).status).toBe(200);
  });
});

test("main() keeps pushes across a restart with --persistence.file, and not those that were wiped", async () => {
  const file = `--persistence.file=${join(temporaryFolder(), "deep", "metrics.db")}`;
  await withGateway([file], (url) => push(`${url}/metrics/job/kept/l@base64/=`, "m 1\n", "PUT"));
  await withGateway([file, "--web.enable-admin-api"], async (url) => {
    expect(await text(`${url}/metrics`)).toContain('m{instance="",job="kept",l=""} 1\n');
    expect((await push(`${url}/api/v1/admin/wipe`, "", "PUT")).status).toBe(202);
  });
  await withGateway([file], async (url) => {
    expect(await text(`${url}/api/v1/metrics`)).toBe('{"status":"success","data":[]}');
  });
});

/** Writes a file in the format of Prometheus' Pushgateway, with the metric m in the group of the job `old`. */
async function originalFile(path: string, value: number): Promise<void> {
  const groups = new PushGroups({
    clock: new ManualClock(0),
    logger: memoryLogger(),
    isChecking: true,
    persistence: undefined,
  });
  const wire = Buffer.alloc(11, Buffer.of(0x2a, 9, 9));
  wire.writeDoubleLE(value, 3);
  const m = { name: "m", help: undefined, type: 3, metrics: [{ labels: [], value: wire }], isTimed: false };
  await groups.push({ labels: [["job", "old"]], families: [m], isReplacing: true });
  writeFileSync(path, writeSnapshot(await groups.snapshot()));
}

test("main() imports a file of the original, writes its groups back there, and imports it again after a change", async () => {
  const path = join(temporaryFolder(), "pushgateway.data");
  const flag = `--persistence.file=${path}`;
  const metrics = (): Promise<string> => withGateway([flag], (url) => text(`${url}/metrics`));
  await originalFile(path, 1);
  chmodSync(path, 0o640);
  await withGateway([flag], async (url) => {
    expect(await text(`${url}/metrics`)).toContain('m{instance="",job="old"} 1\n');
    expect((await push(`${url}/metrics/job/new`, "n 2\n")).status).toBe(200);
  });
  expect(readSnapshot(readFileSync(path)).map(({ labels }) => labels)).toEqual([[["job", "old"]], [["job", "new"]]]);
  expect(statSync(path).mode & 0o777).toBe(0o640);
  expect(await metrics()).toContain('n{instance="",job="new"} 2\n');
  await originalFile(path, 3);
  expect(await metrics()).toContain('m{instance="",job="old"} 3\n');
  expect(await metrics()).not.toContain('job="new"');
});

test("main() keeps pushes after the last write of the original's file, even if it was killed", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "pushgateway.data");
  await originalFile(path, 1);
  const before = readFileSync(path);
  await withGateway([`--persistence.file=${path}`], (url) => push(`${url}/metrics/job/new`, "n 2\n"));
  // Simulates a gateway that was killed: the store contains newer groups than the imported file of the original
  // Pushgateway.
  const store = openSqlite(`${path}.narthex.db`);
  const digest = createHash("sha256").update(before).digest("hex");
  await store.collection("imports").put({ key: "snapshot", value: JSON.stringify({ digest }), expiresAt: 2 ** 52 });
  await store.close();
  writeFileSync(path, before);
  await withGateway([`--persistence.file=${path}`], async (url) =>
    expect(await text(`${url}/metrics`)).toContain('n{instance="",job="new"} 2\n'),
  );
});

test.each([
  ["gone", (path: string) => rmSync(path)],
  ["empty", (path: string) => writeFileSync(path, "")],
])("main() keeps imported groups if the original's file is %s, and writes the file again", async (_, lose) => {
  const path = join(temporaryFolder(), "pushgateway.data");
  const flag = `--persistence.file=${path}`;
  await originalFile(path, 1);
  await withGateway([flag], (url) => push(`${url}/metrics/job/new`, "n 2\n"));
  lose(path);
  await withGateway([flag], async (url) => {
    expect(await text(`${url}/metrics`)).toContain('m{instance="",job="old"} 1\n');
    expect(await text(`${url}/metrics`)).toContain('n{instance="",job="new"} 2\n');
  });
  const left = readSnapshot(readFileSync(path)).map(({ labels }) => labels);
  expect(left).toHaveLength(2);
  expect(left).toEqual(expect.arrayContaining([[["job", "old"]], [["job", "new"]]]));
});

test("main() keeps changes of the original's file by another program at run time", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "pushgateway.data");
  await originalFile(path, 1);
  await withGateway([`--persistence.file=${path}`], () => originalFile(path, 7));
  const [kept, ...others] = readdirSync(folder).filter((name) => /^pushgateway\.data\.\d{4}-/.test(name));
  expect(others).toEqual([]);
  await originalFile(join(folder, "expected"), 7);
  expect(readFileSync(join(folder, kept!))).toEqual(readFileSync(join(folder, "expected")));
  await withGateway([`--persistence.file=${path}`], async (url) =>
    expect(await text(`${url}/metrics`)).toContain('m{instance="",job="old"} 1\n'),
  );
});

test("main() refuses to start with a foreign file, and does not change it", async () => {
  const path = join(temporaryFolder(), "pushgateway.data");
  writeFileSync(path, "some notes of somebody");
  const host = testHost(["--web.listen-address=127.0.0.1:0", `--persistence.file=${path}`]);
  expect(await main(host)).toBe(1);
  expect(host.output.stderr).toContain("not readable as groups");
  expect(readFileSync(path, "latin1")).toBe("some notes of somebody");
});

test("main() serves all routes below --web.route-prefix, and stops on request", async () => {
  const host = testHost([
    "--web.listen-address=127.0.0.1:0",
    "--web.external-url=http://x/push/",
    "--web.enable-lifecycle",
  ]);
  const status = main(host);
  const url = `http://${await host.listening(status)}/push`;
  expect((await push(`${url}/metrics/job/j`, "m 1\n")).status).toBe(200);
  expect(await text(`${url}/metrics`)).toContain('m{instance="",job="j"} 1');
  expect(await (await push(`${url}/-/quit`, "")).text()).toBe("Requesting termination... Goodbye!");
  expect(await status).toBe(0);
});

test("main() removes groups after --push.ttl or the push's own ?ttl=, and uses ?ttl= only with the flag", async () => {
  await withGateway([], async (url) => {
    expect((await push(`${url}/metrics/job/j?ttl=nonsense`, "m 1\n")).status).toBe(200);
    expect(await text(`${url}/api/v1/metrics`)).not.toContain("expires_at");
    expect(await text(`${url}/api/v1/status`)).not.toContain("push.ttl");
  });
  await withGateway(["--push.ttl=0s"], async (url) => {
    const refused = await push(`${url}/metrics/job/j?ttl=nonsense`, "m 1\n");
    expect([refused.status, await refused.text()]).toEqual([
      400,
      'bad ttl "nonsense": give a duration such as 90s, 2h or 1d, or 0s for ever\n',
    ]);
    await push(`${url}/metrics/job/ever`, "m 1\n");
    await push(`${url}/metrics/job/soon?ttl=1ms`, "m 1\n");
    await push(`${url}/metrics/job/later?ttl=2h`, "m 1\n");
    for (let body = ""; !body.includes('m{instance="",job="ever"} 1\nm{instance="",job="later"} 1\n');)
      body = await text(`${url}/metrics`);
    expect(await text(`${url}/api/v1/metrics`)).toMatch(/"expires_at":"[^"]+","labels":\{"job":"later"\}/);
  });
});

test("main() refuses pushes beyond the limits, and names limit and value", async () => {
  const limits = ["--push.max-body-bytes=20", "--push.max-series-per-group=2", "--push.max-groups=1"];
  await withGateway(limits, async (url) => {
    const answer = async (path: string, body: string): Promise<string> => {
      const response = await push(`${url}/metrics/job/${path}`, body);
      return `${response.status} ${await response.text()}`;
    };
    expect(await answer("a", "m 1\nn 1\n")).toBe("200 ");
    expect(await answer("a", "a_long_name 1\nand_another 2\n")).toMatch(/^413 .*20 bytes.*--push.max-body-bytes/);
    expect(await answer("a", "o 1\n")).toMatch(/^400 .*3 metrics.*--push.max-series-per-group=2/);
    expect(await answer("b", "o 1\n")).toMatch(/^429 .*--push.max-groups=1/);
  });
});

test("main() lets only the users of --push.users-file change their jobs, and wipe", async () => {
  const file = join(temporaryFolder(), "users.yml");
  // The bcrypt hash of "test".
  const hash = "$2b$04$CzHPW3cuSMdP3cFRRIpk8.3Zyzl6VUE2TgcQ9H1wREiUjVkdbyEAO";
  writeFileSync(file, `job_users:\n  backup-:\n    alice: ${hash}\n`);
  await withGateway([`--push.users-file=${file}`, "--web.enable-admin-api"], async (url) => {
    const status = async (method: string, path: string, user = ""): Promise<number> => {
      const authorization = user === "" ? {} : { authorization: `Basic ${Buffer.from(user).toString("base64")}` };
      return (await fetch(`${url}${path}`, { method, headers: authorization })).status;
    };
    expect(await status("PUT", "/metrics/job/open")).toBe(200);
    expect(await status("PUT", "/metrics/job/backup-db")).toBe(401);
    expect(await status("PUT", "/metrics/job/backup-db", "alice:wrong")).toBe(401);
    expect(await status("PUT", "/metrics/job/backup-db", "alice:test")).toBe(200);
    expect(await status("DELETE", "/metrics/job@base64/YmFja3VwLWRi")).toBe(401);
    expect(await status("DELETE", "/metrics/job/backup-db", "alice:test")).toBe(202);
    expect(await status("PUT", "/api/v1/admin/wipe", "alice:test")).toBe(401);
    expect(await status("GET", "/metrics")).toBe(200);
  });
});
