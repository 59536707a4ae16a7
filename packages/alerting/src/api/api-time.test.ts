import { expect, test } from "vitest";
import { readTime } from "./api-time.ts";

const timeOf = (text: string): number | undefined => readTime({ kind: "string", text });

test("a time of more than 1,000 characters is refused with its beginning", () => {
  expect(timeOf("2024-01-01T00:00:00.5Z")).toBe(Date.UTC(2024, 0, 1) + 500);
  expect(() => timeOf(`2024-01-01T${"0".repeat(1_000_000)}:00:00Z`)).toThrow(
    /^parsing time "2024-01-01T0{50}.{1000,3000}$/s,
  );
});
