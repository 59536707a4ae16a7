import { expect, test } from "vitest";
import { holds } from "./local-address.ts";

test.each([
  [":9090", "0.0.0.0:9090", true],
  [":9090", "10.0.0.1:9090", true],
  ["127.0.0.1:9090", ":9090", true],
  ["localhost:9090", ":9090", true],
  ["10.0.0.1:9090", ":9090", false],
  ["10.0.0.1:9090", "10.0.0.2:9090", false],
  [":9090", ":9091", false],
])("who listens at %s holds %s: %j", (held, listen, answer) => expect(holds([held], listen)).toBe(answer));
