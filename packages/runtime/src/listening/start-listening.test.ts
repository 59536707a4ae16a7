import { expect, test } from "vitest";
import { memoryLogger } from "../testing/memory-logger.ts";
import { startListening } from "./start-listening.ts";

test.each([
  [true, "TLS is enabled."],
  [false, "TLS is disabled."],
])("startListening() says each address, and whether TLS is in force (%s)", async (tls, text) => {
  const logger = memoryLogger();
  await startListening({ tls, start: async () => ["[::]:1", "127.0.0.1:2"] }, logger);
  expect(logger.lines.map(({ message, fields }) => [message, fields])).toEqual([
    ["Listening on", { address: "[::]:1" }],
    ["Listening on", { address: "127.0.0.1:2" }],
    [text, {}],
  ]);
});
