import fastify from "fastify";
import { expect, test } from "vitest";
import { demandRights, giveRights, needs } from "./rights.ts";

test("demandRights() lets no server get ready with a route that does not say what it asks for", async () => {
  const app = fastify();
  demandRights(app);
  app.get("/known", needs("viewer"), () => "");
  await app.register(async (scope) => {
    giveRights(scope, () => needs("open"));
    scope.get("/given", () => "");
  });
  app.get("/forgotten", () => "");
  await expect(app.ready()).rejects.toThrow("GET /forgotten declares the right that it needs");
});
