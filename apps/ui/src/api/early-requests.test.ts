import { afterEach, expect, test, vi } from "vitest";
import { sendEarly, takeEarly } from "./early-requests.ts";

afterEach(() => vi.unstubAllGlobals());

test("only one caller gets the answer of an early request, or its error", async () => {
  const requested: string[] = [];
  vi.stubGlobal("fetch", (url: string) => {
    requested.push(url);
    return Promise.resolve(new Response(url === "/a" ? "[1]" : "", { status: url === "/a" ? 200 : 404 }));
  });
  sendEarly("/a");
  sendEarly("/b");
  expect(requested).toEqual(["/a", "/b"]);
  expect(await takeEarly("/a")).toEqual([1]);
  await expect(takeEarly("/b")).rejects.toMatchObject({ status: 404 });
  expect([takeEarly("/a"), takeEarly("/c")]).toEqual([undefined, undefined]);
});

test("an early request is sent again if no caller took its answer for too long", () => {
  const now = vi.spyOn(performance, "now").mockReturnValue(1000);
  vi.stubGlobal("fetch", () => Promise.resolve(new Response("1")));
  sendEarly("/a");
  now.mockReturnValue(12_000);
  expect(takeEarly("/a")).toBeUndefined();
  now.mockRestore();
});
