import type { Identity, Principal } from "@narthex/http";
import { Visible } from "../access/visible.ts";
import type { Auth } from "../auth/auth.ts";
import { hasRight, type Right } from "../auth/rights.ts";
import type { Context } from "../context.ts";
import type { DashboardRecord } from "../dashboards/dashboard-record.ts";
import type { Dashboards } from "../dashboards/dashboards.ts";
import { mailDisabled, type SendMail } from "../mail/mailer.ts";
import type { RenderRequest } from "../rendering/render-request.ts";
import type { Renderer } from "../rendering/renderer.ts";
import { Refusal } from "../web/refusal.ts";
import { pageParametersOf, type ReportFile, reportMail } from "./report-mail.ts";
import type { Report, ReportDraft, ReportedDashboard, ReportFormat, ReportLayout } from "./report.ts";

/** The account of a report cannot render it any more. Further attempts would fail too. */
export class ReportAccessError extends Error {
  override readonly name = "ReportAccessError";
}

export interface DeliveryOptions {
  readonly context: Context;
  readonly auth: Pick<Auth, "users" | "principalOf">;
  readonly dashboards: Pick<Dashboards, "places">;
  readonly renderer: Pick<Renderer, "render">;
  /** Function that sends mails; undefined if mails are disabled. */
  readonly sendMail: SendMail | undefined;
  /** Right that an account needs to have reports. */
  readonly right: Right;
}

/** Result of a sent report. */
export interface Delivered {
  readonly bytes: number;
  /** Recipients that the mail server refused. */
  readonly refused: readonly string[];
}

/** Width of a picture in a mail, CSS pixels. */
const PICTURE_WIDTH = 1200;
const MIB = 1024 * 1024;

/** Renders the dashboards of reports, and sends them. */
export class ReportDelivery {
  readonly #options: DeliveryOptions;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /**
   * Returns the current rights of a report's account. Throws ReportAccessError if the account was removed or disabled,
   * or may not have reports any more.
   */
  principalOf({ userId }: Pick<Report, "userId">): Principal {
    const { auth, right } = this.#options;
    const account = auth.users.account(userId);
    if (account === undefined || account.isDisabled)
      throw new ReportAccessError("the account that saved the report was removed or disabled; save the report again");
    const principal = auth.principalOf(account);
    if (!hasRight(principal.identity, right))
      throw new ReportAccessError(`${account.login} may not send reports any more; save the report as another user`);
    return principal;
  }

  /** Returns a dashboard if the account may see it. Throws ReportAccessError otherwise. */
  #dashboard(uid: string, identity: Identity | undefined): DashboardRecord {
    const { places } = this.#options.dashboards;
    try {
      return new Visible(places, identity, "dashboards:read").dashboard(uid);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw new ReportAccessError(
        error.statusCode === 404
          ? `the dashboard ${uid} does not exist any more`
          : `the account of the report may not see the dashboard ${uid} any more`,
        { cause: error },
      );
    }
  }

  /** Renders one dashboard of a report. Rejects with ReportAccessError, RenderError or a refusal. */
  async render(
    dashboard: ReportedDashboard,
    format: ReportFormat,
    { layout, zone }: { readonly layout: ReportLayout; readonly zone: string },
    principal: Principal,
    signal: AbortSignal,
  ): Promise<ReportFile> {
    const { renderer, context } = this.#options;
    const { settings } = context;
    const { title } = this.#dashboard(dashboard.uid, principal.identity);
    const scale = layout.scale === 0 ? settings["reporting.image_scale_factor"] : layout.scale;
    const request: RenderRequest = {
      principal,
      dashboardUid: dashboard.uid,
      parameters: pageParametersOf(dashboard),
      zone,
      theme: layout.theme,
      timeoutMs: settings["reporting.rendering_timeout"],
      output:
        format === "pdf"
          ? { format, orientation: layout.orientation }
          : { format: "png", width: PICTURE_WIDTH, height: -1, scale },
    };
    return { dashboard, title, format, bytes: await renderer.render(request, signal) };
  }

  /**
   * Renders a report and sends it. Rejects with ReportAccessError, RenderError, a refusal, or the error of the mail
   * server.
   */
  async send(
    report: ReportDraft,
    recipients: readonly string[],
    principal: Principal,
    signal: AbortSignal,
  ): Promise<Delivered> {
    const { sendMail, context } = this.#options;
    if (sendMail === undefined) throw mailDisabled();
    const most = context.settings["reporting.max_attachment_size_mb"] * MIB;
    const look = { layout: report.layout, zone: report.schedule.zone };
    const files: ReportFile[] = [];
    let bytes = 0;
    for (const dashboard of report.dashboards) {
      for (const format of report.formats) {
        const file = await this.render(dashboard, format, look, principal, signal);
        bytes += file.bytes.length;
        if (bytes > most)
          throw new Error(
            `the attachments are larger than ${most / MIB} MiB; see reporting.max_attachment_size_mb, or choose fewer dashboards`,
          );
        files.push(file);
      }
    }
    const refused = await sendMail(recipients, reportMail({ report, files, serverUrl: context.address.url }));
    return { bytes, refused };
  }
}

/** Returns a sentence about the recipients that the mail server refused, or "" if it refused none. */
export const refusedText = ({ refused }: Delivered): string =>
  refused.length === 0 ? "" : `the mail server refused ${refused.join(", ")}`;
