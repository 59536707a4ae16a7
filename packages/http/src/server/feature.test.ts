import { Lifecycle } from "@narthex/runtime";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { family } from "@narthex/exposition";
import { expect, test } from "vitest";
import { FeatureList } from "./feature.ts";
import { SelfMetrics } from "../metrics/self-metrics.ts";
import { createHttpServer } from "./server.ts";
import { access } from "./access.ts";

test("features are mounted and shown in the order in which they were opened, and stopped in reverse", async () => {
  const clock = new ManualClock(0);
  const logger = memoryLogger();
  const lifecycle = new Lifecycle({ clock, logger, deadlineMs: 1000 });
  const metrics = new SelfMetrics();
  const features = new FeatureList(lifecycle, metrics);
  const done: string[] = [];
  const storage = features.add({ name: "storage", size: 3, stop: () => void done.push("stop storage") });
  features.add({
    name: "queries",
    routes: ({ app }) => {
      done.push("routes");
      app.get("/size", access("read"), (_request, reply) => reply.send(String(storage.size)));
    },
    metrics: [() => [family("gauge", "size", "Size.", storage.size)]],
    stop: () => void done.push("stop queries"),
  });
  const http = await createHttpServer({ listen: ["127.0.0.1:0"], webConfigFile: "", clock, logger });
  await features.mount(http);
  expect((await http.app.inject("/size")).body).toBe("3");
  expect((await metrics.families()).map(({ name }) => name)).toEqual(["size"]);
  await http.app.close();
  await lifecycle.stop();
  expect(done).toEqual(["routes", "stop queries", "stop storage"]);
});
