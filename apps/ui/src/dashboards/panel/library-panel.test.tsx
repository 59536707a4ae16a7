import { readDashboard } from "@narthex/dashboards";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { OpenDashboard } from "../page/OpenDashboard.tsx";
import { DrawnPage } from "../../testing/drawn-page.tsx";
import LibraryPanelCard from "./LibraryPanelCard.tsx";

let page: DrawnPage;
beforeEach(() => {
  localStorage.clear();
  page = new DrawnPage();
});
afterEach(() => page.close());

async function drawReference(answer: () => Response): Promise<void> {
  const requests: string[] = [];
  vi.stubGlobal("fetch", async (url: string) => {
    requests.push(url);
    return answer();
  });
  const libraryPanel = { uid: "l 1", name: "Load" };
  const read = await readDashboard({ uid: "d", schemaVersion: 43, panels: [{ id: 7, libraryPanel }] });
  const [panel] = read.dashboard.panels;
  const card = <LibraryPanelCard panel={panel!} scoped={new Map()} width={300} height={200} isVisible />;
  await page.draw(
    <OpenDashboard dashboard={{ ...read.dashboard, panels: [] }} meta={{}} sources={[]} surface={card} />,
  );
  await page.until(() => expect(page.all("[data-panel-id='7']")[0]?.dataset["panelState"]).not.toBe("loading"));
  expect(requests[0]).toContain("/api/library-elements/l%201");
}

test("a panel that is only a reference is loaded from the library", async () => {
  const model = { id: 99, type: "text2", title: "Shared", content: "From the library", mode: "markdown" };
  await drawReference(() => Response.json({ result: { model } }));
  const [shown] = page.all("[data-panel-id='7']");
  expect(shown!.dataset).toMatchObject({ panelType: "text", panelState: "data" });
  expect(shown!.getAttribute("aria-label")).toBe("Shared");
});

test("a panel that is not in the library shows an error", async () => {
  await drawReference(() => Response.json({ message: "library element could not be found" }, { status: 404 }));
  const [shown] = page.all("[data-panel-id='7']");
  expect(shown!.dataset["panelState"]).toBe("error");
  expect(shown!.textContent).toContain("“Load” is not in the library");
});

test("a library panel without a kind is not looked up endlessly", async () => {
  await drawReference(() => Response.json({ result: { model: { title: "Shared" } } }));
  const [shown] = page.all("[data-panel-id='7']");
  expect(shown!.dataset["panelState"]).toBe("error");
  expect(shown!.textContent).toContain("The library panel has no type.");
});
