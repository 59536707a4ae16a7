import { expect, test } from "vitest";
import { fakeJira } from "../testing/fake-jira.ts";
import { httpSink, type SinkAnswer } from "../testing/http-sink.ts";
import { RESOLVED, deliverOnce, problemsOf } from "../testing/open-receiver.ts";

const LABEL = "ALERT{1db498480ec4eab785a9ebb077ea788c04edbf5d411b7603a47eb39ab9df71e6}";
const BASE = "project: P, issue_type: Bug";

const receiver = (fields: string): string => `{name: all, jira_configs: [{${BASE}, ${fields}}]}`;
const at = (url: string, more = ""): string => receiver(`api_url: '${url}/rest/api/2'${more}`);

const steps = ({ requests }: { requests: readonly { method: string; url: string }[] }): string[] =>
  requests.map(({ method, url }) => `${method} ${url.replace("/rest/api/2/", "")}`);

test("jira searches, then creates an issue", async () => {
  await using jira = await fakeJira();
  expect(await deliverOnce(at(jira.url))).toEqual({ kind: "sent" });
  const [search, create] = jira.requests;
  expect(jira.requests).toHaveLength(2);
  expect(search).toMatchObject({ method: "POST", url: "/rest/api/2/search" });
  expect(search!.body).toBe(
    `{"fields":["status"],"jql":"statusCategory != Done and project=\\"P\\" and labels=\\"${LABEL}\\" order by status ASC,resolutiondate DESC","maxResults":2}\n`,
  );
  expect(create).toMatchObject({ method: "POST", url: "/rest/api/2/issue" });
  for (const { headers } of jira.requests) {
    expect(headers).toMatchObject({ "content-type": "application/json", "accept-language": "en" });
    expect(headers["user-agent"]).toBe("Go-http-client/1.1");
  }
  expect(create!.body).toBe(
    '{"fields":{"description":"\\n\\n# Alerts Firing:\\n\\nLabels:\\n  - alertname = A b\\n  - i = 1\\n  - severity = critical\\n\\nAnnotations:\\n  - summary = x \\u003cb\\u003e \\u0026 é\\n\\n' +
      `Source: http://g/x?y=1\\u0026z=2\\n\\n\\n\\n\\n","issuetype":{"name":"Bug"},"labels":["${LABEL}"],"priority":{"name":"High"},"project":{"key":"P"},"summary":"[FIRING:1] A b (1 critical)"}}\n`,
  );
});

test("jira creates no issue for a resolved group", async () => {
  await using jira = await fakeJira();
  expect(await deliverOnce(at(jira.url), { notification: RESOLVED })).toEqual({ kind: "sent" });
  expect(steps(jira)).toEqual(["POST search"]);
});

test("jira updates the open issue of a group that still fires", async () => {
  await using jira = await fakeJira();
  const issue = jira.add([LABEL]);
  jira.add([LABEL]);
  expect(await deliverOnce(at(jira.url, ", reopen_transition: Reopen, resolve_transition: Close"))).toEqual({
    kind: "sent",
  });
  expect(steps(jira)).toEqual(["POST search", "PUT issue/P-1"]);
  expect(issue.fields).toMatchObject({ summary: "[FIRING:1] A b (1 critical)", labels: [LABEL] });
});

test("jira moves the issue of a resolved group", async () => {
  await using jira = await fakeJira();
  const issue = jira.add([LABEL]);
  const outcome = await deliverOnce(at(jira.url, ", resolve_transition: Close"), { notification: RESOLVED });
  expect(outcome).toEqual({ kind: "sent" });
  expect(steps(jira)).toEqual([
    "POST search",
    "PUT issue/P-1",
    "GET issue/P-1/transitions",
    "POST issue/P-1/transitions",
  ]);
  expect(jira.requests[2]!.headers).toMatchObject({ "content-type": "application/json", "accept-language": "en" });
  expect(jira.requests[3]!.body).toBe('{"transition":{"id":"31"}}\n');
  expect(issue).toMatchObject({ status: "Done", fields: { summary: "[RESOLVED] A b (1 critical)" } });
});

