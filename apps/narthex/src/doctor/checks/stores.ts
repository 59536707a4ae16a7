import { readFileSync } from "node:fs";
import { type ProvisionedSource, provisionedSources, ProvisioningError } from "@narthex/dashboards-app";
import { openDataSource, QueryDesk } from "@narthex/datasources";
import type { HttpClientConfig, PrometheusConfig, RemoteReadConfig, RemoteWriteConfig } from "@narthex/config";
import { createLogger } from "@narthex/runtime";
import { StoreError, visitPostgres } from "@narthex/store";
import type { Check, DoctorContext, EarlyFinding } from "../check.ts";
import type { ReadConfiguration } from "../configurations.ts";
import { error, type Finding, ok, warning } from "../finding.ts";
import { DeadlineError, withinDeadline } from "../network/deadline.ts";
import { reachHint } from "../network/reach-hint.ts";
import { sampleOf, mapConcurrently } from "../map-concurrently.ts";
import { ownRoleAt } from "../subject/own-role.ts";
import type { RoleSubject } from "../subject/subject.ts";
import { unreached } from "../unreached.ts";
import { unreadFindings } from "../unread.ts";

/** Maximum number of stores of each kind that are checked. */
const MOST = 32;
const MAX_BYTES = 1024 * 1024;

/** Checks that databases, remote storage and data sources can be reached and accept the credentials. */
export const stores: Check = {
  name: "stores",
  about:
    "whether remote storage, the long-term store, the Alertmanager's database and the dashboards' data sources answer and accept the credentials",
  async run(context, early) {
    const { prometheus } = await context.configurations();
    const findings = await Promise.all([
      ...prometheus.map((one) => remoteFindings(context, one, early)),
      ...prometheus.map((one) => findingsOf(longTermFindings(context, one), early)),
      ...context.subject.roles.map((role) => findingsOf(databaseFindings(context, role), early)),
      ...context.subject.roles.map((role) => sourceFindings(context, role, early)),
    ]);
    return [...unreadFindings(prometheus), ...findings.flat()];
  },
};

async function findingsOf(
  work: Promise<readonly Finding[]>,
  early: EarlyFinding | undefined,
): Promise<readonly Finding[]> {
  const findings = await work;
  if (early !== undefined) findings.forEach(early);
  return findings;
}

interface Remote {
  readonly key: string;
  readonly url: string;
  readonly client: HttpClientConfig;
  readonly headers: ReadonlyMap<string, string>;
  /** Whether the server signs its requests for a cloud provider. The request of this check is not signed. */
  readonly isSigned: boolean;
}

const writer = ({ url, httpClient, headers, sigv4, azuread, googleIam }: RemoteWriteConfig): Remote => ({
  key: "remote_write",
  url,
  client: httpClient,
  headers,
  isSigned: (sigv4 ?? azuread ?? googleIam) !== undefined,
});

const reader = ({ url, httpClient, headers }: RemoteReadConfig): Remote => ({
  key: "remote_read",
  url,
  client: httpClient,
  headers,
  isSigned: false,
});

/**
 * Sends a GET request to a remote storage. The request stores and reads nothing, but the response shows which service
 * responds, and whether it accepts the credentials.
 */
function remoteFindings(
  context: DoctorContext,
  { file, verdict }: ReadConfiguration<PrometheusConfig>,
  early: EarlyFinding | undefined,
): Promise<readonly Finding[]> {
  const { remoteWrite = [], remoteRead = [] } = verdict.config ?? {};
  const remotes = [...remoteWrite.map(writer), ...remoteRead.map(reader)];
  return mapConcurrently(
    sampleOf(remotes, MOST),
    async ({ key, url, client, headers, isSigned }) => {
      const name = `${key} ${shown(url)}`;
      try {
        const { status } = await get(context, url, client, headers);
        if ((status === 401 || status === 403) && !isSigned) {
          return error(
            `${name} refuses the credentials (${status})`,
            `correct basic_auth or authorization of ${key} in ${file}`,
          );
        }
        if (status === 404)
          return warning(`${name} does not know the path (404)`, `check the path of the URL in ${file}`);
        if (status >= 500) return warning(`${name} answers ${status}`, "read its log");
        return ok(`${name} answers`);
      } catch (failure) {
        return unreached(context, name, url, failure);
      }
    },
    early,
  );
}

async function longTermFindings(
  context: DoctorContext,
  { file, verdict }: ReadConfiguration<PrometheusConfig>,
): Promise<readonly Finding[]> {
  const store = verdict.config?.longTermStore;
  if (store === undefined) return [];
  const name = `long_term_store ${shown(store.url)}`;
  try {
    const { status } = await get(context, `${store.url}/api/v1/query?query=1`, store.httpClient, store.headers);
    if (status === 200) return [ok(`${name} answers queries`)];
    return [error(`${name} answers ${status} to a query`, `correct url or credentials of long_term_store in ${file}`)];
  } catch (failure) {
    return [unreached(context, name, store.url, failure)];
  }
}

