import { Matcher } from "@narthex/model";
import { expect, test } from "vitest";
import { Refusal } from "../web/refusal.ts";
import { type LimitedRequest, limitedRequest } from "./limited-request.ts";

const TEAM_A = { kind: "matchers", matchers: [new Matcher("=", "team", "a")] } as const;

function limited(line: string, body = "", type = "prometheus", contentType = "application/x-www-form-urlencoded") {
  const [method = "", url = ""] = line.split(" ");
  const [path = "", search = ""] = url.split("?");
  const request = { method, path, search: new URLSearchParams(search), contentType, body };
  try {
    return limitedRequest(type, request, TEAM_A);
  } catch (error) {
    if (error instanceof Refusal) return error.statusCode;
    throw error;
  }
}

const parametersOf = (found: LimitedRequest | number): string =>
  typeof found === "number" ? String(found) : decodeURIComponent(found.form ?? found.search.toString());

test.each([
  ["GET api/v1/query?query=up&time=5", "", 'time=5&query=up{team="a"}'],
  ["POST api/v1/query_range", "query=up&start=1&end=2&step=3", 'start=1&end=2&step=3&query=up{team="a"}'],
  ["POST api/v1/query?query=a", "query=b", 'query=b{team="a"}'],
  ["POST api/v1/query?query=a", "", 'query=a{team="a"}'],
  ["GET api/v1/query?query=a", "query=b", 'query=a{team="a"}'],
  ["GET api/v1/query?query=a&extra_label=team=b&namespace=x", "", 'query=a{team="a"}'],
  ["GET api/v1/query_exemplars?query=a", "", 'query=a{team="a"}'],
  ["GET api/v1/series?match[]=up&match[]={job='b'}", "", 'match[]={team="a",__name__="up"}&match[]={team="a",job="b"}'],
  ["POST api/v1/labels", "", 'match[]={team="a"}'],
  ["GET api/v1/label/job/values?limit=3", "", 'limit=3&match[]={team="a"}'],
  ["GET api/v1/format_query?query=up&x=1", "", "query=up"],
  ["GET api/v1/query?query=sum(", "", "400"],
  ["GET api/v1/series?match[]=sum(up)", "", "400"],
])("%s with the form %j reaches the server as %s", (line, body, wanted) => {
  expect(parametersOf(limited(line, body)).replaceAll("+", " ")).toBe(wanted);
});

test.each([
  "GET api/v1/query/",
  "GET api//v1/query?query=up",
  "DELETE api/v1/series?match[]=up",
  "GET federate?match[]=up",
  "GET metrics",
  "GET api/v1/metadata",
  "GET api/v1/targets",
  "GET api/v1/status/tsdb",
  "GET api/v1/status/config",
  "POST api/v1/read",
  "GET api/v1/narthex/explain?query=up",
  "GET graph",
  "GET ",
])("%s is refused, because its answer cannot be limited", (line) => {
  expect(limited(line)).toBe(403);
});

test("a body that is no form is refused", () => {
  expect(limited("POST api/v1/query", '{"query":"up"}', "prometheus", "application/json")).toBe(403);
});

test.each([
  ["GET api/v2/alerts?silenced=false", "alertmanager", 'silenced=false&filter=team="a"'],
  ["GET api/v2/alerts/groups?filter=job=b", "alertmanager", 'filter=job=b&filter=team="a"'],
  ["GET api/v2/silences", "alertmanager", "403"],
  ["GET api/v2/status", "alertmanager", "403"],
  ["GET api/v1/metrics", "narthex-pushgateway", "403"],
  ["GET api/v1/query?query=up", "testdata", "403"],
  ["GET api/v1/query?query=up", "unknown", "403"],
])("%s of a source of the type %s reaches the server as %s", (line, type, wanted) => {
  expect(parametersOf(limited(line, "", type))).toBe(wanted);
});

test("a sender who may read nothing gets the reason", () => {
  const request = { method: "GET", path: "api/v1/query", search: new URLSearchParams(), contentType: "", body: "" };
  const nothing = { kind: "nothing", reason: "the teams differ" } as const;
  expect(() => limitedRequest("prometheus", request, nothing)).toThrow("You may read nothing: the teams differ");
});

test("answers about alerts and rules contain only those with the labels", () => {
  const alert = (team: string) => ({ labels: { team }, state: "firing" });
  const filtered = (line: string, data: object) => {
    const found = limited(line);
    return typeof found === "number" ? found : found.filter!({ status: "success", data });
  };
  expect(filtered("GET api/v1/alerts", { alerts: [alert("a"), alert("b")] })).toEqual({
    status: "success",
    data: { alerts: [alert("a")] },
  });
  const rule = (name: string, team: string, alerts?: object[]) => ({
    name,
    labels: { team },
    ...(alerts && { alerts }),
  });
  const groups = [
    {
      name: "g",
      rules: [rule("own", "a", [alert("b")]), rule("shared", "", [alert("a"), alert("b")]), rule("no", "b")],
    },
    { name: "h", rules: [rule("other", "b", [alert("b")])] },
  ];
  expect(filtered("GET api/v1/rules", { groups, groupNextToken: "t" })).toEqual({
    status: "success",
    data: {
      groups: [{ name: "g", rules: [rule("own", "a", []), rule("shared", "", [alert("a")])] }],
      groupNextToken: "t",
    },
  });
  expect(filtered("GET api/v1/rules", [])).toEqual({ status: "success", data: { groups: [] } });
});
