import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { hostedPanel, REFRESHED } from "../../testing/hosted-panel.tsx";
import { DrawnPage } from "../../../testing/drawn-page.tsx";
import { readOptions } from "../../contracts/option-table.ts";
import { annotationList } from "./index.ts";
import { addressOfMark, type KeptAnnotation, plainText } from "./kept-annotation.ts";
import { annotationListOptions } from "./options.ts";

const mark = (more: Partial<KeptAnnotation> = {}): KeptAnnotation => ({
  id: 1,
  dashboardUID: "own",
  panelId: 3,
  userId: 2,
  login: "ann",
  time: REFRESHED,
  timeEnd: REFRESHED,
  text: "Deploy <b>1.2</b> &amp; more",
  tags: ["deploy", "api"],
  ...more,
});

let page: DrawnPage;
let marks: readonly KeptAnnotation[];
const requests: string[] = [];

beforeEach(() => {
  requests.length = 0;
  marks = [mark()];
  page = new DrawnPage();
  vi.stubGlobal("fetch", async (url: string) => {
    requests.push(url);
    return Response.json(marks);
  });
});
afterEach(() => page.close());

test("annotations are listed with time, user and tags, and link to their dashboards and times", async () => {
  marks = [mark(), mark({ id: 2, text: "", login: "", tags: [], timeEnd: REFRESHED + 60_000 })];
  await page.draw(hostedPanel(annotationList, {}), "/d/own/x?var-host=a&from=now-1h&to=now");
  expect(requests).toEqual(["/api/annotations?type=annotation&limit=10"]);
  await page.until(() => expect(page.all("li")).toHaveLength(2));
  const [first, second] = page.all("li");
  expect(first?.textContent).toBe("Deploy 1.2 & more2026-01-01 12:00:00by anndeployapi");
  expect(second?.textContent).toBe("(no text)2026-01-01 12:00:00 – 2026-01-01 12:01:00");
  const [from, to] = [REFRESHED - 600_000, REFRESHED + 600_000];
  expect(first?.querySelector("a")?.getAttribute("href")).toBe(
    `/d/own/x?var-host=a&from=${from}&to=${to}&viewPanel=panel-3`,
  );
});

test("the request for the list contains the panel's options", async () => {
  const options = { onlyFromThisDashboard: true, onlyInTimeRange: true, tags: ["$team"], limit: 3, showTags: false };
  await page.draw(hostedPanel(annotationList, options));
  expect(requests).toEqual([
    `/api/annotations?type=annotation&limit=3&tags=storage&dashboardUID=own&from=${REFRESHED - 3_600_000}&to=${REFRESHED}`,
  ]);
  await page.until(() => expect(page.all("li button").map(({ textContent }) => textContent)).toEqual(["by ann"]));
});

test("a click on a tag or a user filters the list, and another click removes the filter", async () => {
  await page.draw(hostedPanel(annotationList, {}));
  await page.until(() => expect(page.all("li")).toHaveLength(1));
  await page.click(page.find("button", "deploy"));
  await page.until(() => expect(requests.at(-1)).toMatch(/tags=deploy$/));
  await page.click(page.find("button", "by ann"));
  await page.until(() =>
    expect(requests.at(-1)).toBe("/api/annotations?type=annotation&limit=10&tags=deploy&userId=2"),
  );
  await page.click(page.find("button", "deploy ✕"));
  await page.click(page.find("button", "by ann ✕"));
  expect(page.all("[role=group]")).toEqual([]);
});

test("an empty list shows a message, and a refused request shows the error", async () => {
  marks = [];
  await page.draw(hostedPanel(annotationList, {}));
  await page.until(() => expect(page.all("[role=region]")[0]?.textContent).toBe("No annotations found"));
  vi.stubGlobal("fetch", async () => Response.json({ message: "not for you" }, { status: 403 }));
  await page.draw(hostedPanel(annotationList, { limit: 5 }));
  await page.until(() => expect(page.all("[role=region]")[0]?.textContent).toBe("not for you"));
});

test.each([
  [{ dashboardUID: "a/b" }, {}, "/d/a%2Fb?from=400000&to=1600000&viewPanel=panel-3"],
  [{ dashboardUID: "other" }, { navigateToPanel: false, navigateBefore: "1h" }, "/d/other?from=-2600000&to=1600000"],
  [{ dashboardUID: "other", panelId: 0 }, { navigateAfter: "what" }, "/d/other?from=400000&to=1600000"],
  [{ dashboardUID: "" }, {}, "/d/own?from=400000&to=1600000"],
])("a mark %j with the options %j leads to %s", (more, options, expected) => {
  const at = { time: 1_000_000, timeEnd: 1_000_000, ...more };
  const here = { uid: "own", address: "/d/own?viewPanel=panel-9&from=now-1h" };
  expect(addressOfMark(mark(at), readOptions(annotationListOptions, options), here)).toBe(expected);
});

test("only the text of HTML in annotations is shown, without its elements", () => {
  expect(plainText("a < b & c")).toBe("a < b & c");
  expect(plainText("<img src=x onerror=alert(1)>up <a href='javascript:x'>here</a>")).toBe("up here");
});
