import { FeatureList, uiFolder } from "@narthex/http";
import type { Host, Lifecycle, RoleStart } from "@narthex/runtime";
import { openPermissions } from "./access/permissions.ts";
import { openAlertRule } from "./alert-rule/alert-rule.ts";
import { openAnnotations } from "./annotations/annotations.ts";
import { openAudit } from "./audit/audit.ts";
import { asActor } from "./audit/request-origin.ts";
import { openAuth } from "./auth/auth.ts";
import { type Context, openContext } from "./context.ts";
import type { flags as flagTable } from "./flags.ts";
import { openDashboards } from "./dashboards/dashboards.ts";
import { openSources } from "./datasources/sources.ts";
import { openGrafanaTakeover } from "./grafana-state/take-over.ts";
import { openGenerate } from "./generate/generate.ts";
import { openInvitations } from "./invitations/open-invitations.ts";
import { openLibraryPanels } from "./library-panels/library-panels.ts";
import { mailSender } from "./mail/mailer.ts";
import { openPasswordMails } from "./password-mails/password-mails.ts";
import { openPlaylists } from "./playlists/playlists.ts";
import { openPreferences } from "./preferences/preferences.ts";
import { openPlugins } from "./plugins/plugins.ts";
import { openProvisioning } from "./provisioning/provisioning.ts";
import { openQuerying } from "./querying/querying.ts";
import { RenderAuthenticator } from "./rendering/render-authenticator.ts";
import { RenderKeys } from "./rendering/render-keys.ts";
import { openRendering } from "./rendering/rendering.ts";
import { openReports } from "./reports/reports.ts";
import { openRuler } from "./ruler/ruler.ts";
import { openSecretKeys } from "./secrets/secret-keys.ts";
import { openServiceAccounts } from "./service-accounts/service-accounts.ts";
import { openShortUrls } from "./short-urls/short-urls.ts";
import { openSnapshots } from "./snapshots/snapshots.ts";
import { openStores } from "./state/stores.ts";
import { openTeams } from "./teams/teams.ts";
import { openWeb, type Web } from "./web/web.ts";

interface ComposeOptions {
  readonly lifecycle: Lifecycle;
  /** Settings in `cfg:` arguments, in the form `section.key=value`. */
  readonly overrides: readonly string[];
}

/**
 * Opens the features of the dashboards server in order. Features are stopped in reverse order. Throws if settings or
 * provisioning files cannot be read, the state cannot be opened, or an address is in use.
 */
export async function compose(
  host: Host,
  role: RoleStart<typeof flagTable>,
  { lifecycle, overrides }: ComposeOptions,
): Promise<void> {
  const context = openContext(host, role, overrides);
  const { logger, build } = context;
  logger.info("starting dashboards", { version: build.version, narthex: build.narthex });
  const web = await openFeatures(context, new FeatureList(lifecycle, context.metrics));
  await web.start();
}

/**
 * Opens the features and adds them to a list. Returns the web feature, which serves the routes of all other features.
 * Rejects for the same reasons as compose().
 */
export async function openFeatures(context: Context, features: FeatureList): Promise<Web> {
  const { host } = context;
  const audit = openAudit(context, features.add(await openStores(context)));
  const { stores } = features.add(audit);
  const grafana = await openGrafanaTakeover(context, stores);
  const keys = await openSecretKeys(context, stores);
  const starter = grafana.users.length > 0 ? "import" : "server";
  const renderKeys = new RenderKeys(context.clock);
  const parts = { users: grafana.users, box: keys.box, renderings: new RenderAuthenticator(renderKeys) };
  const auth = features.add(await asActor(starter, () => openAuth(context, stores, parts)));
  audit.setUsers(auth.users);
  const { registry } = features.add(openPlugins(context));
  const sources = features.add(await openSources(context, stores, { keys, registry }));
  features.add(openRuler(context, sources, audit));
  const dashboards = features.add(await openDashboards(context, stores, sources));
  await asActor("import", () => grafana.finish({ auth, sources, dashboards }));
  features.add(await asActor("provisioning", () => openProvisioning(context, sources, dashboards, { auth, audit })));
  features.add(openQuerying(context, sources));
  features.add(openGenerate(context, sources));
  features.add(openTeams(auth));
  const sendMail = mailSender(context.settings, host);
  features.add(await openInvitations(context, stores, { auth, sendMail }));
  features.add(await openPasswordMails(context, stores, { auth, audit, sendMail }));
  features.add(openServiceAccounts(context, auth));
  features.add(openAlertRule());
  features.add(openPermissions(context, dashboards, sources, auth));
  features.add(await openAnnotations(context, stores, dashboards));
  const snapshots = features.add(await openSnapshots(context, stores));
  features.add(await openPreferences(context, stores, { dashboards, teams: auth.teams }));
  const playlists = features.add(await openPlaylists(stores));
  features.add(openLibraryPanels(dashboards));
  features.add(await openShortUrls(context, stores));
  const rendering = features.add(openRendering(context, { keys: renderKeys, dashboards, sources, registry }));
  const { renderer } = rendering;
  features.add(await openReports(context, stores, { auth, dashboards, renderer, sendMail }));
  const uiRoot = uiFolder(host, import.meta.url);
  const counted = { playlists, snapshots, renderer };
  return features.add(
    await openWeb(context, { features, audit, auth, stores, sources, dashboards, ...counted, uiRoot }),
  );
}
