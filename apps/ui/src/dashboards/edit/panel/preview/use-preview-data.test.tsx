import {
  type BoundVariable,
  type FrameAnswer,
  type Panel,
  panelKinds,
  readDashboard,
  readPanelSource,
} from "@narthex/dashboards";
import { act, useState } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { noScope } from "../../../data/panel/panel-request.ts";
import type { PanelData } from "../../../data/panel-data.ts";
import { useFeedData, usePanelFeed } from "../../../data/panel/use-panel-data.ts";
import { OpenDashboard } from "../../../page/OpenDashboard.tsx";
import { answerPanels } from "../../../testing/answer-panels.ts";
import { testSource } from "../../../testing/test-source.ts";
import { DrawnPage } from "../../../../testing/drawn-page.tsx";
import { type PreviewData, useFirstScope, usePreviewData } from "./use-preview-data.ts";

/** Texts of the queries that were sent since the last check. */
let sent: unknown[];
let answer: FrameAnswer;

let page: DrawnPage;
beforeEach(() => {
  localStorage.clear();
  page = new DrawnPage();
  sent = [];
  vi.stubGlobal("fetch", async (_: string, { body }: RequestInit) =>
    answerPanels(body as string, ({ expr }) => {
      sent.push(expr);
      return answer;
    }),
  );
  const times = Float64Array.of(1_000_000, 1_060_000);
  answer = {
    status: 200,
    frames: [
      {
        refId: "A",
        length: 2,
        fields: [
          { name: "Time", type: "time", config: {}, values: times },
          { name: "a", type: "number", config: {}, values: Float64Array.of(20, 90) },
          { name: "b", type: "number", config: {}, values: Float64Array.of(1, 2), labels: { host: "x" } },
        ],
      },
    ],
  };
});
afterEach(() => page.close());

const steps = [
  { value: null, color: "purple" },
  { value: 30, color: "yellow" },
];
const panelJson = (type: string) => ({
  id: 1,
  type,
  title: "$host",
  targets: [{ refId: "A", expr: "up{host=~'$host'}" }],
  transformations: [{ id: "organize", options: { renameByName: { a: "first" } } }],
  fieldConfig: {
    defaults: { unit: "percent", thresholds: { mode: "absolute", steps } },
    overrides: [
      {
        matcher: { id: "byName", options: "b" },
        properties: [{ id: "color", value: { mode: "fixed", fixedColor: "red" } }],
      },
      { matcher: { id: "byName", options: "first" }, properties: [{ id: "unit", value: "bytes" }] },
    ],
  },
});

let shown: PanelData;
let preview: PreviewData;
let show: (panel: Panel) => void;

/** Requests the data of a panel as on the dashboard and as in the editor. */
async function open(json: object, search = ""): Promise<Panel> {
  const read = await readDashboard({
    uid: "d",
    schemaVersion: 43,
    panels: [json],
    templating: { list: [{ name: "host", type: "custom", query: "x,y", multi: true, current: { value: ["x", "y"] } }] },
  });
  const [first] = read.dashboard.panels;
  function Both() {
    const [panel, setPanel] = useState(first!);
    show = setPanel;
    const scope: ReadonlyMap<string, BoundVariable> = useFirstScope(panel);
    shown = useFeedData(
      usePanelFeed({ panel, scoped: panel.repeat === undefined ? noScope : scope, width: 300, isEnabled: true }),
    );
    preview = usePreviewData(panel, scope, 300, true);
    return null;
  }
  const sources = [testSource({ uid: "p", isDefault: true })];
  await page.draw(
    <OpenDashboard dashboard={read.dashboard} meta={{}} sources={sources} surface={<Both />} />,
    `/d/d${search}`,
  );
  await page.until(() => expect([shown.isLoading, preview.shown.isLoading]).toEqual([false, false]));
  return first!;
}

test.each(panelKinds.filter(({ isFed }) => isFed).map(({ id }) => [id]))(
  "the preview of a %s has the same data and settings as the panel of the dashboard, also in a comparison",
  async (type) => {
    await open(panelJson(type), "?compare=1d");
    expect(preview.shown.frames).toEqual(shown.frames);
    expect(preview.shown.earlier?.frames).toEqual(shown.earlier?.frames);
    const [, a, b] = preview.shown.frames[0]!.fields;
    expect([a?.config.displayName, a?.config.unit, b?.config.unit]).toEqual(["first", "bytes", "percent"]);
    expect(a?.config.thresholds?.steps.map(({ color }) => color)).toEqual(["purple", "yellow"]);
    expect(b?.config.color).toMatchObject({ mode: "fixed", fixedColor: "red" });
    expect(preview.answered).toEqual(answer.frames);
  },
);

test("a changed option or title sends no query, a changed query does", async () => {
  const panel = await open(panelJson("stat"));
  sent = [];
  await act(async () => show(readPanelSource({ ...panel.source, title: "Other", options: { colorMode: "none" } })));
  await page.settle();
  expect(sent).toEqual([]);
  await act(async () => show(readPanelSource({ ...panel.source, targets: [{ refId: "A", expr: "changed" }] })));
  await page.settle();
  expect(sent).toEqual(["changed", "changed"]);
});

test("the preview of a repeated panel has the values of its first copy", async () => {
  await open({ ...panelJson("stat"), repeat: "host" });
  expect(new Set(sent)).toEqual(new Set(["up{host=~'x'}"]));
});

test("the preview shows an error if a transformation fails, and the editor still works", async () => {
  const panel = await open(panelJson("stat"));
  const options = {
    get renameByName(): never {
      throw new RangeError("Invalid array length");
    },
  };
  const changed = readPanelSource({ ...panel.source, transformations: [{ id: "organize", options: {} }] });
  await act(async () => show({ ...changed, transformations: [{ ...changed.transformations[0]!, options }] }));
  expect(preview.shown.error).toBe("The transformations failed: Invalid array length");
  expect(shown.error).toBe(preview.shown.error);
});
