import { expect, test } from "vitest";
import { sigV4Signer } from "./sigv4.ts";

const credentials = () =>
  Promise.resolve({ accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" });
const now = () => Date.parse("2015-08-30T12:36:00Z");

test("sigV4Signer() returns the signature of the example in AWS' documentation", async () => {
  const sign = sigV4Signer({ region: "us-east-1", service: "iam", credentials, now });
  const headers = await sign({
    method: "GET",
    url: new URL("https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08"),
    headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
    body: undefined,
  });
  expect(headers).toEqual({
    "content-type": "application/x-www-form-urlencoded; charset=utf-8",
    "x-amz-date": "20150830T123600Z",
    authorization:
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, " +
      "SignedHeaders=content-type;host;x-amz-date, " +
      "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
  });
});

test("sigV4Signer() sends the session token, looks up region and keys when it signs, and fails with their errors", async () => {
  const sign = sigV4Signer({
    region: () => Promise.resolve("eu-west-1"),
    service: "aps",
    credentials: async () => ({ ...(await credentials()), sessionToken: "t" }),
    now,
  });
  const request = { method: "POST", url: new URL("http://h:1/x"), headers: {}, body: Uint8Array.of(1, 2) };
  const headers = await sign(request);
  expect(headers["x-amz-security-token"]).toBe("t");
  expect(headers["authorization"]).toContain("/20150830/eu-west-1/aps/aws4_request, SignedHeaders=host;x-amz-date;");
  const without = sigV4Signer({
    region: "r",
    service: "aps",
    credentials: () => Promise.reject(new Error("no keys")),
    now,
  });
  await expect(without(request)).rejects.toThrow("no keys");
});
