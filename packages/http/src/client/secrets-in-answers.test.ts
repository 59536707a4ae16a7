import { expect, test } from "vitest";
import { secretFormFields, withoutSecrets } from "./secrets-in-answers.ts";

const FORM = { "Content-Type": "application/x-www-form-urlencoded;charset=UTF-8" };

test("the fields of a token request that contain secrets are found by their names", () => {
  const body = new URLSearchParams([
    ["grant_type", "refresh_token"],
    ["client_id", "id"],
    ["client_secret", "a"],
    ["refresh_token", "b c"],
    ["assertion", "d"],
    ["client_assertion", "e"],
    ["client_assertion_type", "urn:x"],
    ["password", "f"],
    ["NextToken", "page 2"],
  ]).toString();
  expect(secretFormFields(FORM, body)).toEqual(["a", "b c", "d", "e", "f"]);
  expect(secretFormFields({}, body)).toEqual([]);
  expect(secretFormFields(FORM, undefined)).toEqual([]);
});

test("secrets are hidden in every spelling, short texts are not", () => {
  const secret = 'a "b" <c>/d';
  const spellings = [secret, JSON.stringify(secret), 'a "b" &lt;c&gt;/d', "a+%22b%22+%3Cc%3E%2Fd"];
  expect(withoutSecrets(spellings.join("\n"), [secret, "abc"])).toBe('<secret>\n"<secret>"\n<secret>\n<secret>');
  expect(withoutSecrets("abc", ["abc"])).toBe("abc");
});

test.each([
  ["Bearer canary-1234, then", "<secret>, then"],
  ["assertion=eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhIn0.c2lnbmF0dXJl&x=1", "assertion=<secret>&x=1"],
  ["eyJhbGciOiJSUzI1NiJ9 is no token", "eyJhbGciOiJSUzI1NiJ9 is no token"],
])("in %j, credentials are hidden by their form", (text, hidden) => {
  expect(withoutSecrets(text, [])).toBe(hidden);
});
