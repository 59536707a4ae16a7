import { launchChromium } from "./chromium-page.ts";
import { rounds } from "./flags.ts";
import { startLokiLines } from "./loki-lines.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";
import { ScratchFolder } from "./scratch-folder.ts";
import { startSourcesRole, untilPages } from "./sources-role.ts";

const USUAL_ROUNDS = 5;
const ROUNDS = rounds(USUAL_ROUNDS);
/** Number of panels of the source that answers, and numbers of panels of the source that hangs. */
const [PANELS, HANGING] = [12, [0, 1, 12, 24]] as const;
/** Largest number of ms for the panels of the source that answers, if the other source hangs. */
const PATIENCE_MS = 20_000;

/** Returns a dashboard whose first panels hang. All panels are visible without scrolling. */
function dashboard(hanging: number) {
  const panels = Array.from({ length: hanging + PANELS }, (_, at) => ({
    id: at + 1,
    type: "stat",
    title: `Panel ${at}`,
    gridPos: { x: (at % 12) * 2, y: 3 * Math.floor(at / 12), w: 2, h: 3 },
    ...(at < hanging
      ? { datasource: { uid: "hangs" }, targets: [{ refId: "A", expr: `count_over_time({app="${at}"}[1m])` }] }
      : {
          datasource: { uid: "td" },
          targets: [{ refId: "A", scenarioId: "csv_metric_values", stringInput: `1,${at}` }],
        }),
  }));
  return { uid: `hanging-${hanging}`, title: `${hanging} panels hang`, schemaVersion: 41, panels };
}

/** Waits until all panels that can have data are drawn. Resolves with the time since the navigation in ms. */
const drawn = (hanging: number): string => `new Promise((done) => {
  const look = () => {
    const panels = [...document.querySelectorAll("[data-panel-id]")].filter(({ dataset }) => Number(dataset.panelId) > ${hanging});
    const isDrawn = panels.length === ${PANELS} && panels.every(({ dataset }) => dataset.panelState === "data");
    if (isDrawn || performance.now() > ${PATIENCE_MS}) done(performance.now());
    else requestAnimationFrame(look);
  };
  look();
})`;

/** Measures whether panels of a source that never answers delay the other panels of a dashboard. */
export const dashboardHangingSourceCase: BenchCase = {
  name: "dashboard-hanging-source",
  usualRounds: USUAL_ROUNDS,
  async run(): Promise<CaseResult> {
    using folder = new ScratchFolder();
    await using loki = await startLokiLines(undefined);
    const sources = [
      { name: "Answers", uid: "td", type: "testdata", isDefault: true },
      { name: "Hangs", uid: "hangs", type: "loki", url: loki.url },
    ];
    const dashboards = HANGING.map(dashboard);
    const { program, base } = await startSourcesRole({ folder: folder.path, sources, dashboards });
    await using _ended = program;
    await untilPages(base);
    const browser = await launchChromium();
    try {
      const figures: Figure[] = [];
      for (const hanging of HANGING) {
        const times: number[] = [];
        for (let round = -1; round < ROUNDS; round++) {
          const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
          await page.goto(`${base}/d/hanging-${hanging}`);
          const time = await page.evaluate<number>(drawn(hanging));
          await page.close();
          // Skips the first round, which compiles code.
          if (round >= 0) times.push(time);
        }
        const what = `${PANELS} panels with data, ${hanging} panels wait for a source that hangs: from the navigation until data is drawn`;
        figures.push({ what, unit: "ms", better: "lower", ours: times, peer: [] });
      }
      return { setting: `Chromium ${browser.version()}, one user, software rendering`, figures };
    } finally {
      await browser.close();
    }
  },
};