test("jira only updates the issue of a resolved group if no transition is configured", async () => {
  await using jira = await fakeJira();
  jira.add([LABEL]);
  expect(await deliverOnce(at(jira.url, ", reopen_transition: Reopen"), { notification: RESOLVED })).toEqual({
    kind: "sent",
  });
  expect(steps(jira)).toEqual(["POST search", "PUT issue/P-1"]);
});

test("jira reopens an issue that was closed a short time ago", async () => {
  await using jira = await fakeJira();
  const issue = jira.add([LABEL], { status: "Done", resolution: "Fixed", resolvedMinutesAgo: 90 });
  const fields = ", reopen_transition: Reopen, reopen_duration: 90m59s";
  expect(await deliverOnce(at(jira.url, fields))).toEqual({ kind: "sent" });
  expect(JSON.parse(jira.requests[0]!.body)).toMatchObject({
    jql: expect.stringMatching(/^\(resolutiondate is EMPTY OR resolutiondate >= -90m\) and project="P" and /),
  });
  expect(steps(jira).slice(1)).toEqual(["PUT issue/P-1", "GET issue/P-1/transitions", "POST issue/P-1/transitions"]);
  expect(issue.status).toBe("To Do");
});

test.each([
  ["closed a long time ago", ", reopen_transition: Reopen, reopen_duration: 1h", "Fixed"],
  ["closed, with no transition back", ", reopen_duration: 10d", "Fixed"],
  ["closed, with no time to come back in", ", reopen_transition: Reopen, reopen_duration: 59s", "Fixed"],
  [
    "closed by somebody who will not fix it",
    ', reopen_transition: Reopen, reopen_duration: 10d, wont_fix_resolution: "Won\'t Fix"',
    "Won't Fix",
  ],
])("jira makes a new issue when the old one is %s", async (_, fields, resolution) => {
  await using jira = await fakeJira();
  jira.add([LABEL], { status: "Done", resolution, resolvedMinutesAgo: 90 });
  expect(await deliverOnce(at(jira.url, fields))).toEqual({ kind: "sent" });
  expect(steps(jira)).toEqual(["POST search", "POST issue"]);
  expect(jira.issues).toHaveLength(2);
});

test("jira's search excludes the configured resolution", async () => {
  await using jira = await fakeJira();
  await deliverOnce(at(jira.url, `, wont_fix_resolution: 'a "b"'`));
  expect(jira.requests[0]!.body).toContain(
    String.raw`"jql":"(resolution is EMPTY or resolution != \"a \\\"b\\\"\") and statusCategory != Done and project=`,
  );
});

test("jira reports which transition is missing", async () => {
  await using jira = await fakeJira();
  jira.add([LABEL]);
  expect(await deliverOnce(at(jira.url, ", resolve_transition: Finish"), { notification: RESOLVED })).toEqual({
    kind: "rejected",
    failure: "other",
    reason: "can't find transition Finish for issue P-1",
  });
});

test("jira does not change texts that users may have edited", async () => {
  await using jira = await fakeJira();
  const fields = ", summary: {template: s, enable_update: false}, description: {enable_update: false}, priority: ''";
  await deliverOnce(at(jira.url, fields));
  expect(JSON.parse(jira.requests[1]!.body)).toMatchObject({
    fields: { summary: "s", description: expect.any(String) },
  });
  await deliverOnce(at(jira.url, fields));
  expect(jira.requests[3]!.method).toBe("PUT");
  expect(jira.requests[3]!.body).toBe(
    `{"fields":{"issuetype":{"name":"Bug"},"labels":["${LABEL}"],"project":{"key":"P"}}}\n`,
  );
});

