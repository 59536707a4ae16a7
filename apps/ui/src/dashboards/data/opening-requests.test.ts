import { afterEach, expect, test, vi } from "vitest";
import { sendOpeningRequests } from "./opening-requests.ts";

afterEach(() => void vi.unstubAllGlobals());

/** Returns the paths of the requests that are sent early for a page. */
function requestedFor(pathname: string): readonly string[] {
  const requested: string[] = [];
  vi.stubGlobal("location", { pathname });
  vi.stubGlobal("fetch", async (url: string) => {
    requested.push(url);
    return Response.json({});
  });
  sendOpeningRequests();
  return requested;
}

test("only the pages that draw a dashboard request it early", () => {
  for (const path of ["/d/node", "/d/node/title", "/d/node/title/", "/d-solo/node", "/d-solo/node/title"])
    expect(requestedFor(path)).toEqual(["/api/dashboards/uid/node", "/api/narthex/sources"]);
  for (const path of ["/", "/dashboards/f/node/title", "/d/node/title/permissions", "/d/a%2Fb/title"])
    expect(requestedFor(path)).toEqual([]);
});
