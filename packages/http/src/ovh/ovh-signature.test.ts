import { expect, test } from "vitest";
import { ovhHeaders } from "./ovh-signature.ts";

test("the signature covers keys, method, URL, body and time", () => {
  const keys = { applicationKey: "app", applicationSecret: "secret", consumerKey: "consumer" };
  const request = { method: "GET", url: "https://eu.api.ovh.com/1.0/vps", body: "" };
  const headers = ovhHeaders(keys, request, 1_366_560_945);
  expect(headers).toEqual({
    "x-ovh-application": "app",
    "x-ovh-consumer": "consumer",
    "x-ovh-timestamp": "1366560945",
    // printf 'secret+consumer+GET+https://eu.api.ovh.com/1.0/vps++1366560945' | sha1sum
    "x-ovh-signature": "$1$7250e1a05e275ae6275133a3af2b4d3edbfd0676",
  });
  const signature = (change: object): string | undefined =>
    ovhHeaders(keys, { ...request, ...change }, 1_366_560_945)["x-ovh-signature"];
  expect(signature({ method: "POST" })).not.toBe(signature({}));
  expect(signature({ body: "{}" })).not.toBe(signature({}));
});
