import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Labels } from "@narthex/model";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { httpSink } from "../testing/http-sink.ts";
import { NOTIFICATION, RESOLVED, deliverOnce, problemsOf } from "../testing/open-receiver.ts";
import { outcomeOf, shown } from "../testing/outcome.ts";

const receiver = (fields: string): string => `{name: all, incidentio_configs: [{${fields}}]}`;

test("incident.io gets Alertmanager's JSON as version 1, with the source's token", async () => {
  await using sink = await httpSink({ status: 202 });
  expect(await deliverOnce(receiver(`url: '${sink.url}/v2/alert_events', alert_source_token: T`))).toEqual({
    kind: "sent",
  });
  const [request] = sink.requests;
  expect([request!.method, request!.url]).toEqual(["POST", "/v2/alert_events"]);
  expect(request!.headers).toMatchObject({
    authorization: "Bearer T",
    "content-type": "application/json",
    "user-agent": "Alertmanager/0.34.0",
  });
  expect(request!.body).toBe(
    '{"receiver":"all","status":"firing","alerts":[{"status":"firing","labels":{"alertname":"A b","i":"1","severity":"critical"},' +
      '"annotations":{"summary":"x \\u003cb\\u003e \\u0026 é"},"startsAt":"2026-11-20T06:41:19.951Z","endsAt":"0001-01-01T00:00:00Z",' +
      '"generatorURL":"http://g/x?y=1\\u0026z=2","fingerprint":"d7c1dfd45bd2d6f7"}],"notification_reason":"first notification",' +
      '"groupLabels":{"alertname":"A b"},"commonLabels":{"alertname":"A b","i":"1","severity":"critical"},' +
      '"commonAnnotations":{"summary":"x \\u003cb\\u003e \\u0026 é"},"routeLabels":{},"externalURL":"http://vm:19093","version":"1",' +
      '"groupKey":"{}:{alertname=\\"A b\\"}","truncatedAlerts":0}\n',
  );
});

test("http_config may authorize instead of a token", async () => {
  await using sink = await httpSink();
  await deliverOnce(receiver(`url: '${sink.url}', http_config: {authorization: {credentials: own}}`));
  expect(sink.requests[0]!.headers.authorization).toBe("Bearer own");
});

test("a token has precedence over the global authorization", async () => {
  await using sink = await httpSink();
  const global = "{http_config: {authorization: {credentials: everyone}}}";
  await deliverOnce(receiver(`url: '${sink.url}', alert_source_token: T`), { global });
  expect(sink.requests[0]!.rawHeaders.filter((name) => name.toLowerCase() === "authorization")).toHaveLength(1);
  expect(sink.requests[0]!.headers.authorization).toBe("Bearer T");
});

test("max_alerts cuts the list, and a message over 512 KiB has one alert and the same data of the group", async () => {
  await using sink = await httpSink();
  const [alert] = RESOLVED.alerts;
  const large = { ...alert!, annotations: Labels.of({ s: "é".repeat(200_000) }) };
  const notification = {
    ...RESOLVED,
    alerts: [large, { ...large, labels: Labels.of({ alertname: "A b", i: "2" }) }, NOTIFICATION.alerts[0]!],
  };
  await deliverOnce(receiver(`url: '${sink.url}', alert_source_token: T`), { notification });
  await deliverOnce(receiver(`url: '${sink.url}', alert_source_token: T, max_alerts: 1`), { notification });
  const [first, second] = sink.requests.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  expect([first!["alerts"], second!["alerts"]]).toEqual([[expect.anything()], [expect.anything()]]);
  expect(first).toMatchObject({ status: "firing", truncatedAlerts: 0, commonLabels: { alertname: "A b" } });
  expect(second).toMatchObject({ status: "resolved", truncatedAlerts: 2, commonLabels: { i: "1" } });
});

test.each([
  [{ status: 429, body: '{"message":"slow"}' }, "retry rateLimited: unexpected status code 429: slow"],
  [{ status: 429, headers: { "retry-after": "2" } }, "retry after 2000 ms rateLimited: unexpected status code 429"],
  [{ status: 500, body: "x" }, "retry serverError: unexpected status code 500"],
  [
    { status: 422, body: '{"message":"m","error":"e","errors":["a","b"]}' },
    "rejected clientError: unexpected status code 422: m: e: a, b",
  ],
  [{ status: 401, body: '{"error":"who"}' }, "rejected authError: unexpected status code 401: who"],
])("the answer %j is %s", async (answer, outcome) => {
  expect(await outcomeOf(answer, (url) => receiver(`url: '${url}', alert_source_token: T`))).toBe(outcome);
});

test("URL and token in files are read for each message", async () => {
  await using sink = await httpSink();
  const folder = temporaryFolder();
  const [url, token] = [join(folder, "url"), join(folder, "token")];
  const send = async (): Promise<string> =>
    shown(await deliverOnce(receiver(`url_file: '${url}', alert_source_token_file: '${token}'`)));
  expect(await send()).toBe(`rejected other: read url_file: open ${url}: no such file or directory`);
  await writeFile(url, `${sink.url}/one\n`);
  expect(await send()).toBe(
    `rejected other: failed to read alert_source_token_file: open ${token}: no such file or directory`,
  );
  await writeFile(token, "first\n");
  await send();
  await writeFile(url, `${sink.url}/two\n`);
  await writeFile(token, "second\n");
  await send();
  await writeFile(url, "nowhere");
  expect(await send()).toBe("rejected other: the URL in url_file is not valid");
  expect(sink.requests.map(({ url: path, headers }) => [path, headers.authorization])).toEqual([
    ["/one", "Bearer first"],
    ["/two", "Bearer second"],
  ]);
});

test("the timeout ends an attempt", async () => {
  await using sink = await httpSink(() => undefined);
  expect(shown(await deliverOnce(receiver(`url: '${sink.url}', alert_source_token: T, timeout: 20ms`)))).toBe(
    'retry contextDeadlineExceeded: Post "<redacted>": configured incident.io timeout reached (20ms)',
  );
});

test.each([
  ["alert_source_token: t", "one of url or url_file must be configured"],
  ["url: 'http://a', url_file: b, alert_source_token: t", "at most one of url & url_file must be configured"],
  [
    "url: 'http://a', alert_source_token: t, alert_source_token_file: f",
    "at most one of alert_source_token & alert_source_token_file must be configured",
  ],
  [
    "url: 'http://a', alert_source_token: t, http_config: {authorization: {credentials: c}}",
    "cannot specify alert_source_token or alert_source_token_file when using http_config.authorization",
  ],
  [
    "url: 'http://a', http_config: {follow_redirects: true}",
    "at least one of alert_source_token, alert_source_token_file or http_config.authorization must be configured",
  ],
])("incidentio_configs [{%s}] is refused", (fields, message) => {
  expect(problemsOf(receiver(fields)).join("\n")).toContain(message);
});
