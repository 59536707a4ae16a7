import fastify from "fastify";
import { expect, test } from "vitest";
import { answerUnknownRoutes, redirectUncleanPaths, routableUrl } from "./go-router.ts";

test.each([
  ["/metrics?a=//", undefined],
  ["/a%2fb", undefined],
  ["//metrics", "/metrics"],
  ["/a//b/?x=1", "/a/b/?x=1"],
  ["/a%2f%2fb", "/a/b"],
])("a request for %s is sent to %s", async (path, location) => {
  const app = fastify();
  redirectUncleanPaths(app);
  app.get("/*", (_request, reply) => reply.send("here"));
  const answer = await app.inject(path);
  expect([answer.statusCode, answer.headers["location"]]).toEqual(
    location === undefined ? [200, undefined] : [301, location],
  );
});

test("routableUrl() replaces invalid UTF-8 in a path, and leaves the query unchanged", () => {
  expect(routableUrl("/a%ffb?x=%ff")).toBe("/a%EF%BF%BDb?x=%ff");
  expect(routableUrl("/%C3%A4?x=%ff")).toBe("/%C3%A4?x=%ff");
});

test.each([
  ["GET", "/api/v1?x=%31", 301, "/api/v1/?x=%31"],
  ["GET", "/api/v%31", 301, "/api/v1/"],
  ["POST", "/api/v%31/", 405, undefined],
  ["GET", "/api/v%32", 404, undefined],
] as const)("%s %s is compared with routes after its escapes are resolved", async (method, url, status, location) => {
  const app = fastify();
  answerUnknownRoutes(app, true);
  app.get("/api/v1/", (_request, reply) => reply.send("here"));
  const answer = await app.inject({ method, url });
  expect([answer.statusCode, answer.headers["location"]]).toEqual([status, location]);
});
