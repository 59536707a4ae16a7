import { expect, test } from "vitest";
import { MESSAGES } from "../apps/dashboards/src/auth/external/external-account.ts";
import { SENTENCES } from "../apps/ui/src/dashboards/sign-in/refused-sign-in.ts";

test("the login page has a sentence for each reason for which the server refuses a sign-in at a provider", () => {
  expect(Object.keys(SENTENCES).toSorted()).toEqual(Object.keys(MESSAGES).toSorted());
});
