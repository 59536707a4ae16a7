import { type DiscoveryConfig, foundJobReader, type GlobalConfig, redactUrl, type ScrapeConfig } from "@narthex/config";
import { createHttpClient, type Dialers, type HttpClientOptions } from "@narthex/http";
import { type Clock, type Logger, TimeSlice } from "@narthex/runtime";
import type { DiscoveryContext } from "../../../discoverer.ts";
import type { DiscoveryMetrics } from "../../../metrics.ts";
import { UpdateThrottle } from "../../../update-throttle.ts";
import { kubernetesDiscoverer } from "../kubernetes.ts";
import type { KubernetesDiscovery } from "../section.ts";
import { ObjectSource } from "../custom-objects/object-source.ts";
import { RunningSelections } from "../custom-objects/running-selections.ts";
import type { JobDraft, MonitorKind } from "./monitor.ts";
import { type ReadMonitor, readMonitor } from "./read-monitor.ts";
import { monitorKinds } from "./registry.ts";
import { type MonitorDiscovery, monitorDiscovery, monitorSection } from "./section.ts";
import { tlsProblem } from "./tls-problem.ts";

export interface MonitorStatus {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** API server or kubeconfig of the configuration entry that found the monitor. "" for the default cluster. */
  readonly cluster: string;
  /** `waiting`: a Secret or ConfigMap that the monitor refers to has not been read yet. */
  readonly state: "accepted" | "refused" | "waiting";
  /** Reason why the monitor is refused or waits, or "" if it is accepted. */
  readonly error: string;
  /** Names of the scrape jobs that were created from the monitor. */
  readonly jobs: readonly string[];
  /** Name of the rule file with the groups of a PrometheusRule, if it is accepted. */
  readonly ruleFile?: string;
}

/** Evaluates the rule groups of PrometheusRules. */
export interface RuleObjects {
  /** Checks a rule file. Resolves with its problems as sentences. */
  check(file: string, text: string): Promise<readonly string[]>;
  /** Receives all accepted rule files by name. Called only when a file has changed. */
  apply(files: ReadonlyMap<string, string>): Promise<void>;
}

export interface MonitorManagerOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: DiscoveryMetrics;
  /** Value of the User-Agent header: `Prometheus/<version>`. */
  readonly userAgent: string;
  /** Receives the scrape jobs of all monitors. Called only when a job has changed, and never concurrently. */
  readonly onJobs: (jobs: readonly ScrapeConfig[]) => Promise<void>;
  /** Undefined if the server evaluates no rules. A PrometheusRule is then refused. */
  readonly rules?: RuleObjects | undefined;
  /** Receives the states of all monitors each time they were checked. */
  readonly onStatus?: (monitors: readonly MonitorStatus[]) => void;
  readonly connect?: DiscoveryContext["connect"];
  readonly dialers?: Dialers;
}

type JobReader = ReturnType<typeof foundJobReader>;

interface Taken {
  readonly status: MonitorStatus;
  readonly jobs: readonly ScrapeConfig[];
  /** Text of the rule file of an accepted PrometheusRule. */
  readonly ruleFile?: string;
  /**
   * Input from which the monitor's jobs were decoded, including secrets. Undefined if the jobs must be decoded again.
   */
  readonly of?: { readonly text: string; readonly reader: JobReader; readonly config: MonitorDiscovery };
}

/** Interval in ms at which a scrape job is checked again if its TLS files could not be used. */
const RETRY_MS = 30_000;

/**
 * Creates scrape jobs from the monitors of prometheus-operator, and updates the jobs when objects in the cluster
 * change. Reports an invalid monitor and creates no jobs for it. Keeps the known jobs while the Kubernetes API cannot
 * be reached.
 */
export class MonitorManager {
  readonly #options: MonitorManagerOptions;
  readonly #logger: Logger;
  readonly #throttle: UpdateThrottle;
  #global: GlobalConfig | undefined;
  /** Decodes scrape jobs with the defaults of the current `global` section. */
  #reader: JobReader = () => ({ ok: false, problems: [] });
  /** Running entries of `kubernetes_monitor_configs`. */
  readonly #running: RunningSelections<MonitorDiscovery, MonitorKind>;
  /** Known monitors by cluster, kind and name, in the order of the configuration entries that found them. */
  #taken: ReadonlyMap<string, Taken> = new Map();
  /** Logged reasons why monitors are refused, by kind, name and cluster of the monitor. */
  #refusals: ReadonlyMap<string, string> = new Map();
  /** Scrape jobs that were last passed to onJobs. */
  #sent: readonly ScrapeConfig[] = [];
  /** Rule files that were last passed to `rules`. */
  #sentRules: ReadonlyMap<string, string> = new Map();
  #turn: Promise<void> = Promise.resolve();
  #cancelRetry: (() => void) | undefined;
  #stopped = false;

