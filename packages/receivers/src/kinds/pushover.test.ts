import { Labels } from "@narthex/model";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import { hasOpenssl } from "@narthex/tls/testing";
import { expect, test } from "vitest";
import { NOTIFICATION, RESOLVED, deliverOnce, problemsOf } from "../testing/open-receiver.ts";
import { shown } from "../testing/outcome.ts";
import { proxySink } from "../testing/proxy-sink.ts";

const receiver = (fields: string): string => `{name: all, pushover_configs: [{${fields}}]}`;

const API = "https://api.pushover.net/1/messages.json";

test.skipIf(!hasOpenssl())("all parameters are in the query, sorted, and the body is empty", async () => {
  await using proxy = await proxySink();
  expect(await deliverOnce(receiver(`user_key: U, token: T, ${proxy.section}`))).toEqual({ kind: "sent" });
  const [request] = proxy.requests;
  expect(request!.method).toBe("POST");
  expect(request!.headers).toMatchObject({
    "content-type": "text/plain",
    "content-length": "0",
    "user-agent": "Alertmanager/0.34.0",
  });
  expect(request!.body).toBe("");
  expect(request!.url).toBe(
    `${API}?device=&expire=3600&message=x+%3Cb%3E+%26+%C3%A9%0A%0AAlerts+Firing%3A%0ALabels%3A%0A+-+alertname+%3D+A+b%0A+-+i+%3D+1%0A` +
      `+-+severity+%3D+critical%0AAnnotations%3A%0A+-+summary+%3D+x+%3Cb%3E+%26+%C3%A9%0ASource%3A+http%3A%2F%2Fg%2Fx%3Fy%3D1%26z%3D2` +
      `&priority=2&retry=60&sound=&title=%5BFIRING%3A1%5D+A+b+%281+critical%29&token=T` +
      `&url=http%3A%2F%2Fvm%3A19093%2F%23%2Falerts%3Freceiver%3Dall&url_title=&user=U`,
  );
});

test.skipIf(!hasOpenssl())("each field is sent as the parameter that Pushover expects", async () => {
  await using proxy = await proxySink();
  const fields =
    "user_key: 'u{{ .Status }}', token: T, title: t, message: '<b>{{ .CommonAnnotations.summary }}</b>', url: u, url_title: ut, " +
    "device: d, sound: s, priority: '{{ .Alerts | len }}', retry: 90s, expire: 2h, ttl: 1m, html: true";
  await deliverOnce(receiver(`${fields}, ${proxy.section}`), { notification: RESOLVED });
  expect(Object.fromEntries(new URL(proxy.requests[0]!.url).searchParams)).toEqual({
    token: "T",
    user: "uresolved",
    title: "t",
    message: "<b>x &lt;b&gt; &amp; é</b>",
    url: "u",
    url_title: "ut",
    device: "d",
    sound: "s",
    priority: "1",
    retry: "90",
    expire: "7200",
    ttl: "60",
    html: "1",
  });
});

test.skipIf(!hasOpenssl())("long texts are cut, and an empty message has a default text", async () => {
  await using proxy = await proxySink();
  const groupLabels = Labels.of({ alertname: "é".repeat(2000) });
  const long = "'{{ .GroupLabels.alertname }}'";
  const fields = `user_key: U, token: T, title: ${long}, message: ${long}, url: ${long}, ${proxy.section}`;
  await deliverOnce(receiver(fields), { notification: { ...NOTIFICATION, groupLabels } });
  const nothing = `user_key: U, token: T, message: ' ', monospace: true, ttl: 999ms, ${proxy.section}`;
  await deliverOnce(receiver(nothing), { notification: { ...NOTIFICATION, groupLabels } });
  const [cut, empty] = proxy.requests.map(({ url }) => new URL(url).searchParams);
  expect(["title", "message", "url"].map((name) => cut!.get(name))).toEqual([
    `${"é".repeat(249)}…`,
    `${"é".repeat(1023)}…`,
    `${"é".repeat(511)}…`,
  ]);
  expect(["message", "monospace", "html", "ttl"].map((name) => empty!.get(name))).toEqual([
    "(no details)",
    "1",
    null,
    null,
  ]);
});

test.skipIf(!hasOpenssl()).each([
  [{ status: 500, body: "x" }, "retry serverError: unexpected status code 500: x"],
  [{ status: 400, body: "x" }, "rejected clientError: unexpected status code 400: x"],
  [{ status: 429, body: "x" }, "rejected rateLimited: unexpected status code 429: x"],
  [{ status: 429, headers: { "retry-after": "9" } }, "retry after 9000 ms rateLimited: unexpected status code 429: ok"],
])("the answer %j is %s", async (answer, outcome) => {
  await using proxy = await proxySink(answer);
  expect(shown(await deliverOnce(receiver(`user_key: U, token: T, ${proxy.section}`)))).toBe(outcome);
});

test("keys are not in reasons, and their files are read for each message", async () => {
  const folder = temporaryFolder();
  const [user, token] = [join(folder, "user"), join(folder, "token")];
  const send = async (): Promise<string> =>
    shown(
      await deliverOnce(
        receiver(`user_key_file: '${user}', token_file: '${token}', http_config: {proxy_url: 'http://127.0.0.1:1'}`),
      ),
    );
  expect(await send()).toBe(`rejected other: read token_file: open ${token}: no such file or directory`);
  await writeFile(token, "hidden");
  expect(await send()).toBe(`rejected other: read user_key_file: open ${user}: no such file or directory`);
  await writeFile(user, "hidden");
  const outcome = await send();
  expect(outcome).toMatch(/^retry other: Post "<redacted>": .*connection refused$/);
  expect(outcome).not.toContain("hidden");
});

test.each([
  ["token: t", "one of user_key or user_key_file must be configured"],
  ["user_key: u", "one of token or token_file must be configured"],
  ["user_key: u, user_key_file: f, token: t", "at most one of user_key & user_key_file must be configured"],
  ["user_key: u, token: t, token_file: f", "at most one of token & token_file must be configured"],
  ["user_key: u, token: t, html: true, monospace: true", "at most one of monospace & html must be configured"],
  ["user_key: u, token: t, retry: 1d", 'time: unknown unit "d" in duration "1d"'],
])("pushover_configs [{%s}] is refused", (fields, message) => {
  expect(problemsOf(receiver(fields)).join("\n")).toContain(message);
});
