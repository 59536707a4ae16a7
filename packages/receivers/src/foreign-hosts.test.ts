import { type RecordedAnswer, recordingServer, type RecordingServer } from "@narthex/http/testing";
import { hasOpenssl } from "@narthex/tls/testing";
import { expect, test } from "vitest";
import { RECEIVER_KINDS } from "./registry.ts";
import { deliverOnce } from "./testing/open-receiver.ts";
import { proxySink } from "./testing/proxy-sink.ts";

/** Part of every secret in the test. A request that contains it reveals a secret. */
const CANARY = "canary-5f1d";
const BASIC = `Basic ${btoa(`u:${CANARY}`)}`;

/**
 * Configurations for each kind of receiver that can send to `host`, with secrets in every field that may contain one.
 */
const FIELDS: Readonly<Record<string, (host: string) => readonly string[]>> = {
  discord: (host) => [`webhook_url: 'http://${host}/${CANARY}'`],
  incidentio: (host) => [`url: 'http://${host}/x', alert_source_token: ${CANARY}`],
  pagerduty: (host) => [`url: 'http://${host}/x', routing_key: ${CANARY}`],
  slack: (host) => [
    `channel: c, api_url: 'http://${host}/${CANARY}'`,
    `channel: c, app_url: 'http://${host}/api/chat.postMessage', app_token: ${CANARY}`,
    `channel: c, api_url: 'http://${host}/x', http_config: {authorization: {credentials: ${CANARY}}}`,
  ],
  webhook: (host) => [
    `url: 'http://${host}/${CANARY}'`,
    `url: 'http://u:${CANARY}@${host}/x'`,
    `url: 'http://${host}/x', http_config: {basic_auth: {username: u, password: ${CANARY}}}`,
    `url: 'http://${host}/x', http_config: {http_headers: {X-Api-Key: {secrets: [${CANARY}]}}}`,
  ],
  opsgenie: (host) => [
    `api_url: 'http://${host}/x', api_key: ${CANARY}`,
    `api_url: 'http://${host}/x', api_key: ${CANARY}, update_alerts: true`,
  ],
  wechat: (host) => [`api_url: 'http://${host}/x/', corp_id: c, api_secret: ${CANARY}, to_user: a`],
  victorops: (host) => [`api_url: 'http://${host}/', api_key: ${CANARY}, routing_key: r`],
  sns: (host) => [
    `api_url: 'http://${host}', topic_arn: 'arn:aws:sns:a:1:t', sigv4: {region: a, access_key: ${CANARY}, secret_key: ${CANARY}}`,
  ],
  telegram: (host) => [`api_url: 'http://${host}', bot_token: ${CANARY}, chat_id: 1`],
  webex: (host) => [`api_url: 'http://${host}/x', room_id: r, http_config: {authorization: {credentials: ${CANARY}}}`],
  msteams: (host) => [`webhook_url: 'http://${host}/${CANARY}'`],
  msteamsv2: (host) => [`webhook_url: 'http://${host}/${CANARY}'`],
  jira: (host) => [
    `project: p, issue_type: b, api_url: 'http://${host}/rest/api/2', http_config: {basic_auth: {username: u, password: ${CANARY}}}`,
  ],
  rocketchat: (host) => [`api_url: 'http://${host}/', token: ${CANARY}, token_id: ${CANARY}, channel: c`],
  mattermost: (host) => [`webhook_url: 'http://${host}/${CANARY}'`],
};

/** Kinds of receivers that do not send HTTP requests to a configured address. */
const ELSEWHERE = ["email", "pushover"];

test("every kind of receiver is in the table", () => {
  expect([...Object.keys(FIELDS), ...ELSEWHERE].toSorted()).toEqual(RECEIVER_KINDS.map(({ kind }) => kind).toSorted());
});

/**
 * Starts a server with two host names. A request to the first host is redirected to the second host. A request to the
 * second host is answered with the text of the request.
 */
const redirecting = (status: number): Promise<RecordingServer> =>
  recordingServer(({ host, text }, { foreign }): RecordedAnswer =>
    host === "127.0.0.1"
      ? { status, headers: { location: `http://${foreign}/landed` } }
      : { status: 400, body: `refused: ${text}` },
  );

test.each(Object.keys(FIELDS).flatMap((kind) => [302, 307].map((status) => [kind, status] as const)))(
  "%s sends no secret to the host that a redirect by %s leads to, and reports none",
  async (kind, status) => {
    await using server = await redirecting(status);
    for (const fields of FIELDS[kind]!(server.home)) {
      const outcome = await deliverOnce(`{name: all, ${kind}_configs: [{${fields}}]}`);
      expect(outcome.kind).not.toBe("sent");
      expect(JSON.stringify(outcome)).not.toContain(CANARY);
      const [here, ...there] = server.requests.splice(0);
      expect([here!.host, here!.text.includes(CANARY) || here!.headers.authorization === BASIC]).toEqual([
        "127.0.0.1",
        true,
      ]);
      for (const { host, text } of there) {
        expect([host, text.includes(CANARY) || text.includes(BASIC)]).toEqual(["127.0.0.2", false]);
      }
    }
  },
);

test.each(Object.keys(FIELDS))(
  "%s reports no secret that a service repeats, or that is in an address",
  async (kind) => {
    await using server = await recordingServer(({ text }) => ({ status: 400, body: text }));
    for (const fields of [...FIELDS[kind]!(server.home), ...FIELDS[kind]!("127.0.0.1:1")]) {
      const outcome = await deliverOnce(`{name: all, ${kind}_configs: [{${fields}}]}`);
      expect(outcome.kind).not.toBe("sent");
      expect(JSON.stringify(outcome)).not.toContain(CANARY);
      expect(JSON.stringify(outcome)).not.toContain(BASIC.slice(6));
    }
  },
);

test.each(["webhook", "slack", "opsgenie", "pagerduty"])("%s sends user and password of its URL", async (kind) => {
  await using server = await recordingServer(() => ({ body: "ok" }));
  const fields = FIELDS[kind]!(`u:${CANARY}@${server.home}`)[0]!;
  await deliverOnce(`{name: all, ${kind}_configs: [{${fields}}]}`);
  const { headers } = server.requests[0]!;
  expect(headers.authorization).toBe(kind === "opsgenie" ? `GenieKey ${CANARY}` : BASIC);
});

/** Receivers that send to a fixed address. In the test, a proxy answers instead of their services. */
const FIXED = [
  ["pushover", `user_key: ${CANARY}-user, token: ${CANARY}-token`],
  ["pagerduty", `service_key: ${CANARY}`],
] as const;

test.skipIf(!hasOpenssl()).each(FIXED.flatMap((row) => [302, 307].map((status) => [...row, status] as const)))(
  "%s with {%s} sends no secret to the host that a redirect by %s leads to",
  async (kind, fields, status) => {
    await using proxy = await proxySink({ status, headers: { location: "https://elsewhere.example/landed" } });
    const outcome = await deliverOnce(`{name: all, ${kind}_configs: [{${fields}, ${proxy.section}}]}`);
    expect(outcome.kind).not.toBe("sent");
    expect(JSON.stringify(outcome)).not.toContain(CANARY);
    const [here, ...there] = proxy.requests.map(({ url, rawHeaders, body }) => [url, ...rawHeaders, body].join("\n"));
    expect(here).toContain(CANARY);
    for (const text of there) expect(text).toMatch(/^https:\/\/elsewhere\.example\//);
    expect(there.join("\n")).not.toContain(CANARY);
  },
);