  constructor(options: MonitorManagerOptions) {
    this.#options = options;
    this.#logger = options.logger.child({ component: "kubernetes monitors" });
    this.#throttle = new UpdateThrottle(options.clock, () => this.#look());
    this.#running = new RunningSelections({
      codec: monitorSection,
      open: (config, signal) => this.#open(config, signal),
      onFailure: (err) => this.#logger.error("Monitors of Kubernetes cannot be read", { err }),
    });
  }

  /** State of each monitor at the last check. */
  get monitors(): readonly MonitorStatus[] {
    return [...this.#taken.values()].map(({ status }) => status);
  }

  /**
   * Replaces the entries of `kubernetes_monitor_configs`. Unchanged entries continue to run, unless they have failed.
   */
  apply(configs: readonly DiscoveryConfig[], global: GlobalConfig): void {
    const own = configs.filter(({ kind }) => kind === monitorDiscovery.key);
    this.#running.apply(own.map(({ config }) => config as MonitorDiscovery));
    if (this.#global !== global) this.#reader = foundJobReader(global);
    this.#global = global;
    this.#throttle.now();
  }

  /** Stops watching monitors. No callback is called after this. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#throttle.stop();
    this.#cancelRetry?.();
    this.#running.stop();
    await this.#turn;
  }

  #open(config: MonitorDiscovery, signal: AbortSignal): ObjectSource<MonitorKind> {
    const { clock, metrics, userAgent, connect = createHttpClient, dialers } = this.#options;
    const logger = this.#logger;
    const dials = dialers?.of("kubernetes_monitors");
    const context: DiscoveryContext = {
      clock,
      logger,
      metrics,
      userAgent,
      signal,
      connect: (to, options: HttpClientOptions = {}) => connect(to, { ...options, dials, logger }),
      set: monitorDiscovery.key,
    };
    return new ObjectSource({
      selection: config,
      kinds: config.kinds.map((name) => monitorKinds[name]),
      context,
      program: "server",
      ifMissing: "remove it from kinds",
      changed: () => this.#throttle.changed(),
    });
  }

  #look(): void {
    this.#turn = this.#turn
      .then(() => this.#handOn())
      .catch((error: unknown) => {
        this.#options.logger.error("Jobs of monitors could not be applied", { err: error });
      });
  }

  async #handOn(): Promise<void> {
    const running = this.#running.list;
    // Waits until all configuration entries have listed their monitors. Otherwise a reload would temporarily remove
    // jobs.
    if (this.#stopped || !running.every(({ source }) => source.isSettled)) return;
    const taken = new Map<string, Taken>();
    const slice = new TimeSlice(this.#options.clock);
    const first = running[0] && clusterOf(running[0].config);
    for (const { config, source } of running) {
      const cluster = clusterOf(config);
      for (const object of source.objects()) {
        const monitor = readMonitor(object, config);
        const id = idOf({ ...monitor, cluster });
        if (taken.has(id)) continue;
        const before = this.#taken.get(id);
        taken.set(id, await this.#take(monitor, config, cluster === first ? "" : cluster, before));
        await slice.yieldToEventLoop();
      }
    }
    if (this.#stopped) return;
    this.#taken = taken;
    this.#report(this.monitors);
    await this.#handOnRules(taken.values());
    const jobs = [...taken.values()].flatMap((one) => one.jobs);
    const isSame = jobs.length === this.#sent.length && jobs.every((job, i) => job === this.#sent[i]);
    if (isSame) return;
    await this.#options.onJobs(jobs);
    this.#sent = jobs;
  }

  async #handOnRules(taken: Iterable<Taken>): Promise<void> {
    const files = new Map<string, string>();
    for (const { status, ruleFile } of taken) if (ruleFile !== undefined) files.set(status.ruleFile!, ruleFile);
    const before = this.#sentRules;
    const isSame = files.size === before.size && [...files].every(([name, text]) => before.get(name) === text);
    if (isSame) return;
    await this.#options.rules?.apply(files);
    this.#sentRules = files;
  }

  /**
   * Decodes a monitor into scrape jobs, or into none if one of them is invalid. Reuses the previous jobs if nothing has
   * changed.
   */
  async #take(
    monitor: ReadMonitor,
    config: MonitorDiscovery,
    cluster: string,
    before: Taken | undefined,
  ): Promise<Taken> {
    const { kind, namespace, name, problem, waitsFor } = monitor;
    const named = { kind, namespace, name, cluster };
    const drafts = monitor.drafts.map((draft) => ({ ...draft, jobName: draft.jobName + atCluster(cluster) }));
    if (waitsFor !== "") {
      // Keeps the previous jobs of the monitor until all Secrets and ConfigMaps that it refers to have been read.
      const jobs = before?.jobs ?? [];
      return { status: { ...named, state: "waiting", error: waitsFor, jobs: namesOf(jobs) }, jobs };
    }
    const { ruleFile } = monitor;
    const [text, reader] = [problem === "" ? (ruleFile ?? JSON.stringify(drafts)) : problem, this.#reader];
    const isSame = before?.of?.text === text && before.of.reader === reader && before.of.config === config;
    if (isSame && before.status.cluster === cluster) return before;
    const jobs: ScrapeConfig[] = [];
    const problems = problem === "" ? [] : [problem];
    const file = `prometheusRule/${namespace}/${name}${atCluster(cluster)}`;
    if (ruleFile !== undefined) for (const fault of await this.#ruleProblems(file, ruleFile)) problems.push(fault);
    let isLasting = true;
    for (const draft of drafts) {
      const job = jobOf(draft, config, reader);
      const client = typeof job === "string" ? undefined : await this.#clientProblem(job);
      if (client !== undefined) isLasting = false;
      const wrong = typeof job === "string" ? job : client;
      if (wrong !== undefined) problems.push(draft.place === "" ? wrong : `${draft.place}: ${wrong}`);
      else jobs.push(job as ScrapeConfig);
    }
    const of = isLasting ? { text, reader, config } : undefined;
    if (problems.length > 0) {
      return {
        status: { ...named, state: "refused", error: problems.join("; "), jobs: [] },
        jobs: [],
        ...(of && { of }),
      };
    }
    const rules = ruleFile === undefined ? undefined : { name: file, text: ruleFile };
    return {
      status: { ...named, state: "accepted", error: "", jobs: namesOf(jobs), ...(rules && { ruleFile: rules.name }) },
      jobs,
      ...(rules && { ruleFile: rules.text }),
      ...(of && { of }),
    };
  }

  async #ruleProblems(file: string, text: string): Promise<readonly string[]> {
    const { rules } = this.#options;
    return rules === undefined ? ["this server evaluates no rules"] : rules.check(file, text);
  }

  /**
   * Returns the reason why the TLS settings of a job cannot be used, or undefined. The files may change, so a refused
   * job is checked again later.
   */
  async #clientProblem({ httpClient }: ScrapeConfig): Promise<string | undefined> {
    const problem = await tlsProblem(httpClient.tls);
    if (problem === undefined) return undefined;
    this.#cancelRetry ??= this.#options.clock.after(RETRY_MS, () => {
      this.#cancelRetry = undefined;
      this.#throttle.changed();
    });
    return problem;
  }

  #report(statuses: readonly MonitorStatus[]): void {
    const { logger, onStatus } = this.#options;
    const before = this.#refusals;
    const refusals = new Map<string, string>();
    for (const status of statuses) {
      const id = idOf(status);
      if (status.state === "refused") {
        refusals.set(id, status.error);
        if (before.get(id) !== status.error) logger.warn("Monitor is refused", { monitor: id, err: status.error });
      } else if (before.has(id)) logger.info("Monitor is no longer refused", { monitor: id });
    }
    this.#refusals = refusals;
    onStatus?.(statuses);
  }
}

