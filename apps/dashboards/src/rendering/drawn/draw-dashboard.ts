import {
  heightOf,
  interpolate,
  PAPER_AREAS,
  type PixelRect,
  plotTheme,
  type PlotTheme,
  printedPages,
  readDashboard,
  rectOf,
} from "@narthex/dashboards";
import { descriptionOf } from "@narthex/datasources";
import { box, drawPanel, emptyScene, type Scene, scenePng, textLine } from "@narthex/pictures";
import { runInTimeSlices, type Steps, TimeSlice } from "@narthex/runtime";
import { VisibleSources } from "../../access/visible-sources.ts";
import type { Context } from "../../context.ts";
import type { Dashboards } from "../../dashboards/dashboards.ts";
import type { Sources } from "../../datasources/sources.ts";
import type { PluginRegistry } from "../../plugins/plugin-registry.ts";
import { RenderError } from "../render-error.ts";
import type { DocumentOutput, PictureOutput, RenderRequest } from "../render-request.ts";
import type { DrawWithoutBrowser } from "../renderer.ts";
import { answeredPanels, type DrawnSources, type PlacedAnswer } from "./answered-panels.ts";
import { panelContents } from "./panel-contents.ts";
import { pictureDocument } from "./pdf-file.ts";

export interface DrawingOptions {
  readonly context: Context;
  readonly dashboards: Pick<Dashboards, "store">;
  readonly sources: Pick<Sources, "store" | "instances">;
  readonly registry: PluginRegistry;
}

/** Size of A4 paper and its margin, points. */
const PAPER = { portrait: { width: 595, height: 842 }, landscape: { width: 842, height: 595 } } as const;
const MARGIN_PT = 28;
/** Height of the line with the dashboard's title, and distance of a picture's panels to its edges, CSS pixels. */
const [HEAD_PX, EDGE_PX] = [36, 12];
/** Scale of the pictures in a document. */
const DOCUMENT_SCALE = 1.5;
const SLICE_MS = 5;

/** Returns the function that draws dashboards without a browser. */
export const drawerOf =
  (options: DrawingOptions): DrawWithoutBrowser =>
  async (request, signal) => {
    const { output, panelId } = request;
    const theme = request.theme === "dark" ? "dark" : "light";
    const width = output.format === "png" ? output.width : PAPER_AREAS[output.orientation].width;
    const { clock } = options.context;
    const { title, panels } = await withTimeLimit(clock, request.timeoutMs, signal, (limited) =>
      queried(options, request, { theme, width }, limited),
    );
    if (output.format === "pdf") return documentOf(panels, title, output, plotTheme(theme), clock);
    if (panelId === undefined) return pictureOf(panels, output, plotTheme(theme), clock);
    const wanted = panels.find(({ placed }) => placed.key === panelId || String(placed.panel.id) === panelId);
    if (wanted === undefined) throw new RenderError(`the dashboard has no panel ${JSON.stringify(panelId)}`);
    const scene = emptyScene(width, output.height > 0 ? output.height : width / 2, plotTheme(theme).surface);
    const place = { left: 0, top: 0, width: scene.width, height: scene.height };
    await draw(scene, [{ answer: wanted, rect: place }], plotTheme(theme), clock);
    return scenePng(scene, clock, output.scale);
  };

