import type { Feature } from "@narthex/http";
import type { Auth } from "../auth/auth.ts";
import type { Context } from "../context.ts";
import type { Dashboards } from "../dashboards/dashboards.ts";
import type { SendMail } from "../mail/mailer.ts";
import type { Renderer } from "../rendering/renderer.ts";
import type { Stores } from "../state/stores.ts";
import { ReportDelivery } from "./report-delivery.ts";
import { reportRoutes } from "./report-routes.ts";
import { ReportRuns } from "./report-runs.ts";
import { ReportSchedule } from "./report-schedule.ts";
import { ReportStore } from "./report-store.ts";

interface ReportsOptions {
  readonly auth: Auth;
  readonly dashboards: Dashboards;
  readonly renderer: Renderer;
  /** Function that sends mails; undefined if mails are disabled. */
  readonly sendMail: SendMail | undefined;
}

/** Opens the reports, adds their API, and sends them on their schedules. Rejects with StoreError. */
export async function openReports(
  context: Context,
  { store: state }: Stores,
  { auth, dashboards, renderer, sendMail }: ReportsOptions,
): Promise<Feature> {
  const { clock, settings } = context;
  const store = await ReportStore.open(state, clock);
  const runs = await ReportRuns.open(state, clock);
  const right = settings["reporting.creators"] === "Editor" ? "editor" : "admin";
  const delivery = new ReportDelivery({ context, auth, dashboards, renderer, sendMail, right });
  const schedule = new ReportSchedule({ context, auth, sendMail, store, runs, delivery });
  renderer.whenReady(() => {
    if (settings["reporting.enabled"]) schedule.start();
  });
  return {
    name: "reports",
    metrics: [() => schedule.families()],
    stop: () => schedule.stop(),
    routes: ({ app }) => reportRoutes(app, { context, auth, dashboards, store, runs, delivery, right }),
  };
}
