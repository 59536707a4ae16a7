import { hostname } from "node:os";
import type { AlertmanagerConfig } from "@narthex/alertmanager-config";
import { type PrometheusConfig, tlsSection } from "@narthex/config";
import { maskPassword, readProblem } from "@narthex/http";
import {
  type ConfiguredIntegration,
  RateLimits,
  type SenderTools,
  type HealthCheck,
  HealthCheckError,
} from "@narthex/receivers";
import type { Check, DoctorContext, EarlyFinding } from "../check.ts";
import type { ReadConfiguration } from "../configurations.ts";
import { error, type Finding, ok, warning } from "../finding.ts";
import { ReachError } from "../network/network.ts";
import { reachHint } from "../network/reach-hint.ts";
import { addressOf, type ServiceAddress } from "../receiver-address.ts";
import { sampleOf, mapConcurrently } from "../map-concurrently.ts";
import { unreached } from "../unreached.ts";
import { unreadFindings } from "../unread.ts";

/** Maximum number of integrations that are checked. */
const MOST = 64;

interface NamedIntegration {
  readonly file: string;
  readonly receiver: string;
  readonly integration: ConfiguredIntegration;
}

/** Results of health checks, by the key of the service. A promise is pending while its check runs. */
type HealthChecks = Map<string, Promise<HealthCheck>>;

/**
 * Checks that notifications could be sent, without sending one. Logs in to mail servers, and connects to other
 * services.
 */
export const receivers: Check = {
  name: "receivers",
  about:
    "whether mail servers accept the login, connections to webhooks and chats succeed, and Alertmanagers answer; no notification is sent",
  async run(context, early) {
    const { alertmanager, prometheus } = await context.configurations();
    const all = alertmanager.flatMap(integrationsOf);
    const healthChecks: HealthChecks = new Map();
    const findings = await mapConcurrently(
      sampleOf(all, MOST),
      (one) => integrationFinding(context, healthChecks, one),
      early,
    );
    const managers = await Promise.all(prometheus.map((one) => managersOf(context, one, early)));
    return [
      ...unreadFindings([...alertmanager, ...prometheus]),
      ...nobodyFindings(alertmanager),
      ...findings,
      ...managers.flat(),
    ];
  },
};

const integrationsOf = ({ file, verdict }: ReadConfiguration<AlertmanagerConfig>): readonly NamedIntegration[] =>
  (verdict.config?.receivers ?? []).flatMap(({ name, integrations }) =>
    integrations.map((integration) => ({ file, receiver: name, integration })),
  );

/** Reports configurations of Alertmanagers that do not notify any receiver. */
const nobodyFindings = (read: readonly ReadConfiguration<AlertmanagerConfig>[]): readonly Finding[] =>
  read
    .filter(({ verdict }) => verdict.config?.receivers.every(({ integrations }) => integrations.length === 0) === true)
    .map(({ file }) =>
      ok(
        `no receiver of ${file} sends notifications: alerts are shown only on the Alertmanager's page, see docs/alerts.md`,
      ),
    );

async function integrationFinding(
  context: DoctorContext,
  healthChecks: HealthChecks,
  { file, receiver, integration }: NamedIntegration,
): Promise<Finding> {
  const { kind, index, config } = integration;
  const name = `receiver ${JSON.stringify(receiver)}, ${kind.key}[${index}]`;
  try {
    if (kind.healthCheck !== undefined) {
      const { what, hint } = await healthCheckOf(context, healthChecks, integration);
      return hint === undefined ? ok(`${name}: ${what}`) : warning(`${name}: ${what}`, `in ${file}: ${hint}`);
    }
    const address = await addressOf(kind.kind, config);
    if (address === undefined)
      return ok(`${name}: not checked, because its address is known only when a notification is sent`);
    if (isProxied(context, address))
      return ok(`${name}: ${address.origin} was not checked, because the environment's proxy connects to it`);
    await connectTo(context, address);
    return ok(`${name}: the connection to ${address.origin} succeeds`);
  } catch (failure) {
    if (failure instanceof HealthCheckError)
      return error(`${name}: ${failure.message}`, mailHint(failure.message, file));
    if (failure instanceof ReachError) return error(`${name}: ${failure.message}`, failure.hint);
    if (failure instanceof Error && "code" in failure && "path" in failure) {
      return error(
        `${name}: ${readProblem(String(failure.path), failure)}`,
        `write the file, or name another one in ${file}`,
      );
    }
    throw failure;
  }
}

/**
 * Checks a service. Integrations with the same account share one result, because many failed logins would lock the
 * account.
 */
