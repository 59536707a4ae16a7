import fastify from "fastify";
import { expect, test } from "vitest";
import { redirectUncleanPaths } from "./clean-paths.ts";

test.each([
  ["/am//-/ready?x=1", "/am/-/ready?x=1"],
  ["/am", "/am/"],
  ["/am/api/v2", "/am/api/v2/"],
  ["/am/-/ready", undefined],
])("a request for %s is sent to %s", async (path, location) => {
  const app = fastify();
  redirectUncleanPaths(app, "/am");
  app.get("/*", (_request, reply) => reply.send("here"));
  const answer = await app.inject(path);
  expect([answer.statusCode, answer.headers["location"]]).toEqual(
    location === undefined ? [200, undefined] : [301, location],
  );
});