test("jira's texts are templates, labels are sorted, and custom fields may have any type", async () => {
  await using jira = await fakeJira();
  const custom =
    "fields: {customfield_1: {'k{{ .Status }}': ['{{ .GroupLabels.alertname }}', 2, true, null]}, big: 123456789012345678, components: {name: 'x'}, n: '{{ len .Alerts }}', summary: own, '{{ x': a}";
  const fields = `, labels: [zeta, '{{ .Status }}', Alpha, '<é>'], description: '', priority: 'P{{ .Status }}', ${custom}`;
  const text = `{name: all, jira_configs: [{project: 'P{{ "" }}', issue_type: 'T{{ .Status }}', api_url: '${jira.url}/rest/api/2/'${fields}}]}`;
  expect(await deliverOnce(text)).toEqual({ kind: "sent" });
  expect(jira.requests[1]!.body).toBe(
    `{"fields":{"big":123456789012345678,"components":{"name":"x"},"customfield_1":{"kfiring":["A b",2,true,null]},"issuetype":{"name":"Tfiring"},` +
      `"labels":["\\u003cé\\u003e","${LABEL}","Alpha","firing","zeta"],"n":1,"priority":{"name":"Pfiring"},"project":{"key":"P"},"summary":"own","{{ x":"a"}}\n`,
  );
});

test("jira's texts are cut to Jira's limits, in code points", async () => {
  await using jira = await fakeJira();
  await deliverOnce(at(jira.url, `, summary: '${"é".repeat(256)}', description: '${"é".repeat(32768)}'`));
  expect(JSON.parse(jira.requests[1]!.body)).toMatchObject({
    fields: { summary: `${"é".repeat(254)}…`, description: `${"é".repeat(32766)}…` },
  });
});

test.each([
  ["api_url: 'URL/rest/api/2', api_type: cloud", "/rest/api/3/search/jql"],
  ["api_url: 'URL/rest/api/3/', api_type: cloud", "/rest/api/3/search/jql"],
  ["api_url: 'URL/rest/api/3', api_type: datacenter", "/rest/api/3/search"],
  ["api_url: 'URL/rest/api/3', api_type: auto", "/rest/api/3/search"],
])("jira searches at the place of its kind: %s", async (fields, path) => {
  await using jira = await fakeJira();
  await deliverOnce(receiver(`${fields.replace("URL", jira.url)}, description: ''`));
  expect(jira.requests[0]!.url).toBe(path);
});

test("jira at atlassian.net uses the API of the cloud", async () => {
  await using proxy = await httpSink({ body: '{"issues":[]}' });
  const fields = `api_url: 'http://name.atlassian.net/rest/api/2', http_config: {proxy_url: '${proxy.url}'}`;
  await deliverOnce(receiver(fields), { notification: RESOLVED });
  expect(proxy.requests.map(({ url }) => url)).toEqual(["http://name.atlassian.net/rest/api/3/search/jql"]);
});

test("jira's version 3 sends a document as description, unchanged", async () => {
  await using jira = await fakeJira();
  const document = ' {"type": "doc", "n": 1.0e2,\n "content": ["a \\" <b>  c", "{{ .Status }}"]} ';
  const fields = `api_url: '${jira.url}/rest/api/3', description: ${JSON.stringify(document)}`;
  expect(await deliverOnce(receiver(fields))).toEqual({ kind: "sent" });
  expect(jira.requests[1]!.body).toContain(
    String.raw`{"fields":{"description":{"type":"doc","n":1.0e2,"content":["a \" \u003cb\u003e  c","firing"]},"issuetype"`,
  );
});

test("jira's version 3 refuses a description that is not JSON, and omits an empty one", async () => {
  await using jira = await fakeJira();
  expect(await deliverOnce(receiver(`api_url: '${jira.url}/rest/api/3/', description: plain`))).toEqual({
    kind: "rejected",
    failure: "other",
    reason: "description template: invalid JSON for API v3",
  });
  expect(await deliverOnce(receiver(`api_url: '${jira.url}/rest/api/3/', description: ' '`))).toEqual({ kind: "sent" });
  expect(jira.requests.at(-1)!.body).not.toContain("description");
});

const BEFORE: Readonly<Record<string, readonly SinkAnswer[]>> = {
  search: [],
  issue: [{ body: '{"issues":[]}' }],
  update: [{ body: '{"issues":[{"key":"P-1","fields":{"status":{"statusCategory":{"key":"new"}}}}]}' }],
};