const namesOf = (jobs: readonly ScrapeConfig[]): readonly string[] => jobs.map(({ jobName }) => jobName);

type MonitorName = Pick<MonitorStatus, "kind" | "namespace" | "name" | "cluster">;

const idOf = ({ kind, namespace, name, cluster }: MonitorName): string =>
  `${kind} ${namespace}/${name}${atCluster(cluster)}`;

const atCluster = (cluster: string): string => (cluster === "" ? "" : `@${cluster}`);

/** Returns a text that identifies the cluster of a `kubernetes_monitor_configs` entry. */
const clusterOf = ({ kubeconfigFile, apiServer }: MonitorDiscovery): string =>
  kubeconfigFile || (apiServer === undefined ? "in-cluster" : redactUrl(apiServer));

/** Returns the decoded scrape job, or the error message if the job is invalid. */
function jobOf(draft: JobDraft, config: MonitorDiscovery, reader: JobReader): ScrapeConfig | string {
  const { jobName, settings, targets } = draft;
  const loaded = reader({ job_name: jobName, ...settings });
  if (!loaded.ok) {
    return loaded.problems.map(({ message, hint }) => (hint === "" ? message : `${message} (${hint})`)).join("; ");
  }
  if (targets === undefined) return loaded.value;
  const { apiServer, kubeconfigFile, httpClient } = config;
  const discovery: KubernetesDiscovery = {
    apiServer,
    kubeconfigFile,
    httpClient,
    role: targets.role,
    namespaces: { own: false, names: targets.namespaces },
    selectors: targets.selectors,
    attach: targets.attach,
  };
  const { position } = loaded.value;
  return { ...loaded.value, discoveryConfigs: [{ kind: kubernetesDiscoverer.key, config: discovery, position }] };
}
