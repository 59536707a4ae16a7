import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Feature, FeatureList } from "@narthex/http";
import { type Clock, Lifecycle, startRole } from "@narthex/runtime";
import { testHost, type TestHost } from "@narthex/runtime/testing";
import type { FastifyInstance } from "fastify";
import { onTestFinished } from "vitest";
import { openFeatures } from "../compose.ts";
import { openContext } from "../context.ts";
import { flags as table } from "../flags.ts";
import "./cheap-passwords.ts";

/**
 * Returns the web server of a dashboards server that does not listen on a port. The first user is `admin` with the
 * password `secret`.
 * @param first a feature whose routes and hooks come before all others
 * @param settings environment variables that set settings
 */
export async function unstartedRole(
  first: Feature,
  settings: Readonly<Record<string, string>> = {},
): Promise<FastifyInstance> {
  return (await unstartedHost({ settings, first })).app;
}

interface UnstartedHost {
  readonly app: FastifyInstance;
  /** The output of the role. */
  readonly host: TestHost;
  readonly dataFolder: string;
}

/** Returns a web server like unstartedRole(), with its host, and with the given clock. */
export async function unstartedHost({
  settings = {},
  first,
  clock,
}: {
  readonly settings?: Readonly<Record<string, string>>;
  readonly first?: Feature;
  readonly clock?: Clock;
}): Promise<UnstartedHost> {
  const folder = mkdtempSync(join(tmpdir(), "dashboards-"));
  const env = {
    GF_PATHS_DATA: join(folder, "data"),
    GF_PATHS_CONFIG: join(folder, "grafana.ini"),
    GF_PATHS_PROVISIONING: join(folder, "provisioning"),
    GF_SECURITY_ADMIN_PASSWORD: "secret",
    NARTHEX_UI_DIR: join(folder, "ui"),
    NARTHEX_DOCS_DIR: join(folder, "docs"),
    ...settings,
  };
  const host = testHost(["--web.listen-address=127.0.0.1:0"], { env, cwd: folder, ...(clock && { clock }) });
  const role = startRole(host, { program: "grafana", about: "", table });
  if ("exit" in role) throw new Error(host.output.stderr);
  const context = openContext(host, role, []);
  const lifecycle = new Lifecycle({ clock: context.clock, logger: context.logger, deadlineMs: 1000 });
  onTestFinished(async () => {
    await lifecycle.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const features = new FeatureList(lifecycle, context.metrics);
  if (first !== undefined) features.add(first);
  const { app } = await openFeatures(context, features);
  await app.ready();
  return { app, host, dataFolder: env.GF_PATHS_DATA };
}
