import { expect, test } from "vitest";
import { NoDataError } from "../no-data-error.ts";
import { timexReader } from "./clock-discipline.ts";

test("a processor with a 32-bit long has no data about the clock", async () => {
  await expect(timexReader("arm")()).rejects.toThrow(NoDataError);
});
