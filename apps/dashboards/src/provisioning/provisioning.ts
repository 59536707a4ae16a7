import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Feature } from "@narthex/http";
import type { FastifyReply } from "fastify";
import type { Audit } from "../audit/audit.ts";
import { asActor } from "../audit/request-origin.ts";
import type { Auth } from "../auth/auth.ts";
import { needs } from "../auth/rights.ts";
import type { Context } from "../context.ts";
import type { Dashboards } from "../dashboards/dashboards.ts";
import type { Sources } from "../datasources/sources.ts";
import type { ExpansionSources } from "../settings/expansion.ts";
import { applyAccountFiles, readAccountFiles } from "./account-files.ts";
import { DashboardProvisioner } from "./dashboard-provisioner.ts";
import { readProviderFiles } from "./provider-files.ts";
import { provisioningFiles } from "./provisioning-file.ts";
import { applySourceFiles, readSourceFiles } from "./source-files.ts";
import { UNREAD_KINDS, unreadFiles, unreadReason } from "./unread-files.ts";

/**
 * Reads all provisioning files, and adds the API to reload them. Rejects with ProvisioningError if a file is invalid.
 */
export async function openProvisioning(
  context: Context,
  sources: Sources,
  dashboards: Dashboards,
  { auth, audit }: { readonly auth: Auth; readonly audit: Pick<Audit, "note"> },
): Promise<Feature> {
  const { host, logger, settings, clock } = context;
  const root = resolve(host.cwd, settings["paths.provisioning"]);
  const expansion: ExpansionSources = {
    env: host.env,
    readFile: (path) => readFileSync(resolve(host.cwd, path), "utf8"),
  };
  const provisioner = new DashboardProvisioner({
    dashboards: dashboards.store,
    folders: dashboards.folders,
    minRefreshMs: settings["dashboards.min_refresh_interval"],
    clock,
    logger,
  });
  const loadSources = async (): Promise<void> => {
    await applySourceFiles(readSourceFiles(provisioningFiles(root, "datasources", expansion), logger), sources.store);
  };
  const loadDashboards = async (): Promise<void> => {
    await provisioner.setProviders(
      readProviderFiles(provisioningFiles(root, "dashboards", expansion), host.cwd, logger),
    );
  };
  const loadAccounts = async (): Promise<void> => {
    await applyAccountFiles(readAccountFiles(provisioningFiles(root, "service-accounts", expansion)), auth);
  };
  for (const sentence of unreadFiles(root)) logger.warn(sentence);
  await loadAccounts();
  await loadSources();
  await loadDashboards();
  /** Kinds of files that can be reloaded, each with its name in the API's answer and the function that reads it. */
  const reloads: Readonly<Record<string, readonly [name: string, load: () => Promise<void>]>> = {
    datasources: ["Datasources", loadSources],
    dashboards: ["Dashboards", loadDashboards],
    "service-accounts": ["Service accounts", loadAccounts],
  };
  return {
    name: "provisioning",
    stop: () => provisioner.stop(),
    routes({ app }) {
      for (const [kind, [name, load]] of Object.entries(reloads)) {
        const url = `/api/admin/provisioning/${kind}/reload`;
        app.post(url, needs("server-admin", "provisioning:reload"), async (_request, reply): Promise<FastifyReply> => {
          try {
            await asActor("provisioning", load);
          } catch (error) {
            logger.error("Provisioning files could not be read again: the loaded ones stay in use", {
              kind,
              err: error,
            });
            return reply.code(500).send({ message: (error as Error).message });
          }
          await audit.note({ action: "reloaded", kind: "provisioning", name: kind });
          return reply.send({ message: `${name} config reloaded` });
        });
      }
      for (const kind of UNREAD_KINDS) {
        const url = `/api/admin/provisioning/${kind}/reload`;
        app.post(url, needs("server-admin", "provisioning:reload"), (_request, reply) =>
          reply.code(501).send({ message: unreadReason(kind) }),
        );
      }
    },
  };
}
