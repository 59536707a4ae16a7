import { expect, test } from "vitest";
import { decodeLabelName } from "./series-routes.ts";

test("decodeLabelName() decodes value-encoded names", () => {
  expect(decodeLabelName("job")).toBe("job");
  expect(decodeLabelName("U__a_2e_b__c")).toBe("a.b_c");
  expect(() => decodeLabelName("")).toThrow("invalid label name");
});