const get = (
  { network, timeoutMs }: DoctorContext,
  url: string,
  client: HttpClientConfig,
  headers: ReadonlyMap<string, string>,
) => network.get(url, { client, headers: Object.fromEntries(headers), timeoutMs, maxBytes: MAX_BYTES });

/** Returns a URL without user, password, query and fragment, because these may contain secrets. */
const shown = (url: string): string => url.replace(/^([a-z][\w+.-]*:\/\/)[^/?#]*@/i, "$1").replace(/[?#].*$/s, "");

async function databaseFindings(
  { clock, host, timeoutMs }: DoctorContext,
  { store }: RoleSubject,
): Promise<readonly Finding[]> {
  if (store === undefined) return [];
  const { urlFile } = store;
  try {
    const url = store.url === "" && urlFile !== "" ? readFileSync(urlFile, "utf8").trim() : store.url;
    if (url === "") return [];
    const { printed, version, isReadOnly } = await visitPostgres({ url, env: host.env, clock, timeoutMs });
    const what = `the Alertmanager's database ${printed} (PostgreSQL ${version})`;
    if (isReadOnly) return [error(`${what} accepts no writes: it is a standby`, "name the primary in --store.url")];
    return [ok(`${what} accepts the login`)];
  } catch (failure) {
    if (failure instanceof StoreError) {
      return [
        error(failure.message, "correct --store.url or the password (PGPASSWORD, PGPASSFILE), or start the database"),
      ];
    }
    if (failure instanceof Error && "code" in failure) {
      return [error(`--store.url-file: ${failure.message}`, `write ${urlFile}, and let this user read it`)];
    }
    throw failure;
  }
}

async function sourceFindings(
  context: DoctorContext,
  role: RoleSubject,
  early: EarlyFinding | undefined,
): Promise<readonly Finding[]> {
  const { provisioning, env = {} } = role;
  if (provisioning === undefined) return [];
  const { clock, host } = context;
  const logger = createLogger({ level: "error", format: "logfmt", clock, write: () => undefined });
  try {
    const sources = provisionedSources(provisioning, { cwd: host.cwd, env }, logger);
    const sample = sampleOf(
      sources.filter(({ settings }) => settings.url !== ""),
      MOST,
    );
    return await mapConcurrently(sample, (source) => sourceFinding(context, source), early);
  } catch (failure) {
    if (!(failure instanceof ProvisioningError)) throw failure;
    return [error(failure.message, `correct the file below ${provisioning}`)];
  }
}

/** Types of data sources that are not queried, because dashboards only link to their pages. */
const NOT_QUERIED: ReadonlySet<string> = new Set(["narthex-pushgateway"]);

async function sourceFinding(context: DoctorContext, { place, settings }: ProvisionedSource): Promise<Finding> {
  const { clock, network, timeoutMs } = context;
  const name = `data source ${JSON.stringify(settings.name)} at ${shown(settings.url)}`;
  if (!URL.canParse(settings.url))
    return error(`${name}: this is not a URL`, `write one such as http://localhost:9090 at ${place}`);
  const { hostname, port, protocol } = new URL(settings.url);
  try {
    // Address of the data source's server. The check connects to it before the query, because the query's error would
    // be less exact for an unreachable server.
    const address = {
      host: hostname.replace(/^\[|\]$/g, ""),
      port: Number(port || (protocol === "https:" ? 443 : 80)),
    };
    await network.connect({ ...address, tls: undefined }, timeoutMs);
  } catch (failure) {
    return unreached(context, name, settings.url, failure);
  }
  if (NOT_QUERIED.has(settings.type)) return ok(`the connection to ${name} succeeds`);
  const environment = { clock, userAgent: "narthex-doctor", desk: new QueryDesk({ clock }), timeoutMs };
  const source = openDataSource(settings, environment);
  try {
    const { status, message } = await withinDeadline(clock, timeoutMs, source.health(AbortSignal.timeout(timeoutMs)));
    if (status === "OK") return ok(`${name} answers`);
    const isOwn = ownRoleAt(context.subject, settings.url) !== undefined;
    const hint = isOwn ? "read the log of that role" : `correct its settings at ${place}, or the server at its URL`;
    return error(`${name}: ${message}`, hint);
  } catch (failure) {
    if (!(failure instanceof DeadlineError)) throw failure;
    return error(`${name}: ${failure.message}`, reachHint(failure.message, hostname));
  } finally {
    // The check does not wait until the data source is closed, because a request that timed out may still be running.
    source.close().catch(() => undefined);
  }
}
