import { expect, test } from "vitest";
import { extendPath, goQuery, pathEscape, queryEscape, withParameter, withTrailingSlash } from "./go-url.ts";

test.each([
  ["a b+c", "a+b%2Bc"],
  ["-_.~", "-_.~"],
  ["!*'()", "%21%2A%27%28%29"],
  ["é/?&=\n", "%C3%A9%2F%3F%26%3D%0A"],
])("a query has %j as Go writes it", (text, escaped) => {
  expect(queryEscape(text)).toBe(escaped);
});

test.each([
  ["a/b c", "a/b%20c"],
  ["$&+,/:;=@", "$&+,/:;=@"],
  ["?#%[]!*'()", "%3F%23%25%5B%5D%21%2A%27%28%29"],
  ["é\ud800", "%C3%A9%EF%BF%BD"],
])("a path has %j as Go writes it", (text, escaped) => {
  expect(pathEscape(text)).toBe(escaped);
});

test("parameters are sorted by name", () => {
  expect(goQuery({ b: "2 3", a: "", "10": "x", "9": "y" })).toBe("10=x&9=y&a=&b=2+3");
});

test.each([
  ["http://h", "http://h/"],
  ["http://h/a", "http://h/a/"],
  ["http://h/a/", "http://h/a/"],
  ["http://h/a?b=/", "http://h/a/?b=/"],
])("%s gets a slash at the end of its path", (url, slashed) => {
  expect(withTrailingSlash(url)).toBe(slashed);
});

test("extending a path and setting a parameter keep the rest of the query", () => {
  expect(extendPath("http://h/a/?x=1", "b c")).toBe("http://h/a/b%20c?x=1");
  expect(withParameter("http://h/a?z=1&n=0", "n", "a b")).toBe("http://h/a?n=a+b&z=1");
});
