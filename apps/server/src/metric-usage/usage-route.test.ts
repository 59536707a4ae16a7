import { useEnvelope } from "@narthex/http";
import fastify from "fastify";
import { expect, test } from "vitest";
import { disabledUsageRoute } from "./usage-route.ts";

test("if usage is not recorded, the error contains the flag that enables it", async () => {
  const app = fastify();
  useEnvelope(app);
  disabledUsageRoute(app);
  const { statusCode, body } = await app.inject("/narthex/metric-usage");
  expect(statusCode).toBe(500);
  expect(JSON.parse(body)).toEqual({
    status: "error",
    errorType: "unavailable",
    error: "which metrics queries use is not recorded, start the server with --query.record-usage",
  });
});
