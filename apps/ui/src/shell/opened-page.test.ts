import { expect, test, vi } from "vitest";
import { loadOpenedPage } from "./opened-page.ts";
import { whenLoaded } from "./when-loaded.tsx";

test.each([
  ["", "/things/7", "thing"],
  ["/prefix", "/prefix/things/7/", "thing"],
  ["/prefix", "/prefix", "start"],
  ["", "/things", undefined],
  ["", "/plain", undefined],
])("below %j the code of the page at %s is loaded", (root, path, name) => {
  const load = vi.fn<(name: string) => void>();
  const pageOf = (of: string) =>
    whenLoaded(async () => {
      load(of);
      return { default: () => null };
    });
  const pages = [
    { path: "/", Page: pageOf("start") },
    { path: "/things/:id", Page: pageOf("thing") },
    { path: "/plain", Page: () => null },
  ];
  loadOpenedPage({ pages }, path, root);
  expect(load.mock.calls).toEqual(name === undefined ? [] : [[name]]);
});