test.each([
  [
    "search",
    500,
    "retry",
    "serverError",
    "failed to look up existing issues: HTTP request to JIRA API: unexpected status code 500: why",
  ],
  [
    "search",
    429,
    "retry",
    "rateLimited",
    "failed to look up existing issues: HTTP request to JIRA API: unexpected status code 429: why",
  ],
  [
    "search",
    401,
    "rejected",
    "authError",
    "failed to look up existing issues: HTTP request to JIRA API: unexpected status code 401: why",
  ],
  ["issue", 400, "rejected", "clientError", 'failed to POST request to "issue": unexpected status code 400: why'],
  ["issue", 503, "retry", "serverError", 'failed to POST request to "issue": unexpected status code 503: why'],
  ["update", 404, "rejected", "clientError", 'failed to PUT request to "issue/P-1": unexpected status code 404: why'],
] as const)("jira's %s answered with %d is %s", async (step, status, kind, failure, reason) => {
  const answers = [...BEFORE[step]!, { status, body: "why" }];
  await using sink = await httpSink(() => answers.shift()!);
  expect(await deliverOnce(at(sink.url))).toEqual({ kind, failure, reason });
});

test("jira waits for the requested pause", async () => {
  await using sink = await httpSink({ status: 429, headers: { "retry-after": "5" }, body: "" });
  expect(await deliverOnce(at(sink.url))).toMatchObject({ kind: "retry", retryAfterMs: 5000 });
});

test("jira is tried again if it is unreachable, but not after an invalid answer", async () => {
  const gone = await deliverOnce(at("http://127.0.0.1:1"));
  expect(gone).toMatchObject({
    kind: "retry",
    reason: expect.stringMatching(/^failed to look up existing issues: .*refused/),
  });
  await using sink = await httpSink({ body: "<html>" });
  expect(await deliverOnce(at(sink.url))).toMatchObject({ kind: "rejected" });
});

test.each([
  ["project", "failed to look up existing issues: invalid project template or value: template: "],
  ["issue_type", "issue_type template: template: "],
  ["summary", "summary template: template: "],
  ["description", "description template: template: "],
  ["priority", "priority template: template: "],
  ["labels", "labels[0] template: template: "],
  ["fields", "fields template: template: "],
])("jira's faulty %s refuses the notification", async (name, reason) => {
  await using jira = await fakeJira();
  const value = name === "labels" ? "['{{ .Nope }}']" : name === "fields" ? "{a: ['{{ .Nope }}']}" : "'{{ .Nope }}'";
  const fields = Object.entries({ project: "P", issue_type: "Bug", [name]: value }).map(
    ([key, text]) => `${key}: ${text}`,
  );
  const outcome = await deliverOnce(
    `{name: all, jira_configs: [{api_url: '${jira.url}/rest/api/2', ${fields.join(", ")}}]}`,
  );
  expect(outcome).toMatchObject({ kind: "rejected", failure: "other", reason: expect.stringContaining(reason) });
});

test.each([
  ["issue_type: a, api_url: 'http://a'", "missing project in jira_config"],
  ["project: a, api_url: 'http://a'", "missing issue_type in jira_config"],
  [`${BASE}, api_type: server`, "unknown api_type on jira_config, must be auto, cloud or datacenter"],
  [`${BASE}, api_type: ''`, "unknown api_type on jira_config, must be auto, cloud or datacenter"],
  [BASE, "no global Jira Cloud URL set"],
  [`${BASE}, api_url: a`, 'unsupported scheme "" for URL'],
  [`${BASE}, summary: {text: a}`, "field text not found in type jira.plain"],
  [`${BASE}, reopen_duration: 5`, 'not a valid duration string: "5"'],
  [`${BASE}, title: a`, "field title not found in type jira.plain"],
])("jira_configs [{%s}] is refused", (fields, message) => {
  expect(problemsOf(`{name: all, jira_configs: [{${fields}}]}`).join("\n")).toContain(message);
});

test("jira uses the global URL", async () => {
  await using jira = await fakeJira();
  const global = `{jira_api_url: '${jira.url}/rest/api/2'}`;
  expect(await deliverOnce(`{name: all, jira_configs: [{${BASE}}]}`, { global })).toEqual({ kind: "sent" });
  expect(steps(jira)).toEqual(["POST search", "POST issue"]);
});
