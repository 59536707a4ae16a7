import { expect, test } from "vitest";
import {
  AnswerError,
  readAddress,
  readChannel,
  readJob,
  readMailAddresses,
  readPassword,
  readWebhook,
} from "./answer-formats.ts";

function outcome(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    if (error instanceof AnswerError) return error.message;
    throw error;
  }
}

test.each([
  ["shop=localhost:8000", { name: "shop", scheme: "http", targets: ["localhost:8000"], path: "/metrics" }],
  ["a=x:1,[::1]:2/m/p", { name: "a", scheme: "http", targets: ["x:1", "[::1]:2"], path: "/m/p" }],
  ["my shop=https://x:443", { name: "my shop", scheme: "https", targets: ["x:443"], path: "/metrics" }],
  ["localhost:8000", expect.stringContaining("write NAME=HOST:PORT")],
  ["=x:1", expect.stringContaining("is empty")],
  ["a=", expect.stringContaining("write host:port")],
  ["a=x", expect.stringContaining("write host:port")],
  ["a=x:0", expect.stringContaining("1 to 65535")],
  ["a=x:70000", expect.stringContaining("1 to 65535")],
  ["a=[x]:1", expect.stringContaining("no valid host")],
  ["a=x y:1", expect.stringContaining("no valid host")],
  ["a=x:1,x:1", expect.stringContaining("twice")],
  ["a=x:1/m?q=1", expect.stringContaining("params")],
  ["a\nb=x:1", expect.stringContaining("cannot be printed")],
])("readJob(%j)", (text, expected) => expect(outcome(() => readJob(text))).toEqual(expected));

test.each([
  ["a@b.org, c@d", ["a@b.org", "c@d"]],
  ["{{ .x }}@b.org", expect.stringContaining("not a mail address")],
  ["team", expect.stringContaining("not a mail address")],
])("readMailAddresses(%j)", (text, expected) => expect(outcome(() => readMailAddresses(text))).toEqual(expected));

test.each([
  ["#alerts", "#alerts"],
  ["C024BE91L", "C024BE91L"],
  ["{{ .x }}", expect.stringContaining("not a channel")],
])("readChannel(%j)", (text, expected) => expect(outcome(() => readChannel(text))).toEqual(expected));

test("the error of readAddress() says what the address is for", () =>
  expect(outcome(() => readAddress("mail", "the mail server"))).toMatch(/^the mail server "mail"/));

test("no error message contains a secret", () => {
  expect(outcome(() => readPassword(" s3cret"))).not.toContain("s3cret");
  expect(outcome(() => readWebhook("ftp://s3cret"))).not.toContain("s3cret");
});
