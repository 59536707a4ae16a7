import { Labels } from "@narthex/model";
import { assumeRoleXml, FakeAws } from "@narthex/http/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { httpSink } from "../testing/http-sink.ts";
import { KEY_HASH, NOTIFICATION, RESOLVED, deliverOnce, openReceiver, problemsOf } from "../testing/open-receiver.ts";
import { shown } from "../testing/outcome.ts";

let aws: FakeAws;
beforeEach(async () => {
  aws = await FakeAws.start();
  aws.actions.set("Publish", () => PUBLISHED);
});
afterEach(() => aws[Symbol.asyncDispose]());

/** The sample response in AWS' API reference for Publish. */
const PUBLISHED =
  '<PublishResponse xmlns="https://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>567910cd</MessageId></PublishResult>' +
  "<ResponseMetadata><RequestId>d74b8436</RequestId></ResponseMetadata></PublishResponse>";

const refusal = (code: string, message: string): string =>
  `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>${code}</Code>` +
  `<Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`;

const KEYS = "access_key: AKIDEXAMPLE, secret_key: wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

const receiver = (fields: string): string => `{name: all, sns_configs: [{${fields}}]}`;
const topic = (more = "", keys = `region: eu-west-1, ${KEYS}`): string =>
  receiver(`api_url: '${aws.url}', sigv4: {${keys}}, topic_arn: 'arn:aws:sns:us-east-2:1:t'${more}`);

const LIST =
  "Labels:\n - alertname = A b\n - i = 1\n - severity = critical\nAnnotations:\n - summary = x <b> & é\nSource: http://g/x?y=1&z=2\n";

test("a message is published as a signed form", async () => {
  expect(await deliverOnce(topic())).toEqual({ kind: "sent" });
  expect(await deliverOnce(topic(), { notification: RESOLVED })).toEqual({ kind: "sent" });
  expect(aws.calls.map(({ scope, accessKey }) => [scope, accessKey])).toEqual([
    ["eu-west-1/sns", "AKIDEXAMPLE"],
    ["eu-west-1/sns", "AKIDEXAMPLE"],
  ]);
  expect([...aws.calls[0]!.params]).toEqual([
    ["Action", "Publish"],
    ["Message", `x <b> & é\n\nAlerts Firing:\n${LIST}\n\n\n`],
    ["Subject", "[FIRING:1] A b (1 critical)"],
    ["TopicArn", "arn:aws:sns:us-east-2:1:t"],
    ["Version", "2010-03-31"],
  ]);
  expect(aws.calls[1]!.params.get("Message")).toBe(`x <b> & é\n\n\nAlerts Resolved:\n${LIST}\n\n`);
  expect(aws.calls[1]!.params.get("Subject")).toBe("[RESOLVED] A b (1 critical)");
});

test("the request line, headers and body are those of AWS' own library", async () => {
  await using sink = await httpSink({ type: "text/xml", body: PUBLISHED });
  const fields = `api_url: '${sink.url}/{{ .Status }}', sigv4: {region: r, ${KEYS}}, phone_number: '+1', subject: '', message: "*~ é"`;
  await deliverOnce(receiver(`${fields}, attributes: {'{{ .Status }}': v}`));
  const [request] = sink.requests;
  expect([request!.method, request!.url]).toEqual(["POST", "/firing"]);
  expect(request!.headers["content-type"]).toBe("application/x-www-form-urlencoded");
  expect(request!.headers["x-amz-date"]).toMatch(/^\d{8}T\d{6}Z$/);
  expect(request!.headers.authorization).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/r\/sns\/aws4_request/,
  );
  expect(request!.body).toBe(
    "Action=Publish&Message=%2A~+%C3%A9&MessageAttributes.entry.1.Name=firing&MessageAttributes.entry.1.Value.DataType=String" +
      "&MessageAttributes.entry.1.Value.StringValue=v&PhoneNumber=%2B1&Version=2010-03-31",
  );
});

test("a role is assumed", async () => {
  aws.actions.set("AssumeRole", () => assumeRoleXml("2126-01-01T00:00:00Z"));
  const role = `region: r, ${KEYS}, role_arn: 'arn:aws:iam::1:role/x', external_id: e`;
  expect(await deliverOnce(topic("", role), { env: { AWS_ENDPOINT_URL_STS: aws.url } })).toEqual({ kind: "sent" });
  expect(aws.calls.map(({ action, accessKey, sessionToken }) => [action, accessKey, sessionToken])).toEqual([
    ["AssumeRole", "AKIDEXAMPLE", ""],
    ["Publish", "ASIAROLE", "session"],
  ]);
  expect(aws.calls[0]!.params.get("ExternalId")).toBe("e");
});

test("a CA file that cannot be read is read again at the next attempt", async () => {
  const env = { AWS_CA_BUNDLE: "/nowhere/bundle.pem" };
  await using opened = await openReceiver(topic(), { env });
  for (const _ of [1, 2]) expect(shown(await opened.deliver())).toMatch(/^retry other: .*\/nowhere\/bundle\.pem/);
});

test("the signature has precedence over the global authorization", async () => {
  const global = "{http_config: {basic_auth: {username: u, password: p}}}";
  expect(await deliverOnce(topic(), { global })).toEqual({ kind: "sent" });
  expect(aws.calls).toHaveLength(1);
});

