import type { Principal } from "@narthex/http";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { VisibleTo } from "../access/visible.ts";
import type { Auth } from "../auth/auth.ts";
import { accountIdOf } from "../auth/identity.ts";
import { needs, type Right } from "../auth/rights.ts";
import type { Context } from "../context.ts";
import type { Dashboards } from "../dashboards/dashboards.ts";
import { RenderError } from "../rendering/render-error.ts";
import { answersWhileAwaited } from "../web/client-gone.ts";
import { parsedJson, Refusal, refusal } from "../web/refusal.ts";
import { bodyOfRequest, flagAt, pathParameter, queryOf, textAt } from "../web/request-body.ts";
import { timeZoneIn } from "../web/time-zone.ts";
import { refusedText, ReportAccessError, type ReportDelivery } from "./report-delivery.ts";
import { addressesIn, allowedDomains, dashboardsIn, reportIn } from "./report-input.ts";
import type { ReportRuns } from "./report-runs.ts";
import type { ReportStore } from "./report-store.ts";
import { reportView } from "./report-view.ts";
import type { Report, ReportDraft, ReportLayout } from "./report.ts";

export interface ReportRoutesOptions {
  readonly context: Context;
  readonly auth: Pick<Auth, "users" | "principalOf">;
  readonly dashboards: Pick<Dashboards, "visible" | "store">;
  readonly store: ReportStore;
  readonly runs: ReportRuns;
  readonly delivery: ReportDelivery;
  /** Right that reports require. */
  readonly right: Right;
}

/** Maximum size of a request's body, bytes. */
const MAX_BODY = 1024 * 1024;

/** Adds Grafana's routes for reports. */
export function reportRoutes(app: FastifyInstance, options: ReportRoutesOptions): void {
  const { store, runs, right, auth } = options;
  const domains = allowedDomains(options.context.settings["reporting.allowed_domains"]);
  const mayUse = reportsOf(options);
  const at = "/api/reports/:id";
  const limited = (action: string) => ({ ...needs(right, action), bodyLimit: MAX_BODY });
  app.get("/api/reports", needs(right, "reports:read"), (request) =>
    store
      .list()
      .filter((report) => mayUse.isVisible(request, report))
      .map((report) => viewOf(report, options)),
  );
  app.get(at, needs(right, "reports:read"), (request) => viewOf(mayUse.found(request), options));
  app.get("/api/narthex/reports/:id/runs", needs(right, "reports:read"), (request) => ({
    runs: runs.of(mayUse.found(request).id),
  }));
  app.post("/api/reports", limited("reports:create"), async (request) => {
    const draft = mayUse.checked(request, reportIn(bodyOfRequest(request), domains));
    const { id } = await store.add(draft, ownerOf(request, auth));
    return { id, message: "Report created" };
  });
  app.put(at, limited("reports:write"), async (request) => {
    const { id } = mayUse.found(request);
    const draft = mayUse.checked(request, reportIn(bodyOfRequest(request), domains));
    await store.change(String(id), draft, ownerOf(request, auth));
    return { message: "Report updated" };
  });
  app.delete(at, needs(right, "reports:delete"), async (request) => {
    const { id } = mayUse.found(request);
    await store.remove(id);
    await runs.remove(id);
    return { message: "Report config was removed" };
  });
  sendRoutes(app, options, mayUse, domains);
  app.get("/api/reports/render/pdfs", needs("viewer", "dashboards:read"), async (request, reply) => {
    const query = queryOf(request);
    const [dashboard, ...others] = dashboardsIn(parsedJson(query.get("dashboards") ?? "[]"));
    if (others.length > 0) throw refusal(400, "dashboards: a PDF can have one dashboard");
    const { visible } = options.dashboards;
    visible(request).dashboard(dashboard!.uid);
    const layout: ReportLayout = {
      orientation: query.get("orientation") === "portrait" ? "portrait" : "landscape",
      theme: query.get("theme") === "dark" ? "dark" : "light",
      scale: 0,
    };
    const timeZone = query.get("timezone") ?? "";
    const zone = timeZone === "" ? "" : timeZoneIn(timeZone, "timezone");
    const { bytes } = await answersWhileAwaited(reply, (signal) =>
      options.delivery
        .render(dashboard!, "pdf", { layout, zone }, request.principal, signal)
        .catch((error: unknown) => throwAnswer(error)),
    );
    return reply
      .header("cache-control", "private, no-store")
      .header("content-disposition", 'inline; filename="report.pdf"')
      .type("application/pdf")
      .send(bytes);
  });
}

