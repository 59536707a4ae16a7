import { expect, test } from "vitest";
import { parseReply } from "./smtp-reply.ts";

test("parseReply() returns the code and the text of each line", () => {
  expect(parseReply("250-a\n250-\n250 b c")).toEqual({ code: 250, lines: ["a", "", "b c"] });
});

test.each([
  ["220", "short response: 220"],
  ["250-a\nno SMTP", "short response: no SMTP"],
  ["22x a", "invalid response code: 22x a"],
])("parseReply(%j) throws: %s", (text, message) => {
  expect(() => parseReply(text)).toThrow(message);
});
