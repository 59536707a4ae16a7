import { Labels } from "@narthex/model";
import { expect, test } from "vitest";
import { httpSink } from "../testing/http-sink.ts";
import { NOTIFICATION, deliverOnce, problemsOf } from "../testing/open-receiver.ts";

const receiver = (fields: string): string => `{name: all, webhook_configs: [{${fields}}]}`;

test("webhook posts Alertmanager's JSON, version 4, as the original writes it", async () => {
  await using sink = await httpSink();
  expect(await deliverOnce(receiver(`url: '${sink.url}/hook'`))).toEqual({ kind: "sent" });
  const [request] = sink.requests;
  expect(request!.headers["content-type"]).toBe("application/json");
  expect(request!.headers["user-agent"]).toBe("Alertmanager/0.34.0");
  expect(request!.body).toBe(
    '{"receiver":"all","status":"firing","alerts":[{"status":"firing","labels":{"alertname":"A b","i":"1","severity":"critical"},' +
      '"annotations":{"summary":"x \\u003cb\\u003e \\u0026 é"},"startsAt":"2026-11-20T06:41:19.951Z","endsAt":"0001-01-01T00:00:00Z",' +
      '"generatorURL":"http://g/x?y=1\\u0026z=2","fingerprint":"d7c1dfd45bd2d6f7"}],"notification_reason":"first notification",' +
      '"groupLabels":{"alertname":"A b"},"commonLabels":{"alertname":"A b","i":"1","severity":"critical"},' +
      '"commonAnnotations":{"summary":"x \\u003cb\\u003e \\u0026 é"},"routeLabels":{},"externalURL":"http://vm:19093","version":"4",' +
      '"groupKey":"{}:{alertname=\\"A b\\"}","truncatedAlerts":0}\n',
  );
});

test("max_alerts cuts the list, and the common labels are those of the remaining alerts", async () => {
  await using sink = await httpSink();
  const [first] = NOTIFICATION.alerts;
  const alerts = [first!, { ...first!, labels: Labels.of({ alertname: "A b", i: "2" }) }];
  await deliverOnce(receiver(`url: '${sink.url}', max_alerts: 1`), { notification: { ...NOTIFICATION, alerts } });
  expect(JSON.parse(sink.requests[0]!.body)).toMatchObject({ truncatedAlerts: 1, commonLabels: { i: "1" } });
});

test("the message contains acknowledgements only if the setting asks for them", async () => {
  await using sink = await httpSink();
  const [first] = NOTIFICATION.alerts;
  const acknowledgement = { createdBy: "ann", comment: "mine", createdAt: 1000 };
  const notification = { ...NOTIFICATION, alerts: [{ ...first!, acknowledgement }, first!] };
  const plain = { ...NOTIFICATION, alerts: [first!, first!] };
  await deliverOnce(receiver(`url: '${sink.url}'`), { notification: plain });
  await deliverOnce(receiver(`url: '${sink.url}'`), { notification });
  await deliverOnce(receiver(`url: '${sink.url}', narthex_acknowledgements: true`), { notification });
  const [without, same, added] = sink.requests.map(({ body }) => body);
  expect(same).toBe(without);
  const member = ',"acknowledgement":{"createdBy":"ann","comment":"mine","createdAt":"1970-01-01T00:00:01Z"}';
  expect(added!.replace(member, "")).toBe(without);
  expect(added).toContain(`"fingerprint":"d7c1dfd45bd2d6f7"${member}},{"status"`);
});

test("each text of payload is rendered and read as YAML", async () => {
  await using sink = await httpSink();
  const payload = `{count: '{{ .Alerts | len }}', l: ['{{ .CommonLabels.severity }}', 3], '{{ .Status }}': true, none: '', s: '{{ .GroupLabels.alertname }}'}`;
  await deliverOnce(receiver(`url: '${sink.url}', payload: ${payload}`));
  expect(sink.requests[0]!.body).toBe('{"count":1,"firing":true,"l":["critical",3],"none":null,"s":"A b"}\n');
});

test.each([
  [500, "retry", "serverError"],
  [404, "rejected", "clientError"],
  [401, "rejected", "authError"],
  [429, "rejected", "rateLimited"],
] as const)("an answer of %d is %s as %s", async (status, kind, failure) => {
  await using sink = await httpSink({ status, body: "why" });
  const reason = `unexpected status code ${status}: why`;
  expect(await deliverOnce(receiver(`url: '${sink.url}'`))).toEqual({ kind, reason, failure });
});

test("a refused connection is tried again, and the reason does not contain the URL", async () => {
  const outcome = await deliverOnce(receiver("url: 'http://127.0.0.1:1/secret'"));
  expect(outcome).toMatchObject({ kind: "retry", failure: "other" });
  expect(JSON.stringify(outcome)).not.toContain("secret");
  expect(JSON.stringify(outcome)).toContain("connection refused");
});

test("the URL may be a template, and a failing one is not tried again", async () => {
  await using sink = await httpSink();
  await deliverOnce(receiver(`url: '${sink.url}/{{ .Status }}'`));
  expect(sink.requests[0]!.url).toBe("/firing");
  expect(await deliverOnce(receiver("url: '{{ .Nope }}'"))).toMatchObject({
    kind: "rejected",
    reason: 'template: :1:3: executing "" at <.Nope>: can\'t evaluate field Nope in type *template.Data',
  });
});

test.each([
  ["max_alerts: 1", "one of url or url_file must be configured"],
  ["url: 'http://a', url_file: b", "at most one of url & url_file must be configured"],
  ["url: 'ftp://a'", 'unsupported scheme "ftp" for URL'],
  ["url: 'http://a/{{ .St#atus }}'", "invalid template syntax: template: :1: bad character U+0023 '#'"],
  [`url: '{{ toUpper "a" }}'`, 'invalid template syntax: template: :1: function "toUpper" not defined'],
  ["url: 'http://a', uri: b", "field uri not found in type webhook.plain"],
  ["url: 'http://a', timeout: 1d", "cannot unmarshal !!str `1d` into time.Duration"],
])("webhook_configs [{%s}] is refused", (fields, message) => {
  expect(problemsOf(receiver(fields)).join("\n")).toContain(message);
});