/** Adds the routes that send a report now. They use the rights of the sender of the request. */
function sendRoutes(
  app: FastifyInstance,
  { runs, delivery, right, context }: ReportRoutesOptions,
  mayUse: UsableReports,
  domains: ReadonlySet<string> | undefined,
): void {
  const limited = { ...needs(right, "reports:send"), bodyLimit: MAX_BODY };
  const { clock } = context;
  app.post("/api/reports/email", limited, async (request, reply) => {
    const body = bodyOfRequest(request);
    const report = mayUse.withId(request, typeof body["id"] === "number" ? String(body["id"]) : textAt(body, "id"));
    const recipients = flagAt(body, "useEmailsFromReport")
      ? report.recipients
      : addressesIn(textAt(body, "emails"), "emails", domains);
    if (recipients.length === 0) throw refusal(400, "emails: write at least one address, or set useEmailsFromReport");
    const started = clock.now();
    const note = (status: "sent" | "failed", bytes: number, error: string): Promise<void> => {
      const seconds = (clock.now() - started) / 1000;
      return runs.note(report.id, { status, due: started, started, seconds, bytes, attempts: 1, error });
    };
    try {
      const sent = await answersWhileAwaited(reply, (signal) =>
        delivery.send(report, recipients, request.principal, signal),
      );
      await note("sent", sent.bytes, refusedText(sent));
      return { message: "Report was sent" };
    } catch (error) {
      await note("failed", 0, error instanceof Error ? error.message : String(error));
      return throwAnswer(error);
    }
  });
  app.post("/api/reports/test-email", limited, async (request, reply) => {
    const draft = mayUse.checked(request, reportIn({ ...bodyOfRequest(request), state: "draft" }, domains));
    if (draft.recipients.length === 0) throw refusal(400, "recipients: write at least one address");
    await answersWhileAwaited(reply, (signal) =>
      delivery.send(draft, draft.recipients, request.principal, signal).catch((error: unknown) => throwAnswer(error)),
    );
    return { message: "Test email sent" };
  });
}

/** Throws the refusal for an error of a sending. */
function throwAnswer(error: unknown): never {
  if (error instanceof Refusal) throw error;
  if (error instanceof ReportAccessError) throw refusal(403, error.message);
  if (error instanceof RenderError) throw refusal(500, `Rendering failed: ${error.message}`);
  throw refusal(500, `The report was not sent: ${error instanceof Error ? error.message : String(error)}`);
}

/** The reports that the sender of a request may use. */
interface UsableReports {
  isVisible(request: FastifyRequest, report: Report): boolean;
  /** Returns the report in the path. Throws a refusal. */
  found(request: FastifyRequest): Report;
  withId(request: FastifyRequest, id: string): Report;
  /** Returns the draft if the sender may see its dashboards. Throws a refusal. */
  checked(request: FastifyRequest, draft: ReportDraft): ReportDraft;
}

/** A report can be used by accounts that may see all its dashboards. Dashboards that were deleted do not count. */
function reportsOf({ store, dashboards }: ReportRoutesOptions): UsableReports {
  const { visible, store: records } = dashboards;
  const mayAll = (seen: ReturnType<VisibleTo>, report: Pick<Report, "dashboards">): boolean =>
    report.dashboards.every(({ uid }) => {
      const record = records.byUid(uid);
      return record === undefined || seen.mayDashboard("view", record);
    });
  const withId = (request: FastifyRequest, id: string): Report => {
    const report = store.byId(id);
    const seen = visible(request);
    if (!mayAll(seen, report)) throw seen.denied("dashboards");
    return report;
  };
  return {
    isVisible: (request, report) => mayAll(visible(request), report),
    found: (request) => withId(request, pathParameter(request, "id")),
    withId,
    checked: (request, draft) => {
      const seen = visible(request);
      for (const { uid } of draft.dashboards) seen.dashboard(uid);
      return draft;
    },
  };
}

/**
 * Returns the id of the account whose rights a saved report gets. Throws a refusal if the request has fewer rights than
 * its account, because the report would give them.
 */
function ownerOf(request: FastifyRequest, { users, principalOf }: ReportRoutesOptions["auth"]): number {
  const id = accountIdOf(request);
  const account = users.account(id);
  if (account === undefined) throw refusal(403, "sign in to save a report: it gets the rights of an account");
  if (rightsOf(principalOf(account)) !== rightsOf(request.principal))
    throw refusal(403, "a report cannot be saved with a token that has fewer rights than its account");
  return id;
}

/** Returns a text that is equal for equal rights. */
const rightsOf = ({ identity }: Principal): string =>
  JSON.stringify([
    identity?.role,
    identity?.scopes && [...identity.scopes].toSorted(),
    identity?.limit?.kind === "matchers" ? identity.limit.matchers.map(String) : identity?.limit?.kind,
  ]);

function viewOf(report: Report, { auth, dashboards, runs, context }: ReportRoutesOptions): object {
  const login = auth.users.account(report.userId)?.login ?? "";
  return reportView(report, { dashboards: dashboards.store, runs, now: context.clock.now(), login });
}
