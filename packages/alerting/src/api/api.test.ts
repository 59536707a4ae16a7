import type { FastifyInstance } from "fastify";
import { expect, test } from "vitest";
import { apiRig } from "../testing/api-rig.ts";
import { HandlerError } from "./api-fault.ts";

const ORIGIN = "http://x";
const preflight = (method: string, names?: string, origin = ORIGIN): Readonly<Record<string, string>> => ({
  ...(origin === "" ? {} : { origin }),
  "access-control-request-method": method,
  ...(names === undefined ? {} : { "access-control-request-headers": names }),
});

test.each([
  ["GET", {}, undefined],
  ["GET", { origin: ORIGIN }, "*"],
  ["POST", { origin: ORIGIN }, "*"],
  ["DELETE", { origin: ORIGIN }, undefined],
  ["OPTIONS", { origin: ORIGIN }, "*"],
] as const)("%s with the headers %j allows the origin %s, and is not cached", async (method, headers, allowed) => {
  const r = await apiRig();
  const answer = await r.call(method, "/status", undefined, headers);
  expect(answer.headers["access-control-allow-origin"]).toBe(allowed);
  expect(answer.headers).toMatchObject({ vary: "Origin", "cache-control": "no-store" });
});

test.each([
  [preflight("GET"), "GET", undefined],
  [preflight("HEAD"), "HEAD", undefined],
  [preflight("POST", "accept,content-type"), "POST", "accept,content-type"],
  [preflight("POST", "content-type,accept"), undefined, undefined],
  [preflight("POST", "accept,accept"), undefined, undefined],
  [preflight("POST", "authorization"), undefined, undefined],
  [preflight("DELETE"), undefined, undefined],
  [preflight("GET", undefined, ""), undefined, undefined],
])("the preflight %j allows %s with %s", async (headers, method, names) => {
  const r = await apiRig();
  const answer = await r.call("OPTIONS", "/alerts", undefined, headers);
  expect([answer.status, answer.text, answer.headers["cache-control"]]).toEqual([204, "", undefined]);
  const { vary, ...rest } = answer.headers;
  expect(vary).toBe("Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
  expect([
    rest["access-control-allow-origin"],
    rest["access-control-allow-methods"],
    rest["access-control-allow-headers"],
  ]).toEqual([method === undefined ? undefined : "*", method, names]);
});

test.each([
  ["/status", 200],
  ["/status/", 200],
  ["/alerts/", 200],
  ["/silence/11111111-1111-4111-8111-111111111111/", 404],
])("a slash may end the path %s", async (path, status) => {
  const r = await apiRig();
  const answer = await r.call("GET", path);
  expect([answer.status, answer.text.includes("was not found")]).toEqual([status, false]);
});

test.each([
  ["GET", "/none?a=b", 404, { code: 404, message: "path /api/v2/none was not found" }, undefined],
  ["PUT", "/status", 405, { code: 405, message: "method PUT is not allowed, but [GET] are" }, "GET"],
  ["PUT", "/alerts?x", 405, { code: 405, message: "method PUT is not allowed, but [POST,GET] are" }, "POST,GET"],
  ["PUT", "/silence/x/", 405, { code: 405, message: "method PUT is not allowed, but [GET,DELETE] are" }, "GET,DELETE"],
] as const)("%s %s answers %d", async (method, path, status, json, allow) => {
  const r = await apiRig();
  const answer = await r.call(method, path);
  expect([answer.status, answer.json, answer.headers["allow"]]).toEqual([status, json, allow]);
});

test.each([
  ["application/json", 200],
  ["text/html, application/*;q=0.5", 200],
  ["*/*; q=0.1", 200],
  ["application/json;q=0", 406],
  ["application/json; q=0.00", 406],
  ["text/html", 406],
])("a GET request that accepts %s is answered with %d", async (accept, status) => {
  const r = await apiRig();
  const answer = await r.call("GET", "/status", undefined, { accept });
  expect(answer.status).toBe(status);
  if (status === 406) {
    const message = "unsupported media type requested, only [application/json] are available";
    expect(answer.json).toEqual({ code: 406, message });
  }
});

test.each([
  ["text/html", 415, 'unsupported media type "text/html", only [application/json] are allowed'],
  ["*/*", 500, "no consumer registered for */*"],
  ["x", 400, 'parsing Content-Type header from "x" failed, because mediatype: malformed: "x" has no subtype'],
  [
    "x/y z",
    400,
    'parsing Content-Type header from "x/y z" failed, because mime: unexpected content after media subtype',
  ],
  ["x y", 400, 'parsing Content-Type header from "x y" failed, because mime: expected slash after first token'],
  [";", 400, 'parsing Content-Type header from ";" failed, because mime: no media type'],
])("a body of the type %s is refused", async (type, status, message) => {
  const r = await apiRig();
  const headers = { "content-type": type };
  expect(await r.call("POST", "/alerts", "[]", headers)).toMatchObject({ status, json: { code: status, message } });
  expect(await r.call("GET", "/status", "[]", headers)).toMatchObject({ status, json: { code: status, message } });
});

test("a body without a media type is refused as binary, and an empty body as missing", async () => {
  const r = await apiRig();
  const send = async (payload: string | undefined): Promise<unknown> => {
    const answer = await r.app.inject({
      method: "POST",
      url: "/api/v2/alerts",
      ...(payload === undefined ? {} : { payload }),
    });
    return [answer.statusCode, answer.json()];
  };
  const message = 'unsupported media type "application/octet-stream", only [application/json] are allowed';
  expect(await send("[]")).toEqual([415, { code: 415, message }]);
  expect(await send(undefined)).toEqual([422, { code: 602, message: "alerts in body is required" }]);
});

test("the status shows cluster, configuration, start, version and problems", async () => {
  const r = await apiRig({ features: { problems: () => ({ webConfig: "broken" }) } });
  const { text } = await r.call("GET", "/status");
  expect(text).toBe(
    '{"cluster":{"status":"disabled","peers":[]},"config":{"original":"route: <here> & there\\n"},' +
      '"uptime":"2026-11-20T00:00:00.000Z","versionInfo":{"version":"1"},"webConfig":"broken"}\n',
  );
});

test("errors of further routes are answered like those of the API", async () => {
  const failing = (path: string, error: unknown) => (app: FastifyInstance) =>
    void app.get(`/narthex/${path}`, () => Promise.reject(error));
  const teapot = Object.assign(new Error("a teapot"), { statusCode: 418 });
  const extensions = [
    failing("a", new HandlerError(409, "<no>")),
    failing("b", teapot),
    failing("c", new Error("bug")),
  ];
  const r = await apiRig({ features: { extensions } });
  expect(await r.get("/narthex/a")).toEqual([409, "<no>"]);
  expect(await r.get("/narthex/b")).toEqual([418, { code: 418, message: "a teapot" }]);
  expect(await r.get("/narthex/c")).toEqual([500, { code: 500, message: "bug" }]);
});
