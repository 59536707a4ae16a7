import { expect, test } from "vitest";
import { seriesName } from "./series-name.ts";

test.each([
  [{}, "{}"],
  [{ __name__: "up" }, "up"],
  [{ __name__: "up", job: "a", env: "b" }, 'up{env="b", job="a"}'],
  [{ job: "a" }, '{job="a"}'],
  [{ __name__: "up", x: 'say "hi"\\\n' }, 'up{x="say \\"hi\\"\\\\\\n"}'],
  [{ __name__: "a.b", "c.d": "e" }, '{"a.b", "c.d"="e"}'],
  [{ __name__: "job:up:avg" }, "job:up:avg"],
])("seriesName(%j) is %s", (labels, text) => {
  expect(seriesName(labels)).toBe(text);
});
