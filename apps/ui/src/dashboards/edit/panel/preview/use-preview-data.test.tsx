import { type Lookup, readDashboard } from "@narthex/dashboards";
import { afterEach, beforeEach, expect, test } from "vitest";
import { OpenDashboard } from "../../../page/OpenDashboard.tsx";
import { DrawnPage } from "../../../../testing/drawn-page.tsx";
import { usePreviewData } from "./use-preview-data.ts";

let page: DrawnPage;
beforeEach(() => {
  localStorage.clear();
  page = new DrawnPage();
});
afterEach(() => page.close());

const failing: Lookup = () => {
  throw new RangeError("Invalid array length");
};

test("the preview shows an error if a transformation throws, and the editor still works", async () => {
  const { dashboard } = await readDashboard({
    uid: "d",
    schemaVersion: 43,
    panels: [
      {
        id: 1,
        type: "text",
        transformations: [{ id: "filterFieldsByName", options: { include: { pattern: "$name" } } }],
      },
    ],
  });
  function Preview() {
    const { shown } = usePreviewData(dashboard.panels[0]!, failing, 300, false);
    return <output>{shown.error}</output>;
  }
  await page.draw(<OpenDashboard dashboard={dashboard} meta={{}} sources={[]} surface={<Preview />} />);
  await page.until(() =>
    expect(page.all("output")[0]?.textContent).toBe("The transformations failed: Invalid array length"),
  );
});
