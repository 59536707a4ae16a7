import { expect, test } from "vitest";
import { errorHint } from "./error-hint.ts";

const error = (place: string, word: string, type = "identifier"): string =>
  `invalid parameter "query": ${place}: parse error: unexpected ${type} "${word}" in label matching, expected string`;

test.each([
  ["up{mode=idle}", error("1:9", "idle"), 'up{mode="idle"}'],
  ["up{code=500}", error("1:9", "500", "number"), 'up{code="500"}'],
  ["up\n + up{a=b, c=d}", error("2:9", "b"), 'up\n + up{a="b", c=d}'],
  ['up{ü="ü",mode=idle}', error("1:17", "idle"), 'up{ü="ü",mode="idle"}'],
])("for %s, the hint puts the value in quotes", (expr, message, fixed) => {
  expect(errorHint(expr, message)?.expr).toBe(fixed);
});

test.each([
  ["up{mode=idle}", error("1:3", "idle")],
  ["up{mode=idle}", error("7:9", "idle")],
  ["up{mode=idle}", "1:9: parse error: unexpected end of input"],
  ["", ""],
])("for %j and the error %j, there is no hint", (expr, message) => {
  expect(errorHint(expr, message)).toBeUndefined();
});
