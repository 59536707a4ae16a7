import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Labels } from "@narthex/model";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { httpSink } from "../testing/http-sink.ts";
import { KEY_HASH, NOTIFICATION, RESOLVED, deliverOnce, problemsOf } from "../testing/open-receiver.ts";
import { outcomeOf, shown } from "../testing/outcome.ts";

const receiver = (fields: string): string => `{name: all, victorops_configs: [{${fields}}]}`;

const LIST =
  "Labels:\\n - alertname = A b\\n - i = 1\\n - severity = critical\\nAnnotations:\\n - summary = x \\u003cb\\u003e \\u0026 é\\n" +
  "Source: http://g/x?y=1\\u0026z=2\\n";

test("the path contains the key and the routing key, and the message has sorted members", async () => {
  await using sink = await httpSink();
  const fields = "routing_key: '{{ .CommonLabels.severity }} é?', custom_fields: {z: '{{ .Status }}', '10': a, '9': b}";
  const global = `{victorops_api_url: '${sink.url}/in', victorops_api_key: K}`;
  expect(await deliverOnce(receiver(fields), { global })).toEqual({ kind: "sent" });
  const [request] = sink.requests;
  expect([request!.method, request!.url]).toEqual(["POST", "/in/K/critical%20%C3%A9%3F"]);
  expect(request!.headers["content-type"]).toBe("application/json");
  expect(request!.body).toBe(
    `{"10":"a","9":"b","entity_display_name":"[FIRING:1] A b (1 critical)","entity_id":"${KEY_HASH}","message_type":"CRITICAL",` +
      `"monitoring_tool":"Alertmanager","state_message":"x \\u003cb\\u003e \\u0026 é\\nAlerts Firing:\\n${LIST}\\n","z":"firing"}\n`,
  );
});

test.each([
  ["", NOTIFICATION, "CRITICAL"],
  [", message_type: '{{ if true }}INFO{{ end }}'", NOTIFICATION, "INFO"],
  [", message_type: loud", NOTIFICATION, "CRITICAL"],
  [", message_type: WARNING", RESOLVED, "RECOVERY"],
])("with%s the type is as VictorOps knows it", async (more, notification, type) => {
  await using sink = await httpSink();
  await deliverOnce(receiver(`api_url: '${sink.url}', api_key: K, routing_key: r${more}`), { notification });
  expect(JSON.parse(sink.requests[0]!.body)).toMatchObject({ message_type: type });
});

test("the message of a resolved group has the type of a recovery, and a message has at most 20480 characters", async () => {
  await using sink = await httpSink();
  const fields = `api_url: '${sink.url}', api_key: K, routing_key: r`;
  await deliverOnce(receiver(fields), { notification: RESOLVED });
  expect(sink.requests[0]!.body).toContain(
    `"state_message":"x \\u003cb\\u003e \\u0026 é\\n\\nAlerts Resolved:\\n${LIST}"`,
  );
  const [alert] = NOTIFICATION.alerts;
  const notification = {
    ...NOTIFICATION,
    alerts: [{ ...alert!, annotations: Labels.of({ summary: "é".repeat(30_000) }) }],
  };
  await deliverOnce(receiver(`${fields}, state_message: '{{ .CommonAnnotations.summary }}'`), { notification });
  expect(JSON.parse(sink.requests[1]!.body)).toMatchObject({ state_message: `${"é".repeat(20_479)}…` });
});

test.each([
  [{ status: 500, body: "x" }, "retry serverError: unexpected status code 500: x"],
  [{ status: 429, body: "x" }, "rejected rateLimited: unexpected status code 429: x"],
  [{ status: 429, headers: { "retry-after": "1" } }, "retry after 1000 ms rateLimited: unexpected status code 429: ok"],
  [{ status: 404, body: "x" }, "rejected clientError: unexpected status code 404: x"],
])("the answer %j is %s", async (answer, outcome) => {
  expect(await outcomeOf(answer, (url) => receiver(`api_url: '${url}', api_key: K, routing_key: r`))).toBe(outcome);
});

test("the key's file is read for each message, and the key is not reported", async () => {
  await using sink = await httpSink();
  const folder = temporaryFolder();
  const path = join(folder, "key");
  const send = async (url: string): Promise<string> =>
    shown(await deliverOnce(receiver(`api_url: '${url}', api_key_file: '${path}', routing_key: r`)));
  expect(await send(sink.url)).toBe(
    `rejected other: failed to read API key from file: open ${path}: no such file or directory`,
  );
  await writeFile(path, "one\n");
  await send(sink.url);
  await writeFile(path, "two\n");
  await send(sink.url);
  expect(sink.requests.map(({ url }) => url)).toEqual(["/one/r", "/two/r"]);
  expect(await send("http://127.0.0.1:1")).toBe(
    'retry other: Post "<redacted>": dial tcp 127.0.0.1:1: connect: connection refused',
  );
});

test("an error of a template is not tried again", async () => {
  const outcome = await deliverOnce(receiver("api_key: K, routing_key: '{{ .Nope }}'"));
  expect(shown(outcome)).toContain("rejected other: templating error: template: ");
});

test.each([
  ["api_key: K", "{}", "missing Routing key in VictorOps config"],
  ["routing_key: r", "{}", "no global VictorOps API Key set"],
  ["routing_key: r, api_key: K, api_key_file: f", "{}", "at most one of api_key & api_key_file must be configured"],
  [
    "routing_key: r",
    "{victorops_api_key: a, victorops_api_key_file: b}",
    "at most one of victorops_api_key & victorops_api_key_file must be configured",
  ],
  [
    "routing_key: r, api_key: K, custom_fields: {entity_state: x}",
    "{}",
    "victorOps config contains custom field entity_state which cannot be used as it conflicts with the fixed/static fields",
  ],
])("victorops_configs [{%s}] under global %s is refused", (fields, global, message) => {
  expect(problemsOf(receiver(fields), global).join("\n")).toContain(message);
});
