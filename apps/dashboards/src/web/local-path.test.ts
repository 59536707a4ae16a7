import fc from "fast-check";
import { expect, test } from "vitest";
import { localPath } from "./local-path.ts";

test.each([
  ["/d/x?from=now-1h#a", "/d/x?from=now-1h#a"],
  ["/größe", "/gr%C3%B6%C3%9Fe"],
  ["//host/x", undefined],
  ["/.//host/x", undefined],
  ["/a/..//host", undefined],
  ["/%2e//host", undefined],
  ["/\\host", undefined],
  ["/\t/host", undefined],
  ["/\u0001", undefined],
  ["http://host", undefined],
  ["", undefined],
])("localPath() of %j is %j", (path, expected) => {
  expect(localPath(path)).toBe(expected);
});

test("the result of localPath() stays on this server, even if it is parsed again", () => {
  const piece = fc.constantFrom("/", ".", "..", "%2e", "@", ":", "\\", "host", "?", "#", "ß", "\ud800");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const path = localPath(`/${pieces.join("")}`);
      if (path === undefined) return;
      expect(new URL(path, "http://a.example").origin).toBe("http://a.example");
      expect(localPath(path)).toBe(path);
      expect(path).toMatch(/^[ -~]+$/);
    }),
  );
});