test("a message to a FIFO topic has the group's key twice", async () => {
  await deliverOnce(topic().replace(":t'", ":{{ .Status }}.fifo'"));
  expect(Object.fromEntries(aws.calls[0]!.params)).toMatchObject({
    TopicArn: "arn:aws:sns:us-east-2:1:firing.fifo",
    MessageDeduplicationId: KEY_HASH,
    MessageGroupId: KEY_HASH,
  });
});

test("a message is cut between characters at 256 KiB, an SMS at 1600 bytes, and both are marked as cut", async () => {
  const notification = { ...NOTIFICATION, groupLabels: Labels.of({ alertname: `a${"é".repeat(140_000)}` }) };
  const message = ", subject: s, message: '{{ .GroupLabels.alertname }}'";
  await deliverOnce(topic(message), { notification });
  const sms = receiver(`api_url: '${aws.url}', sigv4: {region: r, ${KEYS}}, phone_number: '+1'${message}`);
  await deliverOnce(sms, { notification });
  const sent = aws.calls.map(({ params }) => [
    Buffer.byteLength(params.get("Message")!),
    params.get("Message")!.at(-1),
    params.get("MessageAttributes.entry.1.Name"),
    params.get("MessageAttributes.entry.1.Value.StringValue"),
  ]);
  expect(sent).toEqual([
    [256 * 1024 - 1, "é", "truncated", "true"],
    [1599, "é", "truncated", "true"],
  ]);
});

test.each([
  ["", { AWS_REGION: "from-env" }, "from-env/sns"],
  ["", { AWS_DEFAULT_REGION: "default-env" }, "default-env/sns"],
  ["", {}, "us-east-2/sns"],
  ["region: own, ", { AWS_REGION: "from-env" }, "own/sns"],
])("the region comes from sigv4 {%s}, from %j, or from the topic", async (region, env, scope) => {
  const files = { AWS_CONFIG_FILE: "/nowhere/config", AWS_SHARED_CREDENTIALS_FILE: "/nowhere/credentials" };
  await deliverOnce(topic("", `${region}${KEYS}`), { env: { ...files, ...env } });
  expect(aws.calls[0]!.scope).toBe(scope);
});

test("nothing is sent without a region, and the next attempt looks for one again", async () => {
  const files = { AWS_CONFIG_FILE: "/nowhere/config", AWS_SHARED_CREDENTIALS_FILE: "/nowhere/credentials" };
  const fields = receiver(`api_url: '${aws.url}', sigv4: {${KEYS}}, phone_number: '+1'`);
  expect(shown(await deliverOnce(fields, { env: files }))).toBe(
    "retry other: region not configured in sns.sigv4.region or in default credentials chain",
  );
});

test("without api_url the region's endpoint is used, which the environment may replace", async () => {
  const fields = receiver(`sigv4: {region: r, ${KEYS}}, target_arn: 'arn:aws:sns:r:1:endpoint/x'`);
  await deliverOnce(fields, { env: { AWS_ENDPOINT_URL_SNS: aws.url } });
  expect(aws.calls[0]!.params.get("TargetArn")).toBe("arn:aws:sns:r:1:endpoint/x");
});

test.each([
  [403, refusal("AuthorizationError", "not you"), "rejected authError: unexpected status code 403: not you"],
  [400, refusal("InvalidParameter", "no such"), "rejected clientError: unexpected status code 400: no such"],
  [400, refusal("Throttling", "Rate exceeded"), "retry rateLimited: unexpected status code 400: Rate exceeded"],
  [429, refusal("Throttled", "slow"), "retry rateLimited: unexpected status code 429: slow"],
  [500, refusal("InternalFailure", "oh"), "retry serverError: unexpected status code 500: oh"],
  [503, "busy", "retry serverError: unexpected status code 503: busy"],
  [403, "<html>a proxy", "retry authError: unexpected status code 403: <html>a proxy"],
])("an answer of %d %s is %s", async (status, xml, outcome) => {
  aws.actions.set("Publish", () => ({ status, xml }));
  expect(shown(await deliverOnce(topic()))).toBe(outcome);
});

test.each([
  [", message: '{{ .Nope }}'", "execute 'message' template: "],
  [", subject: '{{ .Nope }}'", "execute 'subject' template: "],
  [", attributes: {a: '{{ .Nope }}'}", "execute 'attributes' template: "],
])("topic%s sends nothing", async (more, reason) => {
  expect(shown(await deliverOnce(topic(more)))).toContain(`rejected clientError: ${reason}`);
  expect(aws.calls).toEqual([]);
});

test.each([
  ["subject: a", "must provide either a Target ARN, Topic ARN, or Phone Number for SNS config"],
  ["topic_arn: a, phone_number: b", "must provide either a Target ARN, Topic ARN, or Phone Number for SNS config"],
  [
    "topic_arn: a, sigv4: {access_key: k}",
    "must provide a AWS SigV4 Access key and Secret Key if credentials are specified in the SigV4 config",
  ],
])("sns_configs [{%s}] is refused", (fields, message) => {
  expect(problemsOf(receiver(fields)).join("\n")).toContain(message);
});