function healthCheckOf(
  context: DoctorContext,
  healthChecks: HealthChecks,
  { kind, config }: ConfiguredIntegration,
): Promise<HealthCheck> {
  const healthCheck = kind.healthCheck!;
  const key = `${kind.kind} ${healthCheck.keyOf(config)}`;
  const earlier = healthChecks.get(key);
  if (earlier !== undefined) return earlier;
  const signal = AbortSignal.timeout(context.timeoutMs);
  const answer = healthCheck.run(config, toolsOf(context), { signal, signsIn: context.signsIn });
  healthChecks.set(key, answer);
  return answer;
}

/**
 * Reports whether the environment sets a proxy for an address. NO_PROXY is not considered, because the HTTP client
 * applies it.
 */
const isProxied = ({ host }: DoctorContext, { client, isTls }: ServiceAddress): boolean => {
  const name = isTls ? "HTTPS_PROXY" : "HTTP_PROXY";
  return client?.proxyFromEnvironment === true && (host.env[name] ?? host.env[name.toLowerCase()] ?? "") !== "";
};

/**
 * Connects to the service. If there is a proxy, connects only to the proxy and does not check the service behind it.
 */
async function connectTo(
  { network, timeoutMs }: DoctorContext,
  { origin, host, port, isTls, client }: ServiceAddress,
): Promise<void> {
  const proxy = client?.proxyUrl ?? "";
  const address = proxy === "" ? { host, port, isTls } : proxyPlace(proxy);
  const tls = client?.tls ?? tlsSection.empty();
  try {
    await network.connect({ host: address.host, port: address.port, tls: address.isTls ? tls : undefined }, timeoutMs);
  } catch (failure) {
    if (!(failure instanceof ReachError)) throw failure;
    const what = proxy === "" ? origin : `the proxy of ${origin}, ${address.host}:${address.port},`;
    throw new ReachError(`no connection to ${what}: ${failure.message}`, failure.hint, { cause: failure });
  }
}

function proxyPlace(url: string): { readonly host: string; readonly port: number; readonly isTls: boolean } {
  const { hostname: host, port, protocol } = new URL(url);
  const isTls = protocol === "https:";
  return { host, port: port === "" ? (isTls ? 443 : 80) : Number(port), isTls };
}

const toolsOf = ({ clock, host }: DoctorContext): SenderTools => ({
  clock,
  userAgent: "narthex-doctor",
  hostname: hostname(),
  env: host.env,
  rateLimits: new RateLimits(clock),
});

function mailHint(message: string, file: string): string {
  if (/could not read/.test(message)) return "write the file, and let this user read it: chmod 600, chown";
  if (/does not advertise the STARTTLS/.test(message)) {
    return `set smarthost in ${file} to the port with TLS (587 or 465); smtp_require_tls: false sends without encryption`;
  }
  if (/unencrypted connection/.test(message)) return `set smtp_require_tls: true in ${file}, or a port with TLS`;
  if (/ auth: |\b535\b|find auth mechanism/.test(message)) {
    return `correct smtp_auth_username and the password in ${file}; some providers require a password for programs`;
  }
  return reachHint(message, "the mail server");
}

/** Returns the Alertmanagers to which the server's configuration sends alerts. */
async function managersOf(
  { network, subject, timeoutMs }: DoctorContext,
  { verdict }: ReadConfiguration<PrometheusConfig>,
  early: EarlyFinding | undefined,
): Promise<readonly Finding[]> {
  const managers = (verdict.config?.alerting.alertmanagers ?? []).flatMap(
    ({ scheme, pathPrefix, httpClient, staticConfigs }) =>
      staticConfigs.flatMap(({ targets }) =>
        targets.map((target) => ({
          url: `${scheme}://${target}${pathPrefix.replace(/\/$/, "")}/api/v2/status`,
          httpClient,
        })),
      ),
  );
  const managerFinding = async ({ url, httpClient }: (typeof managers)[number]): Promise<Finding> => {
    const name = `Alertmanager ${maskPassword(url.replace(/\/api\/v2\/status$/, ""))}`;
    try {
      const { status } = await network.get(url, { client: httpClient, timeoutMs, maxBytes: 1024 * 1024 });
      if (status === 200) return ok(`${name} answers`);
      return error(
        `${name} answers ${status}`,
        "correct the address, path_prefix or credentials under alerting: in prometheus.yml",
      );
    } catch (failure) {
      return unreached({ subject }, name, url, failure);
    }
  };
  return mapConcurrently(sampleOf(managers, MOST), managerFinding, early);
}
