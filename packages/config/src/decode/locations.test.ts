import { expect, test } from "vitest";
import { redactUrl, urlProblem, withoutPassword } from "./locations.ts";

test.each([
  ["http://u:p@h:1/x y", "http://u:xxxxx@h:1/x%20y"],
  ["HTTP://a/é", "http://a/%C3%A9"],
  ["http://a/%7e?x=y z", "http://a/%7e?x=y z"],
  ["/relative", "/relative"],
  ["mailto:x", "mailto:x"],
  ["http://u:p@q@h/", "http://u:xxxxx@h/"],
])("redactUrl(%j) is %j", (url, shown) => {
  expect(redactUrl(url)).toBe(shown);
});

test.each([
  ["u:p@h:8500", "u:xxxxx@h:8500"],
  ["http://u:p/q@h/", "http://u:xxxxx@h/"],
  ["mailto:ops@x", "mailto:ops@x"],
  ["http://h/a:b@c d", "http://h/a:b@c d"],
  ["unix:///a:b@c", "unix:///a:b@c"],
  ["h:8500", "h:8500"],
])("withoutPassword(%j) is %j", (text, shown) => {
  expect(withoutPassword(text)).toBe(shown);
});

test.each([
  ["http://u ser@a", 'parse "http://u ser@a": net/url: invalid userinfo'],
  ["http://a:b", 'parse "http://a:b": invalid port ":b" after host'],
  ["http://a/%zz", 'parse "http://a/%zz": invalid URL escape "%zz"'],
  [":a", 'parse ":a": missing protocol scheme'],
  ["1a:b", 'parse "1a:b": first path segment in URL cannot contain colon'],
  ["http://u:p%40@h:1/x y", undefined],
  ["http://u:secret@a:b", 'parse "http://u:xxxxx@a:b": invalid port ":b" after host'],
  ["http://u:sec/ret@a:1", 'parse "http://u:xxxxx@a:1": invalid port after host'],
  ["http://u:se%cret@a:1", 'parse "http://u:xxxxx@a:1": invalid URL escape'],
  ["1u:secret@a:1", 'parse "1u:xxxxx@a:1": first path segment in URL cannot contain colon'],
  ["http://u@a:b/x@y", 'parse "http://u@a:b/x@y": invalid port ":b" after host'],
])("urlProblem(%j) is %j", (url, problem) => {
  expect(urlProblem(url)).toBe(problem);
});