/** Runs `use` with a signal that is aborted after a time, or with the given signal. */
async function withTimeLimit<T>(
  clock: Context["clock"],
  ms: number,
  signal: AbortSignal,
  use: (limited: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const cancel = clock.after(ms, () => late.abort(new RenderError(`the rendering took longer than ${ms / 1000} s`)));
  try {
    return await use(AbortSignal.any([signal, late.signal]));
  } finally {
    cancel();
  }
}

interface Queried {
  readonly title: string;
  readonly panels: readonly PlacedAnswer[];
}

/** Reads a dashboard, and queries its panels with the rights of the request's account. */
async function queried(
  { context, dashboards, sources, registry }: DrawingOptions,
  { principal, dashboardUid, parameters, zone }: RenderRequest,
  { theme, width }: { readonly theme: "light" | "dark"; readonly width: number },
  signal: AbortSignal,
): Promise<Queried> {
  const record = dashboards.store.byUid(dashboardUid);
  const text = record === undefined ? undefined : await dashboards.store.textOf(record, record.version);
  if (text === undefined) throw new RenderError("the dashboard does not exist any more");
  const user = principal.name === "" ? "anonymous" : principal.name;
  const visible = new VisibleSources(sources, principal.identity, { user, right: "datasources:query" });
  const listed = listedSources(visible, registry);
  const { dashboard } = await readDashboard(JSON.parse(text), { sources: listed });
  const view = { dashboard, sources: { context: visible.context, listed }, parameters, zone, theme };
  const panels = await answeredPanels({ ...view, now: context.clock.now(), width }, signal);
  return { title: dashboard.title, panels };
}

const listedSources = (visible: VisibleSources, registry: PluginRegistry): DrawnSources["listed"] =>
  visible.sources().flatMap(({ uid, name, type, isDefault, jsonData }) => {
    const kind = registry.kindOf(type);
    const { timeInterval } = jsonData;
    if (kind === undefined) return [];
    const interval = typeof timeInterval === "string" ? timeInterval : "";
    return [{ uid, name, type, kind: descriptionOf(kind), isDefault, timeInterval: interval }];
  });

interface PlacedPicture {
  readonly answer: PlacedAnswer;
  readonly rect: PixelRect;
}

/** Draws a dashboard as one picture. */
async function pictureOf(
  panels: readonly PlacedAnswer[],
  { width, height, scale }: PictureOutput,
  theme: PlotTheme,
  clock: Context["clock"],
): Promise<Uint8Array> {
  const whole = heightOf(panels.map(({ placed }) => placed)) + 2 * EDGE_PX;
  const scene = emptyScene(width, height > 0 ? height : whole, theme.surface);
  const items = panels.map((answer) => {
    const rect = rectOf(answer.placed.position, scene.width - 2 * EDGE_PX);
    return { answer, rect: { ...rect, left: rect.left + EDGE_PX, top: rect.top + EDGE_PX } };
  });
  await draw(scene, items, theme, clock);
  return scenePng(scene, clock, scale);
}

/** Draws a dashboard on sheets of paper, without cutting a panel. */
async function documentOf(
  panels: readonly PlacedAnswer[],
  title: string,
  { orientation }: DocumentOutput,
  theme: PlotTheme,
  clock: Context["clock"],
): Promise<Uint8Array> {
  const area = PAPER_AREAS[orientation];
  const answers = new Map(panels.map((answer) => [answer.placed, answer]));
  const sheets = printedPages([...answers.keys()], area.width, area.height);
  const pages = [];
  for (const [i, sheet] of (sheets.length === 0 ? [[]] : sheets).entries()) {
    const scene = emptyScene(area.width, area.height + HEAD_PX, theme.surface);
    const style = { size: 20, color: theme.strong, isBold: true, room: area.width };
    if (i === 0) scene.shapes.push(textLine(0, 22, title, style));
    const items = sheet.map(({ placed, rect }) => ({
      answer: answers.get(placed)!,
      rect: { ...rect, top: rect.top + HEAD_PX },
    }));
    await draw(scene, items, theme, clock);
    pages.push({ png: await scenePng(scene, clock, DOCUMENT_SCALE), ...PAPER[orientation], margin: MARGIN_PT });
  }
  return pictureDocument(pages);
}

const draw = (
  scene: Scene,
  items: readonly PlacedPicture[],
  theme: PlotTheme,
  clock: Context["clock"],
): Promise<void> | void => runInTimeSlices(clock, drawItems(scene, items, theme), new TimeSlice(clock, SLICE_MS));

function* drawItems(scene: Scene, items: readonly PlacedPicture[], theme: PlotTheme): Steps<void> {
  for (const { answer, rect } of items) {
    const { left: x, top: y, width, height } = rect;
    const { panel, lookup } = answer;
    if (panel.type === "row") {
      const style = { size: 15, color: theme.strong, isBold: true, room: width };
      scene.shapes.push(textLine(x + 4, y + 20, interpolate(panel.title, lookup, "text"), style));
    } else {
      frame(scene, rect, theme);
      yield* drawPanel(scene, panelContents(answer), { x, y, width, height }, theme);
    }
    yield;
  }
}

/** Draws the border of a panel. */
function frame(scene: Scene, { left, top, width, height }: PixelRect, { grid }: PlotTheme): void {
  const paint = { color: grid };
  scene.shapes.push(
    box(left, top, width, 1, paint),
    box(left, top + height - 1, width, 1, paint),
    box(left, top, 1, height, paint),
    box(left + width - 1, top, 1, height, paint),
  );
}
